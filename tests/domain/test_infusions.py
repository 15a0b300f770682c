"""The plan's days, moving them, the table of states, the dose and the visits."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import protocols
from portal.domain import infusions
from portal.domain.errors import Conflict, Invalid
from portal.domain.infusions import TRANSITIONS, BrokenRule, InfusionState, InfusionStep, PlanRule

PROTOCOL = protocols.load_protocol()
PLAN = PROTOCOL.infusions
WITHIN = PROTOCOL.eligibility.first_treatment_within_days
MONDAY = date(2026, 11, 23)
THURSDAY = date(2026, 11, 26)

days = st.dates(date(2025, 6, 1), date(2028, 1, 1))
patterns = st.sampled_from([(1, 4), (2, 5), (1, 5), (3, 6), (4, 7), (4, 1)])
holidays = st.lists(st.integers(0, 60), max_size=25)


def proposed(enrolled_on: date = MONDAY, **changes: object) -> tuple[date, ...]:
    return infusions.propose_dates(PLAN, enrolled_on=enrolled_on, first_within_days=WITHIN, **changes)  # type: ignore[arg-type]


def broken(dates: tuple[date, ...], enrolled_on: date = MONDAY, **changes: object) -> set[BrokenRule]:
    found = infusions.broken_rules(
        dates,
        PLAN,
        enrolled_on=enrolled_on,
        first_within_days=WITHIN,
        **changes,  # type: ignore[arg-type]
    )
    return set(found)


def test_the_plan_is_eight_infusions_on_mondays_and_thursdays() -> None:
    assert proposed()[:3] == (MONDAY, THURSDAY, MONDAY + timedelta(days=7))
    assert len(proposed()) == 8


@pytest.mark.parametrize("weekday", range(7))
def test_whatever_the_day_of_enrolment_the_first_infusion_is_in_time(weekday: int) -> None:
    enrolled_on = MONDAY + timedelta(days=weekday)
    assert 0 <= (proposed(enrolled_on)[0] - enrolled_on).days <= WITHIN


def test_a_holiday_puts_an_infusion_off_by_one_day() -> None:
    assert proposed(holidays={THURSDAY})[1] == THURSDAY + timedelta(days=1)


def test_when_the_whole_pattern_is_a_holiday_the_first_infusion_takes_another_weekday() -> None:
    closed = {MONDAY + timedelta(days=offset) for offset in (2, 3, 4)}
    assert proposed(MONDAY + timedelta(days=1), holidays=closed)[0] == MONDAY + timedelta(days=1)


def test_when_every_day_is_a_holiday_the_late_first_infusion_is_named() -> None:
    closed = {MONDAY + timedelta(days=offset) for offset in range(9)}
    assert BrokenRule(1, PlanRule.FIRST_LATE) in broken(proposed(holidays=closed))


@given(days, patterns, holidays)
def test_a_proposed_plan_breaks_no_rule_that_the_calendar_lets_it_keep(
    enrolled_on: date, weekdays: tuple[int, int], offsets: list[int]
) -> None:
    closed = {enrolled_on + timedelta(days=offset) for offset in offsets}
    open_in_time = any(enrolled_on + timedelta(days=offset) not in closed for offset in range(WITHIN + 1))
    found = broken(proposed(enrolled_on, weekdays=weekdays, holidays=closed), enrolled_on, holidays=closed)
    assert found == (set() if open_in_time else {BrokenRule(1, PlanRule.FIRST_LATE)})


@given(days, patterns, holidays, st.integers(0, 7), st.integers(-1, 9))
def test_after_a_move_the_later_ones_keep_spacing_week_and_holidays(
    enrolled_on: date, weekdays: tuple[int, int], offsets: list[int], place: int, by: int
) -> None:
    closed = {enrolled_on + timedelta(days=offset) for offset in offsets}
    dates = proposed(enrolled_on, weekdays=weekdays, holidays=closed)
    result = infusions.dates_after_move(dates, place, dates[place] + timedelta(days=by), PLAN, holidays=closed)
    later = {rule for number, rule in _pairs(result, enrolled_on, closed) if number > place + 1}
    assert result[:place] == dates[:place]
    assert later == set()


def _pairs(dates: tuple[date, ...], enrolled_on: date, closed: set[date]) -> list[tuple[int, PlanRule]]:
    return [(one.number, one.rule) for one in broken(dates, enrolled_on, holidays=closed)]


def test_a_move_by_one_day_shifts_only_what_must_yield() -> None:
    before = proposed()
    after = infusions.dates_after_move(before, 2, before[2] + timedelta(days=1), PLAN)
    changed = [number for number, (old, new) in enumerate(zip(before, after, strict=True), 1) if old != new]
    assert changed == [3, 4]
    assert all((later - earlier).days >= PLAN.spacing_days for earlier, later in pairwise(after))


@pytest.mark.parametrize(
    ("shift", "found"),
    [
        ({1: -1}, {BrokenRule(2, PlanRule.SPACING)}),
        ({1: 2}, {BrokenRule(3, PlanRule.SPACING), BrokenRule(2, PlanRule.WINDOW)}),
        ({2: 1}, {BrokenRule(4, PlanRule.SPACING)}),
        ({0: 1}, {BrokenRule(2, PlanRule.SPACING)}),
        ({7: 1}, set()),
        ({7: 2}, {BrokenRule(8, PlanRule.WINDOW)}),
    ],
)
def test_a_shift_by_hand_names_every_rule_it_breaks(shift: dict[int, int], found: set[BrokenRule]) -> None:
    plan = proposed()
    dates = tuple(day + timedelta(days=shift.get(place, 0)) for place, day in enumerate(plan))
    assert broken(dates, original=plan) == found


def test_a_third_infusion_in_a_week_is_named() -> None:
    dates = (MONDAY, MONDAY + timedelta(days=3), MONDAY + timedelta(days=6), *proposed()[3:])
    assert BrokenRule(3, PlanRule.TOO_MANY_A_WEEK) in broken(dates)


def test_a_missing_infusion_is_a_fault_of_the_whole_plan() -> None:
    assert broken(proposed()[:7]) == {BrokenRule(0, PlanRule.COUNT)}


@pytest.mark.parametrize(("late_by", "is_broken"), [(WITHIN, False), (WITHIN + 1, True)])
def test_the_fifth_day_is_in_time_and_the_sixth_a_deviation(late_by: int, is_broken: bool) -> None:
    enrolled_on = proposed()[0] - timedelta(days=late_by)
    assert (BrokenRule(1, PlanRule.FIRST_LATE) in broken(proposed(), enrolled_on)) is is_broken


@pytest.mark.parametrize("weekdays", [(1,), (1, 2), (1, 1), (1, 3, 5), (0, 4), (7, 1)])
def test_weekdays_that_cannot_hold_the_plan_are_refused(weekdays: tuple[int, ...]) -> None:
    with pytest.raises(Invalid):
        proposed(weekdays=weekdays)


ALLOWED = {
    InfusionState.PLANNED: {
        InfusionStep.CONFIRM,
        InfusionStep.GIVE,
        InfusionStep.HOLD,
        InfusionStep.MISS,
        InfusionStep.MOVE,
        InfusionStep.CANCEL,
    },
    InfusionState.CONFIRMED: {
        InfusionStep.GIVE,
        InfusionStep.HOLD,
        InfusionStep.MISS,
        InfusionStep.MOVE,
        InfusionStep.CANCEL,
    },
    InfusionState.HELD: {InfusionStep.MOVE, InfusionStep.CANCEL},
    InfusionState.GIVEN: {InfusionStep.CORRECT, InfusionStep.TAKE_BACK},
    InfusionState.MISSED: {InfusionStep.TAKE_BACK},
    InfusionState.CANCELLED: {InfusionStep.REPLAN},
}


@pytest.mark.parametrize("state", InfusionState)
@pytest.mark.parametrize("step", InfusionStep)
def test_every_state_allows_its_steps_and_no_other(state: InfusionState, step: InfusionStep) -> None:
    assert infusions.is_possible(state, step) is (step in ALLOWED[state])


def test_a_step_that_is_not_allowed_says_so() -> None:
    with pytest.raises(Conflict):
        infusions.next_state("given", InfusionStep.CANCEL)


def test_every_step_leads_to_one_state_whatever_it_came_from() -> None:
    assert {step: state for (_, step), state in TRANSITIONS.items()} == {
        InfusionStep.CONFIRM: InfusionState.CONFIRMED,
        InfusionStep.GIVE: InfusionState.GIVEN,
        InfusionStep.HOLD: InfusionState.HELD,
        InfusionStep.MISS: InfusionState.MISSED,
        InfusionStep.MOVE: InfusionState.PLANNED,
        InfusionStep.CANCEL: InfusionState.CANCELLED,
        InfusionStep.REPLAN: InfusionState.PLANNED,
        InfusionStep.CORRECT: InfusionState.GIVEN,
        InfusionStep.TAKE_BACK: InfusionState.PLANNED,
    }


@pytest.mark.parametrize(
    ("weight", "cells"), [("62.5", 62_500_000), ("45", 45_000_000), ("62.0", 62_000_000), ("0.1", 100_000)]
)
def test_the_dose_is_exact(weight: str, cells: int) -> None:
    assert infusions.dose_cells(Decimal(weight), PLAN.cells_per_kg) == cells


@pytest.mark.parametrize("weight", ["0", "-1"])
def test_nobody_weighs_nothing(weight: str) -> None:
    with pytest.raises(Invalid):
        infusions.dose_cells(Decimal(weight), PLAN.cells_per_kg)


@pytest.mark.parametrize(("offset", "day"), [(0, 0), (7, 7), (-1, -1), (100, 100)])
def test_the_transplant_is_day_zero(offset: int, day: int) -> None:
    assert infusions.study_day(MONDAY + timedelta(days=offset), MONDAY) == day


def test_visits_have_their_windows() -> None:
    visits = infusions.plan_visit_days(PROTOCOL.visits, transplant_on=MONDAY)
    assert [(visit.code, (visit.on - MONDAY).days) for visit in visits] == [
        ("d28", 28),
        ("d56", 56),
        ("d100", 100),
        ("d180", 179),
    ]


def test_a_visit_that_would_be_on_a_saturday_is_on_the_friday() -> None:
    last = infusions.plan_visit_days(PROTOCOL.visits, transplant_on=MONDAY)[-1]
    assert (MONDAY + timedelta(days=180)).isoweekday() == 6
    assert last.on.isoweekday() == 5


@given(days)
def test_a_visit_is_on_a_weekday_inside_its_window(transplant_on: date) -> None:
    for visit in infusions.plan_visit_days(PROTOCOL.visits, transplant_on=transplant_on):
        assert visit.from_on <= visit.on <= visit.until_on
        assert visit.on.isoweekday() < 6


def test_a_visit_keeps_off_a_holiday() -> None:
    on = MONDAY + timedelta(days=28)
    (first, *_) = infusions.plan_visit_days(PROTOCOL.visits, transplant_on=MONDAY, closed={on})
    assert first.on == on + timedelta(days=1)
