"""Twilio's error codes and what each means for a text (https://www.twilio.com/docs/api/errors)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from portal.domain.messages import MessageReason

# Codes that are about the number or the wording: another try would end the same way.
FINAL: Final[Mapping[str, MessageReason]] = MappingProxyType(
    {
        "21211": MessageReason.NOT_A_MOBILE,  # invalid "To" number
        "21614": MessageReason.NOT_A_MOBILE,  # "To" is not a mobile number
        "21610": MessageReason.OPTED_OUT,  # the person has sent STOP
        "21408": MessageReason.REGION_BLOCKED,  # no permission for the region
        "30003": MessageReason.UNREACHABLE,  # handset off or out of reach
        "30004": MessageReason.UNREACHABLE,  # message blocked
        "30005": MessageReason.UNREACHABLE,  # unknown handset
        "30006": MessageReason.UNREACHABLE,  # landline or unreachable carrier
        "30007": MessageReason.CARRIER_REFUSED,  # filtered by the carrier
        "30008": MessageReason.UNREACHABLE,  # unknown error at the carrier
    }
)
# Codes by which Twilio says that it did not take the text and may do so later.
BUSY: Final = frozenset({"20429", "14107", "21611", "30001", "30022"})
# 401 is our own mistake in the settings, not the text's: it waits until somebody has mended it.
LATER_STATUSES: Final = frozenset({401, 429})


def final_reason(code: str) -> MessageReason:
    """Why a text that Twilio gave up did not arrive; a code without a line here is the provider's refusal."""
    return FINAL.get(code, MessageReason.PROVIDER_REFUSED)
