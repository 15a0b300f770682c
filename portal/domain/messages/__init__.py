"""Texts: which kinds there are, when they may go, what they may say, and how a row of the ledger may move."""

from portal.domain.messages import ledger
from portal.domain.messages.deciding import Facts, Go, Stay, Wait, decide
from portal.domain.messages.inbound import Inbound, heard_from
from portal.domain.messages.kinds import INFUSION_KINDS, KINDS, Kind, Traits, within_cap
from portal.domain.messages.ledger import Line
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
    "INFUSION_KINDS",
    "KINDS",
    "OPEN",
    "PROVIDER_STATUSES",
    "REVIVABLE",
    "TRANSITIONS",
    "Destination",
    "Facts",
    "Go",
    "Inbound",
    "Kind",
    "Line",
    "Pace",
    "Reason",
    "Segments",
    "State",
    "Stay",
    "Template",
    "Traits",
    "Wait",
    "Window",
    "advance",
    "can_become",
    "decide",
    "diary_window",
    "end_of_quiet",
    "evening_window",
    "faults",
    "heard_from",
    "instant",
    "is_quiet",
    "ledger",
    "morning_window",
    "retry_after",
    "segments",
    "within_cap",
]
