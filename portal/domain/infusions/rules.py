"""Which rules of the plan a set of dates breaks."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.domain.protocol import InfusionPlan


class PlanRule(StrEnum):
    """``OFF_PATTERN``: planned further than the window from what was proposed; ``WINDOW`` counts from the plan.

    ``CELLS``: as counted, further from the dose than the protocol tolerates.
    """

    COUNT = "count"
    FIRST_LATE = "first-late"
    SPACING = "spacing"
    TOO_MANY_A_WEEK = "too-many-a-week"
    WINDOW = "window"
    HOLIDAY = "holiday"
    OFF_PATTERN = "off-pattern"
    CELLS = "cells"


@dataclass(frozen=True, slots=True, order=True)
class BrokenRule:
    """A rule of the plan that dates break. ``number`` is the infusion's, from 1; 0 where it is the plan as a whole."""

    number: int
    rule: PlanRule


def broken_rules(
    dates: Sequence[date],
    plan: InfusionPlan,
    *,
    enrolled_on: date,
    first_within_days: int,
    holidays: Collection[date] = frozenset(),
    original: Sequence[date] = (),
) -> tuple[BrokenRule, ...]:
    """Every rule that the dates, soonest first, break. ``original``: the first plan, from which the window counts."""
    found = {BrokenRule(0, PlanRule.COUNT)} if len(dates) != plan.count else set()
    if dates and not 0 <= (dates[0] - enrolled_on).days <= first_within_days:
        found.add(BrokenRule(1, PlanRule.FIRST_LATE))
    weeks: Counter[date] = Counter()
    for number, day in enumerate(dates, 1):
        weeks[week_of(day)] += 1
        if number > 1 and (day - dates[number - 2]).days < plan.spacing_days:
            found.add(BrokenRule(number, PlanRule.SPACING))
        if weeks[week_of(day)] > plan.per_week:
            found.add(BrokenRule(number, PlanRule.TOO_MANY_A_WEEK))
        if day in holidays:
            found.add(BrokenRule(number, PlanRule.HOLIDAY))
    found |= {
        BrokenRule(number, PlanRule.WINDOW)
        for number, (day, first) in enumerate(zip(dates, original, strict=False), 1)
        if abs((day - first).days) > plan.window_days
    }
    return tuple(sorted(found))


def find_off_pattern(dates: Sequence[date], proposed: Sequence[date], plan: InfusionPlan) -> tuple[BrokenRule, ...]:
    """Each date further than the plan's window from the one proposed for it."""
    return tuple(
        BrokenRule(number, PlanRule.OFF_PATTERN)
        for number, (day, slot) in enumerate(zip(dates, proposed, strict=True), 1)
        if abs((day - slot).days) > plan.window_days
    )


def week_of(day: date) -> date:
    """The Monday of a day's calendar week."""
    return day - timedelta(days=day.weekday())
