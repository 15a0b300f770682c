"""Silence is a symptom."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.domain.alert_rules import MissedDiaryVerdict, Severity, evaluate_missed_diaries, missed_in_row
from portal.domain.protocol import Thresholds

DUE_AT = datetime(2026, 3, 21, 16, 0, tzinfo=UTC)
FIRST = date(2026, 3, 1)


def judged(
    thresholds: Thresholds, missed: int, last: Severity | None = None, hours: float | None = None
) -> MissedDiaryVerdict:
    given_at = [] if hours is None else [DUE_AT - timedelta(hours=hours)]
    return evaluate_missed_diaries(
        missed=missed, last_severity=last, missed_at=DUE_AT, infusions_given_at=given_at, thresholds=thresholds
    )


@pytest.mark.parametrize(
    ("missed", "listed", "call_task", "severity"),
    [
        (0, False, False, None),
        (1, True, False, None),
        (2, True, True, None),
        (3, True, True, "red"),
        (9, True, True, "red"),
    ],
)
def test_silence_weighs_more_with_every_day(
    thresholds: Thresholds, missed: int, listed: bool, call_task: bool, severity: str | None
) -> None:
    found = judged(thresholds, missed)
    assert (found.listed, found.call_task, found.severity) == (listed, call_task, severity)


@pytest.mark.parametrize("last", list(Severity))
def test_a_miss_after_an_alert_is_amber(thresholds: Thresholds, last: Severity) -> None:
    found = judged(thresholds, 1, last)
    assert ([flag.rule_id for flag in found.flags], found.severity) == (["missed-after-flag"], Severity.AMBER)


@pytest.mark.parametrize(("hours", "severity"), [(0, "amber"), (48, "amber"), (48.01, None), (-1, None)])
def test_a_miss_within_48_hours_of_an_infusion_is_amber(
    thresholds: Thresholds, hours: float, severity: str | None
) -> None:
    assert judged(thresholds, 1, hours=hours).severity == severity


def test_three_in_a_row_are_red_whatever_else(thresholds: Thresholds) -> None:
    found = judged(thresholds, 3, Severity.AMBER, hours=1)
    assert [flag.severity for flag in found.flags] == ["red", "amber", "amber"]
    assert found.severity is Severity.RED


@pytest.mark.parametrize(
    ("reported", "missed"), [([], 5), ([0, 1, 2, 3, 4], 0), ([0, 1, 2, 3], 1), ([0, 3], 1), ([0, 2], 2), ([4], 0)]
)
def test_missed_days_are_counted_back_from_the_newest(reported: list[int], missed: int) -> None:
    due = [FIRST + timedelta(days=day) for day in range(5)]
    assert missed_in_row(due, {due[day] for day in reported}) == missed
