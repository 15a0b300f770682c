"""The reason for an act: every change of a record wants one, and it is asked for in one way."""

from typing import Final

from portal.domain.errors import Invalid
from portal.domain.msgid import N_

GIVE_THE_REASON: Final = N_("Please give the reason.")
AT_MOST: Final = N_("At most %(number)s characters.")
LONGEST: Final = 2000


def reason_of(text: str, *, field: str = "reason", longest: int = LONGEST) -> str:
    """The reason as it is kept. ``Invalid`` at ``field`` for none, or for one that is too long."""
    reason = text.strip()
    if not reason:
        raise Invalid(problems={field: GIVE_THE_REASON})
    if len(reason) > longest:
        raise Invalid(problems={field: AT_MOST}, number=f"{longest:,}")
    return reason
