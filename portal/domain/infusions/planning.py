"""Proposing the days of a plan, and moving one. Weekdays are ISO numbers, as in the protocol: Monday 1 to Sunday 7."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Final

from portal.domain.errors import Invalid
from portal.domain.infusions.rules import week_of
from portal.domain.msgid import N_
from portal.domain.protocol import InfusionPlan

MONDAY_AND_THURSDAY: Final = (1, 4)


def propose_dates(
    plan: InfusionPlan,
    *,
    enrolled_on: date,
    first_within_days: int,
    weekdays: Sequence[int] = MONDAY_AND_THURSDAY,
    holidays: Collection[date] = frozenset(),
    not_before: date | None = None,
    given: Sequence[date] = (),
    count: int | None = None,
) -> tuple[date, ...]:
    """``count`` days (the plan's) on the weekdays, kept off holidays by up to the window, else put off to the next.

    The first is within ``first_within_days`` of enrolment wherever a day that is no holiday allows it, if need be on
    another weekday. Nothing is proposed before ``not_before``, and all keeps its distance from the days already
    ``given``. ``Invalid`` for weekdays that cannot hold the plan's number a week or its spacing.
    """
    check_weekdays(plan, weekdays)
    start = max(enrolled_on, not_before or enrolled_on)
    limit = enrolled_on + timedelta(days=first_within_days)
    chosen, wanted = sorted(given), len(given) + (plan.count if count is None else count)
    for slot in _slots(start, weekdays):
        if len(chosen) >= wanted:
            break
        if not chosen and slot > limit:
            chosen.append(_first_open_day(start, holidays))
        day = _near(slot, chosen, plan, start, holidays)
        if day is not None and (chosen or day <= limit):
            chosen.append(day)
    return tuple(chosen[len(given) : wanted])


def list_weekday_patterns(plan: InfusionPlan, *, working: Collection[int]) -> tuple[tuple[int, ...], ...]:
    """Every set of weekdays that holds the plan's number a week and its spacing; those of working days first."""
    fitting = [days for days in combinations(range(1, 8), plan.per_week) if _weekdays_fit(plan, days)]
    return tuple(sorted(fitting, key=lambda days: (not set(days) <= set(working), days)))


def check_weekdays(plan: InfusionPlan, weekdays: Sequence[int]) -> None:
    """The weekdays must be as many as the plan has a week, and far enough apart, also across the weekend."""
    if not _weekdays_fit(plan, weekdays):
        raise Invalid(problems={"weekdays": N_("These weekdays do not fit the number a week and the spacing.")})


def _weekdays_fit(plan: InfusionPlan, weekdays: Sequence[int]) -> bool:
    ordered = sorted(set(weekdays))
    gaps = [(later - earlier) % 7 or 7 for earlier, later in pairwise([*ordered, *ordered[:1]])]
    fits = len(ordered) == len(weekdays) == plan.per_week and all(1 <= day <= 7 for day in ordered)
    return fits and min(gaps) >= plan.spacing_days


def dates_after_move(
    dates: Sequence[date],
    place: int,
    to: date,
    plan: InfusionPlan,
    *,
    holidays: Collection[date] = frozenset(),
) -> tuple[date, ...]:
    """The dates after the one at ``place`` (from 0) moves to ``to``: later ones move only as far as they must.

    Dates before ``place`` stay, and need not be in order: an infusion put off may come after its successor.
    """
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
    in_order = not before or day > before[-1]
    spaced = in_order and all(abs((day - other).days) >= plan.spacing_days for other in before)
    same_week = sum(week_of(other) == week_of(day) for other in before)
    return spaced and same_week < plan.per_week and day not in holidays


def _first_open_day(start: date, holidays: Collection[date]) -> date:
    while start in holidays:
        start += timedelta(days=1)
    return start
