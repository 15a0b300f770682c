"""Which day a report is about, and whether it came in time."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from portal.domain.protocol import DiaryPlan

CLOCK_TOLERANCE = timedelta(minutes=5)


class Timing(StrEnum):
    """``beyond`` is kept as a report of that day and still reaches triage, but does not count as its diary."""

    ON_TIME = "on-time"
    LATE = "late"
    BEYOND = "beyond"


class WindowVerdict(StrEnum):
    """What becomes of a report that waited on a phone. All but the last are stored by now.

    ``superseded``: the day has a report that was entered later; both are kept. ``again``: it had arrived before.
    ``unfinished``: an answer needs another look; what can be read is kept as a report, all of it as a draft.
    ``refused``: there was not one answer in it.
    """

    ACCEPTED = "accepted"
    LATE = "late"
    BEYOND = "beyond"
    SUPERSEDED = "superseded"
    AGAIN = "again"
    UNFINISHED = "unfinished"
    REFUSED = "refused"


def sync_verdict(
    timing: Timing, *, again: bool, entered_at: datetime, newest_entry_at: datetime | None
) -> WindowVerdict:
    """The verdict on a stored report; ``newest_entry_at`` is that of the day's other reports, if there are any."""
    if again:
        return WindowVerdict.AGAIN
    if newest_entry_at is not None and newest_entry_at > entered_at:
        return WindowVerdict.SUPERSEDED
    return {
        Timing.ON_TIME: WindowVerdict.ACCEPTED,
        Timing.LATE: WindowVerdict.LATE,
        Timing.BEYOND: WindowVerdict.BEYOND,
    }[timing]


@dataclass(frozen=True, slots=True)
class DiaryWindow:
    """A local day's diary: on time until ``closes_at``, late until ``late_until_at`` (UTC, both exclusive)."""

    diary_on: date
    opens_at: datetime
    closes_at: datetime
    late_until_at: datetime

    def judge(self, entered_at: datetime) -> Timing:
        if entered_at < self.closes_at:
            return Timing.ON_TIME
        return Timing.LATE if entered_at < self.late_until_at else Timing.BEYOND


def diary_window(diary_on: date, plan: DiaryPlan, timezone: str) -> DiaryWindow:
    """The window of a local day. Midnights are taken from the calendar, so a day of 23 or 25 hours is whole."""
    zone = ZoneInfo(timezone)
    following = diary_on + timedelta(days=1)
    return DiaryWindow(
        diary_on=diary_on,
        opens_at=datetime(diary_on.year, diary_on.month, diary_on.day, tzinfo=zone).astimezone(UTC),
        closes_at=datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC),
        late_until_at=datetime.combine(following, plan.late_until, tzinfo=zone).astimezone(UTC),
    )


def local_day(at: datetime, timezone: str) -> date:
    return at.astimezone(ZoneInfo(timezone)).date()


def first_due_day(plan: DiaryPlan, *, transplant_on: date, enrolled_on: date) -> date:
    """The first day that has a diary."""
    return max(enrolled_on, transplant_on + timedelta(days=plan.first_study_day))


def last_due_day(plan: DiaryPlan, *, transplant_on: date) -> date:
    """The last day that has a diary, inclusive."""
    return transplant_on + timedelta(days=plan.last_study_day)


def is_entry_time_refuted(claimed_at: datetime, *, received_at: datetime, last_contact_at: datetime | None) -> bool:
    """Whether the device's clock is known to be wrong: then the day that it named is not believed either.

    Without a known contact an early time is not believed, but nothing refutes it.
    """
    early = last_contact_at is not None and claimed_at < last_contact_at - CLOCK_TOLERANCE
    return early or claimed_at > received_at + CLOCK_TOLERANCE


def plausible_entry_time(claimed_at: datetime, *, received_at: datetime, last_contact_at: datetime | None) -> datetime:
    """The device's entry time where it is plausible, else the arrival.

    Plausible: not after the arrival and not before the last contact with the server, with a few minutes of clock error
    allowed.
    """
    if claimed_at > received_at + CLOCK_TOLERANCE:
        return received_at
    if last_contact_at is not None and claimed_at < last_contact_at - CLOCK_TOLERANCE:
        return received_at
    return min(claimed_at, received_at)


def utc_offset_minutes(at: datetime, timezone: str) -> int:
    """A zone's offset from UTC at an instant."""
    offset = at.astimezone(ZoneInfo(timezone)).utcoffset() or timedelta()
    return int(offset.total_seconds() // 60)


def derive_client_id(*parts: object) -> str:
    """The same id for the same words: what arrives twice without an id of its own is stored once."""
    words = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
    return str(uuid5(NAMESPACE_URL, words))
