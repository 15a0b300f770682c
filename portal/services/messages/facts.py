"""What is true of a claimed row's recipient right now, read afresh in the claiming transaction."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters import texts
from portal.domain.messages import HANDED_OVER, INFUSION_KINDS, Facts, Kind, State
from portal.models.calendar import Infusion
from portal.models.diary import Diary
from portal.models.messages import Message
from portal.models.people import Account, Participant, Staff
from portal.services.messages import slots

A_DAY_AND_MORE: Final = timedelta(hours=36)
Claimed = Row[Any]


@dataclass(frozen=True, slots=True)
class Gathered:
    """A claimed row with its facts and the words that it would say."""

    id: int
    token: str
    attempts: int
    not_before_at: datetime
    expires_at: datetime
    lease_until: datetime | None
    body: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside the rows themselves. ``others`` maps a recipient to (kind, handed over?, when)."""

    diaries: frozenset[tuple[int, date]]
    dates: frozenset[tuple[int, str]]
    others: dict[str, list[tuple[Kind, bool, datetime]]]


def gather(session: Session, ids: Sequence[int], now: datetime) -> list[Gathered]:
    """The rows of these ids in the order in which they fall due, each with its facts."""
    if not ids:
        return []
    rows = session.execute(_statement(ids)).all()
    people = {row.participant_id for row in rows if row.account_id is not None}
    around = Around(
        diaries=_diaries(session, people, now),
        dates=_standing_dates(session, people),
        others=_others(session, [row.recipient for row in rows if row.account_id is not None], ids, now),
    )
    return [_gathered(row, around, now) for row in rows]


def _statement(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Message.id, Message.token, Message.attempts, Message.kind, Message.occurrence, Message.recipient,
            Message.participant_id, Message.account_id, Message.language, Message.template_version,
            Message.not_before_at, Message.expires_at, Message.lease_until,
            Account.phone, Account.texts_on, Participant.status, Participant.timezone,
            Staff.phone.label("staff_phone"), Staff.active.label("staff_active"),
        )
        .outerjoin(Account, Account.id == Message.account_id)
        .outerjoin(Participant, Participant.id == Message.participant_id)
        .outerjoin(Staff, Staff.id == Message.staff_id)
        .where(Message.id.in_(ids))
        .order_by(Message.not_before_at, Message.id)
    )  # fmt: skip


def _diaries(session: Session, people: set[int], now: datetime) -> frozenset[tuple[int, date]]:
    since = (now - A_DAY_AND_MORE).date()
    found = select(Diary.participant_id, Diary.diary_on).where(
        Diary.participant_id.in_(people), Diary.diary_on >= since
    )
    return frozenset((row.participant_id, row.diary_on) for row in session.execute(found))


def _standing_dates(session: Session, people: set[int]) -> frozenset[tuple[int, str]]:
    found = select(Infusion.participant_id, Infusion.number, Infusion.planned_at).where(
        Infusion.participant_id.in_(people), slots.still_ahead()
    )
    return frozenset((person, slots.occurrence(number, at)) for person, number, at in session.execute(found))


def _others(
    session: Session, recipients: Sequence[str], ids: Sequence[int], now: datetime
) -> dict[str, list[tuple[Kind, bool, datetime]]]:
    """The recipients' other texts of these days; a row of the same batch counts as still to go."""
    at = func.coalesce(Message.sent_at, Message.claimed_at, Message.not_before_at, type_=Message.sent_at.type)
    found = select(Message.id, Message.recipient, Message.kind, Message.state, at.label("at")).where(
        Message.recipient.in_(recipients),
        Message.not_before_at >= now - A_DAY_AND_MORE,
        Message.state.in_([str(State.PLANNED), *map(str, HANDED_OVER)]),
    )
    others: dict[str, list[tuple[Kind, bool, datetime]]] = defaultdict(list)
    for row in session.execute(found):
        gone = State(row.state) in HANDED_OVER and row.id not in ids
        others[row.recipient].append((Kind(row.kind), gone, row.at))
    return others


def _gathered(row: Claimed, around: Around, now: datetime) -> Gathered:
    facts = _of_staff(row) if row.account_id is None else _of_account(row, around, now)
    template = texts.template(row.kind, row.language, row.template_version)
    return Gathered(
        id=row.id,
        token=row.token,
        attempts=row.attempts,
        not_before_at=row.not_before_at,
        expires_at=row.expires_at,
        lease_until=row.lease_until,
        body=template.fill(**_values(row, facts)),
        facts=facts,
    )


def _of_staff(row: Claimed) -> Facts:
    zone = ZoneInfo(protocols.load().timezone)
    return Facts(kind=Kind(row.kind), zone=zone, phone=row.staff_phone, works_here=bool(row.staff_active))


def _of_account(row: Claimed, around: Around, now: datetime) -> Facts:
    kind, zone = Kind(row.kind), ZoneInfo(row.timezone)
    today = now.astimezone(zone).date()
    same_day = [
        (other, gone) for other, gone, at in around.others.get(row.recipient, []) if at.astimezone(zone).date() == today
    ]
    return Facts(
        kind=kind,
        zone=zone,
        phone=row.phone,
        wanted=bool(row.texts_on),
        in_study=row.status == "active",
        diary_sent=kind is Kind.DIARY_REMINDER
        and (row.participant_id, date.fromisoformat(row.occurrence)) in around.diaries,
        date_holds=kind not in INFUSION_KINDS or (row.participant_id, row.occurrence) in around.dates,
        handed_over=tuple(other for other, gone in same_day if gone),
        still_planned=tuple(other for other, gone in same_day if not gone),
    )


def _values(row: Claimed, facts: Facts) -> dict[str, str]:
    """What stands in a template's braces: an appointment's local day and hour, or an alert's number."""
    if facts.kind is Kind.STAFF_ALERT:
        return {"number": row.occurrence.removeprefix("episode:").replace(":", "-")}
    if facts.kind in INFUSION_KINDS:
        local = slots.appointment_of(row.occurrence).astimezone(facts.zone)
        return {"day": texts.day_words(local.date(), row.language), "time": local.strftime("%H:%M")}
    return {}
