"""Protocol 2: onset after three quiet days, the least weight loss, and the liver's stage from a result."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from portal.domain.magic import (
    BilirubinResult,
    BilirubinUnit,
    Grade,
    LiverAssessment,
    MagicEstimate,
    estimate_stages,
)
from portal.domain.protocol import Thresholds
from portal.domain.reports import Report
from portal.domain.weights import WeightMeasurement

Write = Callable[..., Report]


@pytest.fixture
def newer(thresholds: Thresholds) -> Thresholds:
    return replace(thresholds, stool_onset_clear_days=3, weight_loss_percent=Decimal(2))


def estimate(reports: list[Report], thresholds: Thresholds, **known: object) -> MagicEstimate:
    return estimate_stages(reports, age=34, weight_kg=None, thresholds=thresholds, **known)  # type: ignore[arg-type]


def stools(write: Write, amounts: list[int | None]) -> list[Report]:
    """One day each from day 20; None is a missed day."""
    days = enumerate(amounts, start=20)
    return [
        write(
            {"loose-stool-count": 1, "stool-unmeasured-count": 0, "stool-volume-ml": amount} if amount else {}, day=day
        )
        for day, amount in days
        if amount is not None
    ]


@pytest.mark.parametrize(
    ("amounts", "before", "now"),
    [
        ([600, 1600, 600], 1600, 1600),  # the first three days at stage 1: the highest
        ([600, 600, 600, 600, 1600], Decimal(2800) / 3, Decimal(2800) / 3),
        # one quiet day after a long run does not start it again
        ([600, 600, 600, 600, 0, 1600], 1600, Decimal(2200) / 3),
        ([600, 600, 600, 600, 0, 0, 1600], 1600, Decimal(1600) / 3),
        ([600, 600, 600, 600, 0, 0, 0, 1600], 1600, 1600),  # three quiet days do
        ([600, 600, 600, 600, 0, None, 0, 1600], 1600, 800),  # a missed day is no quiet day
        ([600, 0, 600], 600, 600),  # still among the first three days at stage 1
    ],
)
def test_a_new_onset_begins_after_three_known_days_below_stage_1(
    write: Write, thresholds: Thresholds, newer: Thresholds, amounts: list[int | None], before: Decimal, now: Decimal
) -> None:
    reports = stools(write, amounts)
    assert estimate(reports, thresholds).lower_gi.value == before
    assert estimate(reports, newer).lower_gi.value == now


@pytest.mark.parametrize(
    ("weights", "stage"),
    [
        (("62.4", "62.3"), 0),  # the scale's noise
        (("62.5", "61.3"), 0),
        (("62.5", "61.2"), 1),  # 2.08 % below the highest
        (("61.0", "62.5"), 0),
    ],
)
def test_anorexia_counts_with_a_loss_of_two_per_cent(
    write: Write, newer: Thresholds, weights: tuple[str, str], stage: int
) -> None:
    first, last = weights
    reports = [
        write({"appetite-loss": 1}, day=20, weight_kg=first),
        write({"appetite-loss": 1}, day=21, weight_kg=first),
        write({"appetite-loss": 1}, day=22, weight_kg=last),
    ]
    assert estimate(reports, newer).upper_gi.stage == stage


def test_any_loss_counts_under_protocol_1(write: Write, thresholds: Thresholds) -> None:
    weights = ("62.4", "62.4", "62.3")
    reports = [write({"appetite-loss": 1}, day=20 + day, weight_kg=kg) for day, kg in enumerate(weights)]
    assert estimate(reports, thresholds).upper_gi.stage == 1


def test_of_two_weights_of_one_day_the_later_stands(write: Write, thresholds: Thresholds) -> None:
    reports = [write({"appetite-loss": 1}, day=day, weight_kg="62.0") for day in (20, 21)]
    evening = write({"appetite-loss": 1}, day=22, hour=18, weight_kg="61.0")
    morning = write({"appetite-loss": 1}, day=22, hour=8, weight_kg="63.0")
    assert estimate([*reports, morning, evening], thresholds).upper_gi.stage == 1
    assert estimate([*reports, evening, morning], thresholds).upper_gi.stage == 1


def test_a_weight_of_the_ward_counts_for_the_scale_when_it_is_the_newest(write: Write, thresholds: Thresholds) -> None:
    report = write({"weight": Decimal("55.0")}, day=20)
    later = WeightMeasurement(report.on, report.entered_at + timedelta(hours=1), Decimal("48.0"))
    scales = [
        estimate_stages([report], age=15, weight_kg=None, thresholds=thresholds, weights=weights).scale
        for weights in ((), (later,))
    ]
    assert scales == ["adult", "child"]


def bilirubin(
    report: Report, value: str, *, ago: int = 0, unit: BilirubinUnit = BilirubinUnit.UMOL_L
) -> BilirubinResult:
    on = report.on - timedelta(days=ago)
    return BilirubinResult(on, report.entered_at - timedelta(days=ago, hours=1), Decimal(value), unit)


def test_a_bilirubin_is_the_stage_of_the_liver(write: Write, thresholds: Thresholds) -> None:
    report = write(day=20)
    found = estimate([report], thresholds, bilirubins=(bilirubin(report, "140"),))
    assert (found.liver.stage, found.at_least) == (3, Grade.III)
    assert found.liver_result == bilirubin(report, "140")
    assert estimate([report], thresholds).liver.stage is None


@pytest.mark.parametrize(
    ("value", "ago", "stage"), [("20", 7, 0), ("20", 8, None), ("40", 8, 1), ("40", 60, 1), ("300", 0, 4)]
)
def test_a_normal_bilirubin_lapses_and_a_raised_one_stands(
    write: Write, thresholds: Thresholds, value: str, ago: int, stage: int | None
) -> None:
    report = write(day=90)
    found = estimate([report], thresholds, bilirubins=(bilirubin(report, value, ago=ago),))
    assert found.liver.stage == stage


def test_the_newest_bilirubin_by_time_counts_and_none_of_the_future(write: Write, thresholds: Thresholds) -> None:
    report = write(day=40)
    results = (bilirubin(report, "20", ago=1), bilirubin(report, "140", ago=3), bilirubin(report, "300", ago=-1))
    assert estimate([report], thresholds, bilirubins=results).liver.stage == 0


def test_an_assessment_takes_the_place_of_a_raised_bilirubin(write: Write, thresholds: Thresholds) -> None:
    report = write(day=40)
    on, at = report.on, report.entered_at
    for assessed, stage in ((LiverAssessment(on, at), None), (_day_before(at), 1)):
        found = estimate([report], thresholds, bilirubins=(bilirubin(report, "40"),), liver_assessed=assessed)
        assert found.liver.stage == stage


def _day_before(at: datetime) -> LiverAssessment:
    return LiverAssessment(at.date() - timedelta(days=1), at - timedelta(days=1))


def test_a_result_without_any_report_is_an_estimate_too(write: Write, thresholds: Thresholds) -> None:
    report = write(day=40)
    found = estimate([], thresholds, bilirubins=(bilirubin(report, "140"),), on=report.on)
    assert found.at_least is Grade.III


def test_a_boundary_of_the_rounding_is_marked(write: Write, thresholds: Thresholds) -> None:
    report = write(day=40)
    assert estimate([report], thresholds, bilirubins=(bilirubin(report, "51"),)).near_boundary == ("liver",)
