"""Twilio's error codes and what each means for a text (https://www.twilio.com/docs/api/errors)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from portal.domain.messages import Reason

# Codes that are about the number or the wording: another try would end the same way.
FINAL: Final[Mapping[str, Reason]] = MappingProxyType(
    {
        "21211": Reason.NOT_A_MOBILE,  # invalid "To" number
        "21614": Reason.NOT_A_MOBILE,  # "To" is not a mobile number
        "21610": Reason.OPTED_OUT,  # the person has sent STOP
        "21408": Reason.REGION_BLOCKED,  # no permission for the region
        "30003": Reason.UNREACHABLE,  # handset off or out of reach
        "30004": Reason.UNREACHABLE,  # message blocked
        "30005": Reason.UNREACHABLE,  # unknown handset
        "30006": Reason.UNREACHABLE,  # landline or unreachable carrier
        "30007": Reason.CARRIER_REFUSED,  # filtered by the carrier
        "30008": Reason.UNREACHABLE,  # unknown error at the carrier
    }
)
# Codes by which Twilio says that it did not take the text and may do so later.
BUSY: Final = frozenset({"20429", "14107", "21611", "30001", "30022"})
# 401 is our own mistake in the settings, not the text's: it waits until somebody has mended it.
LATER_STATUSES: Final = frozenset({401, 429})


def final_reason(code: str) -> Reason:
    """Why a text that Twilio gave up did not arrive; a code without a line here is the provider's refusal."""
    return FINAL.get(code, Reason.PROVIDER_REFUSED)
