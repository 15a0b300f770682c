"""Reminder slots: local times resolved to UTC once per zone and hour, joined as a VALUES table."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, Date, String, Time, and_, column, values

from portal.domain import infusions
from portal.domain.messages import MessageKind, SendWindow, diary_window, evening_window, morning_window, nudge_window
from portal.domain.protocol import Protocol, Reminders
from portal.models.base import UtcDateTime
from portal.models.infusions import Infusion

AHEAD: Final = tuple(str(state) for state in infusions.AHEAD)
STAMP: Final = "%Y-%m-%dT%H:%MZ"


@dataclass(frozen=True, slots=True)
class DiarySlot:
    """One local day for everybody of one time zone and hour."""

    timezone: str
    reminder_at: time
    kind: str
    day: date
    dedupe_key: str
    transplant_from: date
    transplant_until: date
    not_before_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AppointmentSlot:
    """One instant at which infusions are planned, in one time zone, and one of the two texts about it."""

    timezone: str
    planned_at: datetime
    kind: str
    stamp: str
    not_before_at: datetime
    expires_at: datetime


def diary_slots(
    hours: Iterable[tuple[ZoneInfo, time]], *, protocol: Protocol, now: datetime, horizon: timedelta
) -> list[DiarySlot]:
    """The local days around ``now`` whose reminder falls due before the horizon and is not stale."""
    return [
        _diary_slot(kind, window, zone, at, day, protocol)
        for zone, at in hours
        for day in _days(now, zone)
        for kind, window in _ladder(day, at, zone, protocol)
        if window.opens_within(now, horizon)
    ]


def _days(now: datetime, zone: ZoneInfo) -> tuple[date, ...]:
    """Yesterday too: its nudge may have been put off until this morning."""
    today = now.astimezone(zone).date()
    return tuple(today + timedelta(days=offset) for offset in (-1, 0, 1))


def _ladder(day: date, at: time, zone: ZoneInfo, protocol: Protocol) -> tuple[tuple[MessageKind, SendWindow], ...]:
    nudge = nudge_window(day, at, zone, protocol.reminders, late_until=protocol.diary.late_until)
    return (MessageKind.DIARY_REMINDER, diary_window(day, at, zone, protocol.reminders)), (
        MessageKind.DIARY_NUDGE,
        nudge,
    )


def _diary_slot(
    kind: MessageKind, window: SendWindow, zone: ZoneInfo, at: time, day: date, protocol: Protocol
) -> DiarySlot:
    return DiarySlot(
        timezone=zone.key,
        reminder_at=at,
        kind=kind,
        day=day,
        dedupe_key=day.isoformat(),
        transplant_from=day - timedelta(days=protocol.diary.last_study_day),
        transplant_until=day - timedelta(days=protocol.diary.first_study_day),
        not_before_at=window.not_before_at,
        expires_at=window.expires_at,
    )


def appointment_slots(
    dates: Iterable[tuple[ZoneInfo, datetime]], *, reminders: Reminders, now: datetime, horizon: timedelta
) -> list[AppointmentSlot]:
    makers = ((MessageKind.INFUSION_EVENING, evening_window), (MessageKind.INFUSION_MORNING, morning_window))
    return [
        AppointmentSlot(zone.key, at, str(kind), at.strftime(STAMP), window.not_before_at, window.expires_at)
        for zone, at in dates
        for kind, window_of in makers
        if (window := window_of(at, zone, reminders)).opens_within(now, horizon)
    ]


def appointment_dedupe_key(number: int, planned_at: datetime) -> str:
    """The key of a text about an infusion: another date is another text."""
    return f"{number}:{planned_at.strftime(STAMP)}"


def appointment_instant(dedupe_key: str) -> datetime:
    """The instant that a dedupe key names."""
    return datetime.strptime(original_dedupe_key(dedupe_key).split(":", 1)[1], STAMP).replace(tzinfo=ZoneInfo("UTC"))


def original_dedupe_key(dedupe_key: str) -> str:
    """The dedupe key that a repeated text repeats: ``2026-11-23~2`` is the second text of ``2026-11-23``."""
    return dedupe_key.split("~", 1)[0]


def infusion_is_ahead() -> Any:
    return Infusion.state.in_(AHEAD)


def infusion_is_ahead_between(since: datetime, until: datetime) -> Any:
    return and_(infusion_is_ahead(), Infusion.planned_at.between(since, until))


def diary_table(rows: Sequence[DiarySlot]) -> CTE:
    return _table(
        rows, timezone=String, reminder_at=Time, kind=String, day=Date, dedupe_key=String, transplant_from=Date,
        transplant_until=Date, not_before_at=UtcDateTime, expires_at=UtcDateTime,
    )  # fmt: skip


def appointment_table(rows: Sequence[AppointmentSlot]) -> CTE:
    return _table(
        rows, timezone=String, planned_at=UtcDateTime, kind=String, stamp=String, not_before_at=UtcDateTime,
        expires_at=UtcDateTime,
    )  # fmt: skip


def _table(rows: Sequence[Any], **types: Any) -> CTE:
    table = values(*(column(name, type_()) for name, type_ in types.items()), name="slot")
    return table.data([astuple(row) for row in rows]).cte("slot", nesting=True)
