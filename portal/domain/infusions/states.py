"""What may become of an infusion, as a table."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.domain.errors import Conflict
from portal.domain.msgid import N_


class State(StrEnum):
    """A moved infusion is ``planned`` again: that it was moved shows in its original date."""

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    GIVEN = "given"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """``REPLAN`` is for what was cancelled because its participant had left, and has come back.

    ``CORRECT`` and ``TAKE_BACK`` are for a slip in what was recorded; the history keeps what stood there.
    """

    CONFIRM = "confirm"
    GIVE = "give"
    HOLD = "hold"
    MISS = "miss"
    MOVE = "move"
    CANCEL = "cancel"
    REPLAN = "replan"
    CORRECT = "correct"
    TAKE_BACK = "take-back"


TRANSITIONS: Final = MappingProxyType(
    {
        (State.PLANNED, Step.CONFIRM): State.CONFIRMED,
        (State.PLANNED, Step.GIVE): State.GIVEN,
        (State.PLANNED, Step.HOLD): State.HELD,
        (State.PLANNED, Step.MISS): State.MISSED,
        (State.PLANNED, Step.MOVE): State.PLANNED,
        (State.PLANNED, Step.CANCEL): State.CANCELLED,
        (State.CONFIRMED, Step.GIVE): State.GIVEN,
        (State.CONFIRMED, Step.HOLD): State.HELD,
        (State.CONFIRMED, Step.MISS): State.MISSED,
        (State.CONFIRMED, Step.MOVE): State.PLANNED,
        (State.CONFIRMED, Step.CANCEL): State.CANCELLED,
        (State.HELD, Step.MOVE): State.PLANNED,
        (State.HELD, Step.CANCEL): State.CANCELLED,
        (State.CANCELLED, Step.REPLAN): State.PLANNED,
        (State.GIVEN, Step.CORRECT): State.GIVEN,
        (State.GIVEN, Step.TAKE_BACK): State.PLANNED,
        (State.MISSED, Step.TAKE_BACK): State.PLANNED,
    }
)
AHEAD: Final = frozenset({State.PLANNED, State.CONFIRMED})
UNSETTLED: Final = AHEAD | {State.HELD}


def can(state: str, step: Step) -> bool:
    return (state, step) in TRANSITIONS


def after(state: str, step: Step) -> State:
    """The state that a step leads to; ``Conflict`` where it cannot be taken."""
    if not can(state, step):
        raise Conflict(N_("This infusion can no longer be changed in that way."))
    return TRANSITIONS[State(state), step]
