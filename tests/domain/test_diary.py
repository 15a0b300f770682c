from datetime import UTC, date, datetime, time

import pytest

from portal.domain.diary import Timing, diary_window, first_due_day, last_due_day, local_day, plausible_entry_time
from portal.domain.protocol import DiaryPlan

PLAN = DiaryPlan(
    questionnaire="daily-diary.v1",
    post_infusion_questionnaire="post-infusion-check.v1",
    first_study_day=7,
    last_study_day=100,
    late_until=time(12, 0),
    correction_hours=48,
    weight_weekday=1,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("entered", "timing"),
    [
        ("2026-11-22T16:00", Timing.ON_TIME),  # midnight in Shanghai
        ("2026-11-23T15:59", Timing.ON_TIME),
        ("2026-11-23T16:00", Timing.LATE),  # the next midnight
        ("2026-11-24T03:59", Timing.LATE),
        ("2026-11-24T04:00", Timing.BEYOND),  # noon
    ],
)
def test_a_report_is_judged_by_the_local_day(entered: str, timing: Timing) -> None:
    assert diary_window(date(2026, 11, 23), PLAN, "Asia/Shanghai").judge(at(entered)) is timing


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-01", 24)])
def test_a_day_with_a_changed_clock_is_whole(day: str, hours: int) -> None:
    span = diary_window(date.fromisoformat(day), PLAN, "Europe/Berlin")
    assert (span.closes_at - span.opens_at).total_seconds() == hours * 3600


def test_the_local_day_is_that_of_the_participant() -> None:
    assert local_day(at("2026-11-22T16:30"), "Asia/Shanghai") == date(2026, 11, 23)


@pytest.mark.parametrize(("enrolled", "first"), [("2026-11-12", "2026-11-12"), ("2026-11-05", "2026-11-08")])
def test_the_diary_begins_at_enrolment_or_day_seven(enrolled: str, first: str) -> None:
    begins = first_due_day(PLAN, transplant_on=date(2026, 11, 1), enrolled_on=date.fromisoformat(enrolled))
    assert begins == date.fromisoformat(first)


def test_the_last_diary_is_that_of_day_one_hundred() -> None:
    assert last_due_day(PLAN, transplant_on=date(2026, 1, 1)) == date(2026, 4, 11)


@pytest.mark.parametrize(
    ("claimed", "contact", "believed"),
    [
        ("2026-11-22T10:00", "2026-11-22T09:00", "2026-11-22T10:00"),  # offline for a day
        ("2026-11-22T08:00", "2026-11-22T09:00", "2026-11-23T12:00"),  # before the last contact
        ("2026-11-23T12:06", None, "2026-11-23T12:00"),  # after the arrival
        ("2026-11-23T12:04", None, "2026-11-23T12:00"),  # a clock a little fast
        ("2026-11-01T00:00", None, "2026-11-01T00:00"),
    ],
)
def test_the_devices_time_is_believed_where_it_is_plausible(claimed: str, contact: str | None, believed: str) -> None:
    found = plausible_entry_time(
        at(claimed), received_at=at("2026-11-23T12:00"), last_contact_at=at(contact) if contact else None
    )
    assert found == at(believed)
