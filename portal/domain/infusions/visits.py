"""Visits: their day and their window."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.domain.protocol import VisitPlan


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """A visit and the first and last day on which it counts as in time."""

    code: str
    on: date
    from_on: date
    until_on: date


def planned_visits(
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
