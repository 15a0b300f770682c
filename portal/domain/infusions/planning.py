"""Proposing the days of a plan, and moving one. Weekdays are ISO numbers, as in the protocol: Monday 1 to Sunday 7."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from portal.domain.errors import Invalid
from portal.domain.infusions.rules import week_of
from portal.domain.protocol import InfusionPlan

MONDAY_AND_THURSDAY: Final = (1, 4)


def propose(
    plan: InfusionPlan,
    *,
    enrolled_on: date,
    first_within_days: int,
    weekdays: Sequence[int] = MONDAY_AND_THURSDAY,
    holidays: Collection[date] = frozenset(),
) -> tuple[date, ...]:
    """``plan.count`` days on the weekdays, kept off holidays by up to the plan's window, else put off to the next.

    The first is within ``first_within_days`` of enrolment wherever a day that is no holiday allows it, if need be on
    another weekday. ``Invalid`` for weekdays that cannot hold the plan's number a week or its spacing.
    """
    check_weekdays(plan, weekdays)
    limit = enrolled_on + timedelta(days=first_within_days)
    chosen: list[date] = []
    for slot in _slots(enrolled_on, weekdays):
        if not chosen and slot > limit:
            chosen.append(_first_open_day(enrolled_on, holidays))
        day = _near(slot, chosen, plan, enrolled_on, holidays)
        if day is not None and (chosen or day <= limit):
            chosen.append(day)
        if len(chosen) >= plan.count:
            break
    return tuple(chosen)


def check_weekdays(plan: InfusionPlan, weekdays: Sequence[int]) -> None:
    """The weekdays must be as many as the plan has a week, and far enough apart, also across the weekend."""
    ordered = sorted(set(weekdays))
    gaps = [(later - earlier) % 7 or 7 for earlier, later in pairwise([*ordered, *ordered[:1]])]
    fits = len(ordered) == len(weekdays) == plan.per_week and all(1 <= day <= 7 for day in ordered)
    if not fits or min(gaps) < plan.spacing_days:
        raise Invalid(problems={"weekdays": "These weekdays do not fit the number a week and the spacing."})


def moved(
    dates: Sequence[date],
    place: int,
    to: date,
    plan: InfusionPlan,
    *,
    holidays: Collection[date] = frozenset(),
) -> tuple[date, ...]:
    """The dates after the one at ``place`` (from 0) goes to ``to``: later ones yield only as far as they must."""
    result = [*dates[:place], to]
    for day in dates[place + 1 :]:
        result.append(_next_fitting(day, result, plan, holidays))
    return tuple(result)


def _slots(start: date, weekdays: Collection[int]) -> Iterator[date]:
    day = start
    while True:
        if day.isoweekday() in weekdays:
            yield day
        day += timedelta(days=1)


def _near(
    slot: date, before: Sequence[date], plan: InfusionPlan, earliest: date, holidays: Collection[date]
) -> date | None:
    """The slot itself, or else the nearest day of its window, later days first; None where none fits."""
    for offset in sorted(range(-plan.window_days, plan.window_days + 1), key=lambda days: (abs(days), -days)):
        day = slot + timedelta(days=offset)
        if day >= earliest and _fits(day, before, plan, holidays):
            return day
    return None


def _next_fitting(day: date, before: Sequence[date], plan: InfusionPlan, holidays: Collection[date]) -> date:
    while not _fits(day, before, plan, holidays):
        day += timedelta(days=1)
    return day


def _fits(day: date, before: Sequence[date], plan: InfusionPlan, holidays: Collection[date]) -> bool:
    spaced = not before or (day - before[-1]).days >= plan.spacing_days
    same_week = sum(week_of(other) == week_of(day) for other in before)
    return spaced and same_week < plan.per_week and day not in holidays


def _first_open_day(start: date, holidays: Collection[date]) -> date:
    while start in holidays:
        start += timedelta(days=1)
    return start
