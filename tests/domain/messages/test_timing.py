"""Local hours, changeover days, quiet hours and waiting."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import protocols
from portal.domain.messages import (
    SendWindow,
    diary_window,
    end_of_quiet,
    evening_window,
    is_quiet,
    local_instant,
    morning_window,
    retry_delay,
)

REMINDERS = protocols.load_protocol().reminders
SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("zone", "day", "wall", "utc"),
    [
        (SHANGHAI, date(2026, 3, 29), time(19, 0), "2026-03-29 11:00"),
        (ZoneInfo("Asia/Kathmandu"), date(2026, 3, 29), time(19, 0), "2026-03-29 13:15"),
        (BERLIN, date(2026, 3, 28), time(19, 0), "2026-03-28 18:00"),
        (BERLIN, date(2026, 3, 29), time(19, 0), "2026-03-29 17:00"),
        (BERLIN, date(2026, 3, 29), time(2, 30), "2026-03-29 01:30"),  # skipped: comes as 03:30
        (BERLIN, date(2026, 10, 25), time(2, 30), "2026-10-25 00:30"),  # twice: the first
        (BERLIN, date(2026, 10, 25), time(19, 0), "2026-10-25 18:00"),
        (NEW_YORK, date(2026, 3, 8), time(2, 30), "2026-03-08 07:30"),
        (NEW_YORK, date(2026, 11, 1), time(1, 30), "2026-11-01 05:30"),
    ],
)
def test_a_local_hour_is_one_instant_on_every_day(zone: ZoneInfo, day: date, wall: time, utc: str) -> None:
    assert local_instant(day, wall, zone) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(("at", "hours"), [(time(12, 0), 5), (time(19, 0), 5), (time(20, 0), 4), (time(23, 0), 1)])
def test_a_diary_reminder_lasts_five_hours_or_until_midnight(at: time, hours: int) -> None:
    window = diary_window(DAY, at, SHANGHAI, REMINDERS)
    assert window.expires_at - window.not_before_at == timedelta(hours=hours)


def test_the_two_texts_about_an_infusion_end_before_they_would_be_wrong() -> None:
    at = local_instant(DAY, time(9, 30), SHANGHAI)
    evening, morning = evening_window(at, SHANGHAI, REMINDERS), morning_window(at, SHANGHAI, REMINDERS)
    assert evening.expires_at == local_instant(DAY, time(0), SHANGHAI)
    assert morning == SendWindow(local_instant(DAY, time(8, 0), SHANGHAI), at)


@pytest.mark.parametrize(
    ("at", "quiet"),
    [("07:59", True), ("08:00", False), ("12:00", False), ("21:00", False), ("21:01", True), ("00:00", True)],
)
def test_quiet_hours_begin_after_their_minute(at: str, quiet: bool) -> None:
    assert is_quiet(local_instant(DAY, time.fromisoformat(at), SHANGHAI), SHANGHAI, REMINDERS) is quiet


@given(st.integers(0, 365 * 24 * 60), st.sampled_from([SHANGHAI, BERLIN, NEW_YORK]))
def test_after_quiet_hours_it_is_no_longer_quiet(minute: int, zone: ZoneInfo) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    until = end_of_quiet(at, zone, REMINDERS)
    assert not is_quiet(until, zone, REMINDERS)
    assert timedelta() < until - at <= timedelta(hours=25)


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 15), (1, 30), (3, 120), (6, 900), (60, 900)])
def test_waiting_doubles_up_to_a_quarter_of_an_hour(attempts: int, seconds: int) -> None:
    assert retry_delay(attempts, jitter=1.0) == timedelta(seconds=seconds)
    assert retry_delay(attempts, jitter=0.0) == timedelta(seconds=seconds / 2)
