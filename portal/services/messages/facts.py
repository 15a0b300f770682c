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
from portal.adapters import message_templates, phones, sms
from portal.domain.messages import (
    DIARY_KINDS,
    HANDED_OVER,
    INFUSION_KINDS,
    KINDS,
    Channel,
    MessageFacts,
    MessageKind,
    MessageState,
)
from portal.domain.participation import ParticipationStatus
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.messages import Message
from portal.models.participation import DIARY_KEPT_BY_WARD, Stay
from portal.models.people import Account, Participant, Staff
from portal.services.day_tokens import make_day_token
from portal.services.messages import slots

A_DAY_AND_MORE: Final = timedelta(hours=36)
DIARY_DAYS: Final = timedelta(days=3)  # a nudge of the morning after asks for the day before
ClaimedRow = Row[Any]


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A claimed row with its facts and the words that it would say."""

    id: int
    attempts: int
    not_before_at: datetime
    lease_until: datetime | None
    text: sms.OutgoingMessage
    facts: MessageFacts
    destination: str | None


@dataclass(frozen=True, slots=True)
class RecentMessage:
    """``gone``: handed over already; ``beside``: claimed in the same batch, and not yet decided."""

    id: int
    kind: MessageKind
    at: datetime
    gone: bool
    beside: bool

    def counts_for(self, row: ClaimedRow) -> bool:
        """Of two that matter alike in one batch, the first takes the place of the day's limit."""
        alike = KINDS[self.kind].priority == KINDS[row.kind].priority
        return self.gone or (self.beside and alike and self.id < row.id)


@dataclass(frozen=True, slots=True)
class BatchContext:
    """What is known beside the rows themselves. ``others`` are a recipient's texts of these days."""

    diaries: frozenset[tuple[int, date]]
    on_ward: frozenset[int]
    dates: frozenset[tuple[int, str]]
    others: dict[str, list[RecentMessage]]


def gather_facts(session: Session, ids: Sequence[int], now: datetime) -> list[ClaimedMessage]:
    """The rows of these ids in the order in which they fall due, each with its facts."""
    if not ids:
        return []
    rows = session.execute(_statement(ids)).all()
    people = {row.participant_id for row in rows if row.account_id is not None}
    around = BatchContext(
        diaries=_diaries(session, people, now),
        on_ward=list_on_ward(session, people),
        dates=_standing_dates(session, people),
        others=_others(session, [row.recipient for row in rows if row.account_id is not None], ids, now),
    )
    return [_gathered(row, around, now) for row in rows]


def _statement(ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Message.id, Message.token, Message.attempts, Message.kind, Message.dedupe_key, Message.recipient,
            Message.participant_id, Message.account_id, Message.language, Message.template_version,
            Message.not_before_at, Message.lease_until, Message.values,
            Account.phone, Account.reminders_on, Participant.status, Participant.timezone,
            Staff.phone.label("staff_phone"), Staff.email.label("staff_email"), Staff.active.label("staff_active"),
        )
        .outerjoin(Account, Account.id == Message.account_id)
        .outerjoin(Participant, Participant.id == Message.participant_id)
        .outerjoin(Staff, Staff.id == Message.staff_id)
        .where(Message.id.in_(ids))
        .order_by(Message.not_before_at, Message.id)
    )  # fmt: skip


def _diaries(session: Session, people: set[int], now: datetime) -> frozenset[tuple[int, date]]:
    since = (now - DIARY_DAYS).date()
    found = select(Diary.participant_id, Diary.diary_on).where(
        Diary.participant_id.in_(people), Diary.diary_on >= since
    )
    return frozenset((row.participant_id, row.diary_on) for row in session.execute(found))


def list_on_ward(session: Session, people: set[int]) -> frozenset[int]:
    """Who is in hospital with the diary kept by the ward."""
    found = select(Stay.participant_id).where(Stay.participant_id.in_(people), DIARY_KEPT_BY_WARD)
    return frozenset(session.scalars(found))


def _standing_dates(session: Session, people: set[int]) -> frozenset[tuple[int, str]]:
    found = select(Infusion.participant_id, Infusion.number, Infusion.planned_at).where(
        Infusion.participant_id.in_(people), slots.infusion_is_ahead()
    )
    return frozenset(
        (person, slots.appointment_dedupe_key(number, at)) for person, number, at in session.execute(found)
    )


