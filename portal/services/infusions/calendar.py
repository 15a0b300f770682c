"""A participant's month: each day's diary, and every appointment."""

import calendar
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.diary import Timing, diary_window, first_due_day, last_due_day, local_day
from portal.domain.infusions import study_day
from portal.domain.protocol import Protocol
from portal.models.diary import Diary
from portal.models.infusions import Infusion, Visit
from portal.models.people import Participant
from portal.services.infusions.reading import AppointmentView, infusion_appointment, visit_appointment
from portal.services.scope import find_own_participant

DiaryState = Literal["sent", "late", "missed", "open"]
YearMonth = tuple[int, int]
TOOK_PLACE = frozenset({"given", "attended"})


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """An appointment with its state: planned, confirmed, given, held, missed, cancelled or attended.

    ``on`` is its local day, ``study_day`` counts it from the transplant; ``was_at`` the first planned time
    where it was moved. ``ahead``: still to come.
    ``changed_at``: of a change that has not been seen yet.
    """

    appointment: AppointmentView
    state: str
    on: date
    study_day: int
    was_at: datetime | None
    ahead: bool
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """``diary`` is None where no diary is due, or not yet; ``diary_id`` is the newest report of the day."""

    on: date
    today: bool
    diary: DiaryState | None
    diary_id: int | None
    entries: tuple[CalendarEntry, ...]


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """Weeks from Monday, None outside the month; ``upcoming`` soonest first and ``past`` newest first, of all months.

    ``previous`` and ``next`` are (year, month) where there is something to see.
    """

    year: int
    month: int
    weeks: tuple[tuple[CalendarDay | None, ...], ...]
    upcoming: tuple[CalendarEntry, ...]
    past: tuple[CalendarEntry, ...]
    previous: YearMonth | None
    next: YearMonth | None
    has_infusions: bool
    news: tuple[CalendarEntry, ...]


def get_calendar_month(session: Session, *, actor: Actor, year: int, month: int, now: datetime) -> CalendarMonth:
    """Of the actor's own participant. Four statements, however full the month is."""
    protocol = protocols.load_protocol()
    participant = find_own_participant(session, actor)
    known = sorted(list_calendar_entries(session, participant, protocol, now), key=lambda entry: entry.appointment.at)
    sent = _reports(session, participant.id, year, month)
    by_day: defaultdict[date, list[CalendarEntry]] = defaultdict(list)
    for entry in known:
        by_day[entry.on].append(entry)
    today = local_day(now, participant.timezone)

    def day(on: date) -> CalendarDay:
        return CalendarDay(
            on=on,
            today=on == today,
            diary=_diary_state(on, frozenset(sent.get(on, {}).values()), participant, protocol, now),
            diary_id=max(sent.get(on, {}), default=None),
            entries=tuple(by_day[on]),
        )

    weeks = calendar.Calendar().monthdatescalendar(year, month)
    first, last = _span(participant, known, protocol, today)
    return CalendarMonth(
        year=year,
        month=month,
        weeks=tuple(tuple(day(on) if on.month == month else None for on in week) for week in weeks),
        upcoming=tuple(entry for entry in known if entry.ahead),
        past=tuple(entry for entry in reversed(known) if not entry.ahead),
        previous=_neighbour(year, month, -1) if (year, month) > first else None,
        next=_neighbour(year, month, 1) if (year, month) < last else None,
        has_infusions=any(entry.appointment.kind == "infusion" for entry in known),
        news=tuple(entry for entry in known if entry.changed_at is not None),
    )


def list_calendar_entries(
    session: Session, participant: Participant, protocol: Protocol, now: datetime
) -> Iterator[CalendarEntry]:
    """Every infusion and every visit, in two statements."""
    zone, transplant_on = ZoneInfo(participant.timezone), participant.transplant_on
    infusions = select(*_columns(Infusion), Infusion.original_at, Infusion.started_at)
    for row in session.execute(infusions.where(Infusion.participant_id == participant.id)):
        appointment = infusion_appointment(row.planned_at, row.original_at, protocol)
        on = (row.started_at or row.planned_at).astimezone(zone).date()
        was_at = row.original_at if appointment.moved else None
        since = study_day(on, transplant_on)
        yield CalendarEntry(appointment, row.state, on, since, was_at, _is_ahead(row, now, zone), _news(row))
    visits = select(*_columns(Visit), Visit.code).where(Visit.participant_id == participant.id)
    for row in session.execute(visits):
        on = row.planned_at.astimezone(zone).date()
        appointment = visit_appointment(row.planned_at, row.code, protocol)
        since = study_day(on, transplant_on)
        yield CalendarEntry(appointment, row.state, on, since, None, _is_ahead(row, now, zone), _news(row))


def _columns(table: type[Infusion] | type[Visit]) -> tuple[Any, ...]:
    return table.planned_at, table.state, table.changed_at, table.seen_at


def _news(row: Row[*tuple[Any, ...]]) -> datetime | None:
    """What took place is no news to who was there."""
    seen = row.seen_at is not None and row.changed_at is not None and row.seen_at >= row.changed_at
    changed_at: datetime | None = row.changed_at
    return None if seen or row.state in TOOK_PLACE else changed_at


def _is_ahead(row: Row[*tuple[Any, ...]], now: datetime, zone: ZoneInfo) -> bool:
    """All of its day: an appointment does not become the past while somebody sits in the waiting room."""
    on: date = row.planned_at.astimezone(zone).date()
    return row.state not in TOOK_PLACE and on >= now.astimezone(zone).date()


def _reports(session: Session, participant_id: int, year: int, month: int) -> Mapping[date, Mapping[int, str]]:
    """By day: the timing of each report by its id."""
    last = calendar.monthrange(year, month)[1]
    statement = select(Diary.diary_on, Diary.id, Diary.timing).where(
        Diary.participant_id == participant_id,
        Diary.superseded_at.is_(None),
        Diary.diary_on.between(date(year, month, 1), date(year, month, last)),
    )
    sent: defaultdict[date, dict[int, str]] = defaultdict(dict)
    for on, diary_id, timing in session.execute(statement):
        sent[on][diary_id] = timing
    return sent


def _diary_state(
    on: date, timings: Collection[str], participant: Participant, protocol: Protocol, now: datetime
) -> DiaryState | None:
    """A report that came beyond the limit does not make the day's diary a sent one."""
    plan, transplant_on = protocol.diary, participant.transplant_on
    first = first_due_day(plan, transplant_on=transplant_on, enrolled_on=participant.enrolled_on)
    if not first <= on <= last_due_day(plan, transplant_on=transplant_on):
        return None
    if Timing.ON_TIME in timings:
        return "sent"
    if Timing.LATE in timings:
        return "late"
    span = diary_window(on, plan, participant.timezone)
    if now < span.opens_at:
        return None
    return "open" if now < span.late_until_at else "missed"


def _span(
    participant: Participant, entries: list[CalendarEntry], protocol: Protocol, today: date
) -> tuple[YearMonth, YearMonth]:
    """The first and the last month that hold anything, today's included."""
    days = [today, participant.enrolled_on, last_due_day(protocol.diary, transplant_on=participant.transplant_on)]
    days += [entry.on for entry in entries]
    return (min(days).year, min(days).month), (max(days).year, max(days).month)


def _neighbour(year: int, month: int, step: int) -> YearMonth:
    index = year * 12 + month - 1 + step
    return index // 12, index % 12 + 1
