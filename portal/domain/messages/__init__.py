"""Texts: which kinds there are, when they may go, what they may say, and how a row of the ledger may move."""

from portal.domain.messages.kinds import KINDS, Kind, Traits, within_cap
from portal.domain.messages.states import (
    HANDED_OVER,
    OPEN,
    PROVIDER_STATUSES,
    REVIVABLE,
    TRANSITIONS,
    Reason,
    State,
    advance,
    can_become,
)
from portal.domain.messages.timing import (
    Pace,
    Window,
    diary_window,
    end_of_quiet,
    evening_window,
    instant,
    is_quiet,
    morning_window,
    retry_after,
)
from portal.domain.messages.wording import (
    FORBIDDEN_WORDS,
    Destination,
    Segments,
    Template,
    faults,
    segments,
)

__all__ = [
    "FORBIDDEN_WORDS",
    "HANDED_OVER",
    "KINDS",
    "OPEN",
    "PROVIDER_STATUSES",
    "REVIVABLE",
    "TRANSITIONS",
    "Destination",
    "Kind",
    "Pace",
    "Reason",
    "Segments",
    "State",
    "Template",
    "Traits",
    "Window",
    "advance",
    "can_become",
    "diary_window",
    "end_of_quiet",
    "evening_window",
    "faults",
    "instant",
    "is_quiet",
    "morning_window",
    "retry_after",
    "segments",
    "within_cap",
]
