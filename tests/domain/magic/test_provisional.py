"""What a diary allows, and what it never does."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.body_surface import REGIONS
from portal.domain.magic import Grade, MagicEstimate, estimate_stages
from portal.domain.protocol import Thresholds
from portal.domain.reports import Report

Write = Callable[..., Report]
Answers = Mapping[str, object]
EVERYWHERE = dict.fromkeys((region.code for region in REGIONS), "most")
NAUSEA: Answers = {"nausea": 1}
POOR_APPETITE: Answers = {"appetite-loss": 1}


@pytest.fixture(scope="session")
def stage(thresholds: Thresholds) -> Callable[..., MagicEstimate]:
    def estimated(
        *reports: Report, age: int = 34, weight_kg: str | None = "62", chronic: bool = False
    ) -> MagicEstimate:
        weight = None if weight_kg is None else Decimal(weight_kg)
        return estimate_stages(reports, age=age, weight_kg=weight, thresholds=thresholds, chronic_features=chronic)

    return estimated


Stage = Callable[..., MagicEstimate]


def test_a_gate_answered_no_is_stage_0(stage: Stage, write: Write) -> None:
    found = stage(write())
    assert (found.skin.stage, found.upper_gi.stage, found.lower_gi.stage) == (0, 0, 0)
    assert found.at_least is Grade.NONE


def test_the_liver_is_not_assessed_and_so_there_is_only_at_least(stage: Stage, write: Write) -> None:
    found = stage(write({"loose-stool-count": 3}))
    assert (found.liver.stage, found.at_least) == (None, Grade.II)


def test_without_reports_nothing_is_assessed(stage: Stage) -> None:
    found = stage()
    assert (found.skin.stage, found.upper_gi.stage, found.lower_gi.stage, found.at_least) == (None, None, None, None)


@pytest.mark.parametrize(
    ("areas", "expected"),
    [({"genital": "some"}, 1), ({"trunk-front": "most", "trunk-back": "some"}, 1), (EVERYWHERE, 3), ({}, 1)],
)
def test_skin_is_staged_by_the_marked_areas(stage: Stage, write: Write, areas: dict[str, str], expected: int) -> None:
    assert stage(write({"skin-areas": areas})).skin.stage == expected


def test_a_diary_never_yields_stage_4_but_says_that_it_is_possible(stage: Stage, write: Write) -> None:
    worst = {"skin-areas": EVERYWHERE, "skin-blisters": True, "skin-peeling": True}
    found = stage(write({**worst, "loose-stool-count": 40, "stool-blood": "obvious", "abdominal-pain": 4}))
    assert (found.skin.stage, found.lower_gi.stage, found.at_least) == (3, 3, Grade.III)
    assert found.possible_stage_4 == ("skin", "lower_gi")


def test_streaks_of_blood_do_not_count_for_staging(stage: Stage, write: Write) -> None:
    found = stage(write({"loose-stool-count": 0, "stool-blood": "streaks"}))
    assert (found.lower_gi.stage, found.possible_stage_4) == (0, ())


@pytest.mark.parametrize(
    ("answers", "value", "expected"),
    [
        ({"loose-stool-count": 2}, 400, 0),
        ({"loose-stool-count": 3}, 600, 1),
        ({"loose-stool-count": 4, "stool-volume-ml": 300, "stool-unmeasured-count": 1}, 500, 1),
        ({"loose-stool-count": 6, "stool-volume-ml": 450, "stool-unmeasured-count": 0}, 450, 0),
        ({"loose-stool-count": 5, "stool-unmeasured-count": 2}, 1000, 2),
    ],
)
def test_the_total_decides(stage: Stage, write: Write, answers: Answers, value: int, expected: int) -> None:
    found = stage(write(answers)).lower_gi
    assert (found.value, found.stage) == (value, expected)


def loose(write: Write, *volumes: int | None) -> list[Report]:
    """One report a day from day 20; None is a missed day."""
    answers = [(day, ml) for day, ml in enumerate(volumes, start=20) if ml is not None]
    return [write({"loose-stool-count": 1, "stool-volume-ml": ml}, day=day) for day, ml in answers]


@pytest.mark.parametrize(
    ("volumes", "value", "days_known"),
    [
        ([600], 600, 1),
        ([0, 600], 600, 2),
        ([600, 1200, 600], 1200, 3),
        ([600, 1200, 600, 600], 800, 3),
        ([2000, 600, 600, 600, 600], 600, 3),
        ([600, 600, 0], 400, 3),
        ([600, None, 1200], 1200, 2),
        ([600, 600, 600, None, 1200], 900, 2),
        ([1200, None, None, 600], 600, 1),
        ([600, 600, None, None, 1200], 1200, 1),
    ],
)
def test_the_highest_of_three_days_at_onset_and_their_mean_afterwards(
    stage: Stage, write: Write, volumes: list[int | None], value: int, days_known: int
) -> None:
    found = stage(*loose(write, *volumes))
    assert found.lower_gi.value == value
    assert (found.days_known, found.days_wanted) == (days_known, 3)


def test_the_worst_report_of_a_day_stands_for_the_day(stage: Stage, write: Write) -> None:
    morning = write({"loose-stool-count": 8, "skin-areas": {"trunk-front": "most"}}, hour=8)
    evening = write({"loose-stool-count": 1}, hour=20)
    found = stage(morning, evening)
    assert (found.lower_gi.stage, found.skin.value) == (3, 13)


def test_a_light_minor_is_staged_on_the_child_scale(stage: Stage, write: Write) -> None:
    report = write({"loose-stool-count": 2, "stool-volume-ml": 450})
    found = stage(report, age=15, weight_kg="45")
    assert (found.scale, found.lower_gi.value, found.lower_gi.stage) == ("child", 10, 1)


@pytest.mark.parametrize(
    ("answers", "scale", "expected"),
    [
        ({"loose-stool-count": 3}, "adult", 1),
        ({"loose-stool-count": 7, "stool-volume-ml": 300, "stool-unmeasured-count": 0}, "child", 2),
    ],
)
def test_without_a_weight_a_minor_gets_the_worse_of_both_scales(
    stage: Stage, write: Write, answers: Answers, scale: str, expected: int
) -> None:
    found = stage(write(answers), age=15, weight_kg=None)
    assert (found.scale_assumed, found.scale, found.lower_gi.stage) == (True, scale, expected)


def test_the_newest_weight_in_the_diary_will_do(stage: Stage, write: Write) -> None:
    found = stage(write({"loose-stool-count": 4}, weight_kg="45"), age=15, weight_kg=None)
    assert (found.scale_assumed, found.scale) == (False, "child")


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([NAUSEA] * 2, 0),
        ([NAUSEA] * 3, 1),
        ([NAUSEA, None, NAUSEA], 0),
        ([NAUSEA, None, NAUSEA, NAUSEA], 1),
        ([NAUSEA, {}, NAUSEA, NAUSEA], 0),
        ([NAUSEA, NAUSEA, NAUSEA, {}], 0),
        ([{"vomiting-count": 2}] * 3, 1),
        ([{"vomiting-count": 2}, {"vomiting-count": 1}, {"vomiting-count": 2}], 0),
        ([NAUSEA, {"vomiting-count": 2}, NAUSEA], 0),
        ([POOR_APPETITE] * 5, 0),
    ],
)
def test_upper_gi_needs_three_known_days_running(
    stage: Stage, write: Write, days: list[Answers | None], expected: int
) -> None:
    reports = [write(answers, day=day) for day, answers in enumerate(days, start=20) if answers is not None]
    assert stage(*reports).upper_gi.stage == expected


@pytest.mark.parametrize(("weights", "expected"), [(["60", "59.9"], 1), (["60", "60"], 0), (["60", "61"], 0)])
def test_poor_appetite_is_persistent_with_weight_loss(
    stage: Stage, write: Write, weights: list[str], expected: int
) -> None:
    reports = [write(POOR_APPETITE, day=day, weight_kg=weights[day == 22]) for day in (20, 21, 22)]
    assert stage(*reports).upper_gi.stage == expected


def test_weight_is_compared_with_what_it_was_before_the_appetite_went(stage: Stage, write: Write) -> None:
    before = write(day=18, weight_kg="60")
    reports = [write(POOR_APPETITE, day=day, weight_kg="58" if day == 20 else None) for day in (20, 21, 22)]
    assert stage(before, *reports).upper_gi.stage == 1


def test_two_of_three_days_are_said_for_upper_gi(stage: Stage, write: Write) -> None:
    found = stage(write(NAUSEA, day=20), write(NAUSEA, day=22)).upper_gi
    assert (found.days_known, found.days_wanted) == (2, 3)


@pytest.mark.parametrize(("day", "chronic", "review"), [(100, False, False), (101, False, True), (50, True, True)])
def test_late_or_chronic_is_for_a_clinician(stage: Stage, write: Write, day: int, chronic: bool, review: bool) -> None:
    found = stage(write({"loose-stool-count": 3}, day=day), chronic=chronic)
    assert (found.clinician_review, found.at_least) == (review, None if review else Grade.II)


@given(volumes=st.lists(st.integers(0, 4000), min_size=1, max_size=6), later=st.integers(0, 4000))
def test_a_later_report_never_lowers_the_days_stage(stage: Stage, write: Write, volumes: list[int], later: int) -> None:
    reports = loose(write, *volumes)
    again = write({"loose-stool-count": 1, "stool-volume-ml": later}, day=19 + len(volumes), hour=20)
    before, after = stage(*reports).lower_gi.stage, stage(*reports, again).lower_gi.stage
    assert before is not None
    assert after is not None
    assert after >= before
