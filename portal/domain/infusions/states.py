"""What may become of an infusion, as a table."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.domain.errors import Conflict
from portal.domain.msgid import N_


class InfusionState(StrEnum):
    """A moved infusion is ``planned`` again: that it was moved shows in its original date."""

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    GIVEN = "given"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


class InfusionStep(StrEnum):
    """``REPLAN`` is for what was cancelled because its participant had left, and has come back.

    ``CORRECT`` and ``TAKE_BACK`` are for a wrong record; the history keeps what was recorded.
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
        (InfusionState.PLANNED, InfusionStep.CONFIRM): InfusionState.CONFIRMED,
        (InfusionState.PLANNED, InfusionStep.GIVE): InfusionState.GIVEN,
        (InfusionState.PLANNED, InfusionStep.HOLD): InfusionState.HELD,
        (InfusionState.PLANNED, InfusionStep.MISS): InfusionState.MISSED,
        (InfusionState.PLANNED, InfusionStep.MOVE): InfusionState.PLANNED,
        (InfusionState.PLANNED, InfusionStep.CANCEL): InfusionState.CANCELLED,
        (InfusionState.CONFIRMED, InfusionStep.GIVE): InfusionState.GIVEN,
        (InfusionState.CONFIRMED, InfusionStep.HOLD): InfusionState.HELD,
        (InfusionState.CONFIRMED, InfusionStep.MISS): InfusionState.MISSED,
        (InfusionState.CONFIRMED, InfusionStep.MOVE): InfusionState.PLANNED,
        (InfusionState.CONFIRMED, InfusionStep.CANCEL): InfusionState.CANCELLED,
        (InfusionState.HELD, InfusionStep.MOVE): InfusionState.PLANNED,
        (InfusionState.HELD, InfusionStep.CANCEL): InfusionState.CANCELLED,
        (InfusionState.CANCELLED, InfusionStep.REPLAN): InfusionState.PLANNED,
        (InfusionState.GIVEN, InfusionStep.CORRECT): InfusionState.GIVEN,
        (InfusionState.GIVEN, InfusionStep.TAKE_BACK): InfusionState.PLANNED,
        (InfusionState.MISSED, InfusionStep.TAKE_BACK): InfusionState.PLANNED,
    }
)
AHEAD: Final = frozenset({InfusionState.PLANNED, InfusionState.CONFIRMED})
UNSETTLED: Final = AHEAD | {InfusionState.HELD}


def is_possible(state: str, step: InfusionStep) -> bool:
    return (state, step) in TRANSITIONS


def next_state(state: str, step: InfusionStep) -> InfusionState:
    """The state that a step leads to; ``Conflict`` where it cannot be taken."""
    if not is_possible(state, step):
        raise Conflict(N_("This infusion can no longer be changed in that way."))
    return TRANSITIONS[InfusionState(state), step]