def _others(
    session: Session, recipients: Sequence[str], ids: Sequence[int], now: datetime
) -> dict[str, list[RecentMessage]]:
    """The recipients' other texts of these days; a row of the same batch counts as still to go."""
    at = func.coalesce(Message.sent_at, Message.claimed_at, Message.not_before_at, type_=Message.sent_at.type)
    found = select(Message.id, Message.recipient, Message.kind, Message.state, at.label("at")).where(
        Message.recipient.in_(recipients),
        Message.not_before_at >= now - A_DAY_AND_MORE,
        Message.state.in_([MessageState.PLANNED, *map(str, HANDED_OVER)]),
    )
    others: dict[str, list[RecentMessage]] = defaultdict(list)
    for row in session.execute(found):
        beside, handed_over = row.id in ids, row.state in HANDED_OVER
        others[row.recipient].append(RecentMessage(row.id, row.kind, row.at, handed_over and not beside, beside))
    return others


def _gathered(row: ClaimedRow, around: BatchContext, now: datetime) -> ClaimedMessage:
    facts = _of_staff(row) if row.account_id is None else _of_account(row, around, now)
    return ClaimedMessage(
        id=row.id,
        attempts=row.attempts,
        not_before_at=row.not_before_at,
        lease_until=row.lease_until,
        text=_text(row, facts),
        facts=facts,
        destination=_calling_code(facts),
    )


def _calling_code(facts: MessageFacts) -> str | None:
    """Nobody's for an e-mail."""
    by_text = facts.phone and KINDS[facts.kind].channel is Channel.SMS
    return phones.calling_code(facts.phone) if facts.phone and by_text else None


def _text(row: ClaimedRow, facts: MessageFacts) -> sms.OutgoingMessage:
    template = message_templates.get_template(row.kind, row.language, row.template_version)
    values = row.values or _values(row, facts)
    return sms.OutgoingMessage(
        to=facts.phone or "",
        body=_linked(row, template.fill(**values)),
        reference=row.token,
        subject=template.subject,
        approvals=template.approvals,
        values=values,
    )


def _linked(row: ClaimedRow, body: str) -> str:
    """A reminder leads to its day's entry, where links may be sent."""
    if row.kind != MessageKind.DIARY_REMINDER or not row.phone:
        return body
    path = f"/d/{make_day_token(account_id=row.account_id, diary_on=_day(row.dedupe_key))}"
    return message_templates.append_link(
        body, path, country=message_templates.find_destination(phones.calling_code(row.phone))
    )


def _of_staff(row: ClaimedRow) -> MessageFacts:
    kind, zone = row.kind, ZoneInfo(protocols.load_protocol().timezone)
    if kind is MessageKind.STAFF_INVITATION:
        return MessageFacts(kind=kind, zone=zone, phone=(row.values or {}).get("to"), works_here=True)
    to = row.staff_email if KINDS[kind].channel is Channel.EMAIL else row.staff_phone
    return MessageFacts(kind=kind, zone=zone, phone=to, works_here=bool(row.staff_active))


def _of_account(row: ClaimedRow, around: BatchContext, now: datetime) -> MessageFacts:
    kind, zone = row.kind, ZoneInfo(row.timezone)
    today = now.astimezone(zone).date()
    same_day = [
        other
        for other in around.others.get(row.recipient, ())
        if other.id != row.id and other.at.astimezone(zone).date() == today
    ]
    return MessageFacts(
        kind=kind,
        zone=zone,
        phone=row.phone,
        wanted=bool(row.reminders_on),
        in_study=row.status == ParticipationStatus.ACTIVE,
        diary_sent=kind in DIARY_KINDS and (row.participant_id, _day(row.dedupe_key)) in around.diaries,
        on_ward=kind in DIARY_KINDS and row.participant_id in around.on_ward,
        date_holds=kind not in INFUSION_KINDS
        or (row.participant_id, slots.original_dedupe_key(row.dedupe_key)) in around.dates,
        handed_over=tuple(other.kind for other in same_day if other.counts_for(row)),
        still_planned=tuple(other.kind for other in same_day if not other.counts_for(row)),
        quiet_there=message_templates.find_destination(phones.calling_code(row.phone)).quiet if row.phone else (),
    )


def _day(dedupe_key: str) -> date:
    return date.fromisoformat(slots.original_dedupe_key(dedupe_key))


def _values(row: ClaimedRow, facts: MessageFacts) -> dict[str, str]:
    """What stands in a template's braces: an appointment's local day and hour, an entry's day, an alert's number."""
    if facts.kind in {MessageKind.STAFF_ALERT, MessageKind.STAFF_EMAIL}:
        return {"number": slots.original_dedupe_key(row.dedupe_key).removeprefix("episode:").replace(":", "-")}
    if facts.kind is MessageKind.DIARY_NUDGE:
        return {"day": message_templates.day_label(_day(row.dedupe_key), row.language)}
    if facts.kind in INFUSION_KINDS:
        local = slots.appointment_instant(row.dedupe_key).astimezone(facts.zone)
        return {"day": message_templates.day_label(local.date(), row.language), "time": local.strftime("%H:%M")}
    return {}
