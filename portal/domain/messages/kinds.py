"""The kinds of text and what sets them apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    DIARY_REMINDER = "diary-reminder"
    INFUSION_EVENING = "infusion-evening"
    INFUSION_MORNING = "infusion-morning"
    STAFF_ALERT = "staff-alert"


INFUSION_KINDS: Final = frozenset({Kind.INFUSION_EVENING, Kind.INFUSION_MORNING})


@dataclass(frozen=True, slots=True)
class Traits:
    """``priority`` 0 goes first. ``capped``: it counts towards the day's limit of texts to one participant."""

    priority: int
    capped: bool
    ignores_quiet_hours: bool = False


KINDS: Final[Mapping[Kind, Traits]] = MappingProxyType(
    {
        Kind.STAFF_ALERT: Traits(priority=0, capped=False, ignores_quiet_hours=True),
        Kind.INFUSION_EVENING: Traits(priority=1, capped=True),
        Kind.INFUSION_MORNING: Traits(priority=1, capped=True),
        Kind.DIARY_REMINDER: Traits(priority=2, capped=True),
    }
)


def within_cap(kind: Kind, *, handed_over: Iterable[Kind], still_planned: Iterable[Kind], cap: int) -> bool:
    """Whether one more text of this kind fits a participant's local day.

    What went today counts, and so does what is still to go today and matters more.
    """
    if not KINDS[kind].capped:
        return True
    gone = sum(KINDS[other].capped for other in handed_over)
    ahead = sum(KINDS[other].capped and KINDS[other].priority < KINDS[kind].priority for other in still_planned)
    return gone + ahead < cap
