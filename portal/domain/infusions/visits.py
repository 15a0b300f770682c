"""Visits: their day, their window, and what may become of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.domain.errors import Conflict
from portal.domain.msgid import N_
from portal.domain.protocol import VisitPlan


class VisitState(StrEnum):
    PLANNED = "planned"
    ATTENDED = "attended"
    MISSED = "missed"
    CANCELLED = "cancelled"


class VisitStep(StrEnum):
    ATTEND = "attend"
    MISS = "miss"
    MOVE = "move"
    CANCEL = "cancel"
    REPLAN = "replan"
    TAKE_BACK = "take-back"


VISIT_TRANSITIONS: Final = MappingProxyType(
    {
        (VisitState.PLANNED, VisitStep.ATTEND): VisitState.ATTENDED,
        (VisitState.PLANNED, VisitStep.MISS): VisitState.MISSED,
        (VisitState.PLANNED, VisitStep.MOVE): VisitState.PLANNED,
        (VisitState.PLANNED, VisitStep.CANCEL): VisitState.CANCELLED,
        (VisitState.CANCELLED, VisitStep.REPLAN): VisitState.PLANNED,
        (VisitState.ATTENDED, VisitStep.TAKE_BACK): VisitState.PLANNED,
        (VisitState.MISSED, VisitStep.TAKE_BACK): VisitState.PLANNED,
    }
)


def is_visit_step_possible(state: str, step: VisitStep) -> bool:
    return (state, step) in VISIT_TRANSITIONS


def next_visit_state(state: str, step: VisitStep) -> VisitState:
    """The state that a step leads to; ``Conflict`` where it cannot be taken."""
    if not is_visit_step_possible(state, step):
        raise Conflict(N_("This visit has been recorded already."))
    return VISIT_TRANSITIONS[VisitState(state), step]


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit and the first and last day on which it counts as in time."""

    code: str
    on: date
    from_on: date
    until_on: date


def plan_visit_days(
    visits: Sequence[VisitPlan], *, transplant_on: date, closed: Collection[date] = frozenset()
) -> tuple[PlannedVisit, ...]:
    """Each visit on its study day, or on the nearest day of its window that is neither closed nor a weekend."""
    return tuple(_planned_visit(visit, transplant_on, closed) for visit in visits)


def _planned_visit(visit: VisitPlan, transplant_on: date, closed: Collection[date]) -> PlannedVisit:
    target = transplant_on + timedelta(days=visit.study_day)
    window = [target + timedelta(days=offset) for offset in range(-visit.window_days, visit.window_days + 1)]
    by_nearness = sorted(window, key=lambda day: (abs((day - target).days), day))
    on = next((day for day in by_nearness if day.isoweekday() < 6 and day not in closed), target)
    return PlannedVisit(code=visit.code, on=on, from_on=window[0], until_on=window[-1])
