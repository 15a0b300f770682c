"""The message ledger of the demo trial's past: what would have been sent, with its outcome. No sender is called."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.adapters import message_templates, phones
from portal.demo.dice import random_minutes, seeded_random
from portal.demo.life import ParticipantLife
from portal.domain.access import SYSTEM
from portal.domain.diary import first_due_day, last_due_day
from portal.domain.messages import (
    MessageKind,
    MessageReason,
    MessageState,
    SendWindow,
    diary_window,
    evening_window,
    morning_window,
)
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.messages import Message
from portal.models.people import Account, Staff
from portal.models.upsert import insert_into
from portal.services import audit, messages
from portal.services.messages import slots

PROVIDER: Final = "console"
UNANSWERED, EXPIRED = 0.015, 0.035
OFTEN_OFF, UNREACHABLE = 19, 0.1  # one phone of so many is switched off at every tenth text, the others are on
FIXED: Final = frozenset({"recipient", "kind", "dedupe_key", "token"})


@dataclass(frozen=True, slots=True)
class MessageOccasion:
    """One text that had a cause. ``off``: why it did not go, and since when."""

    kind: MessageKind
    dedupe_key: str
    window: SendWindow
    values: Mapping[str, str]
    off: tuple[MessageReason, datetime] | None = None


def record_messages(life: ParticipantLife) -> None:
    """Every text whose hour has passed, to each of the participant's accounts."""
    if not life.person.activated or not life.person.reminders_on:
        return
    audit.begin(life.session, actor=SYSTEM, action="message:send", now=life.until, participant_id=life.participant_id)
    accounts = life.session.scalars(select(Account).where(Account.participant_id == life.participant_id)).all()
    occasions = [one for one in (*_diaries(life), *_infusions(life)) if one.window.not_before_at <= life.until]
    rows = [_row(life, account, one) for account in accounts for one in occasions]
    if rows:
        insert = insert_into(life.session, Message)
        changed = {name: insert.excluded[name] for name in rows[0] if name not in FIXED}
        life.session.execute(insert.on_conflict_do_update(index_elements=list(FIXED - {"token"}), set_=changed), rows)


def _diaries(life: ParticipantLife) -> Iterator[MessageOccasion]:
    plan, person = life.protocol.diary, life.person
    activated = life.session.scalar(
        select(func.min(Account.activated_at)).where(Account.participant_id == life.participant_id)
    )
    first = first_due_day(plan, transplant_on=person.transplant_on, enrolled_on=person.enrolled_on)
    last = min(last_due_day(plan, transplant_on=person.transplant_on), life.day(life.until))
    sent = _first_sent(life)
    for offset in range((last - first).days + 1):
        on = first + timedelta(days=offset)
        window = diary_window(on, person.reminder_at, life.zone, life.protocol.reminders)
        if activated is None or window.not_before_at <= activated:
            continue
        early = on in sent and sent[on] <= window.not_before_at
        off = (MessageReason.DIARY_SENT, sent[on]) if early else None
        yield MessageOccasion(MessageKind.DIARY_REMINDER, on.isoformat(), window, {}, off)


def _first_sent(life: ParticipantLife) -> dict[date, datetime]:
    statement = (
        select(Diary.diary_on, func.min(Diary.received_at))
        .where(Diary.participant_id == life.participant_id)
        .group_by(Diary.diary_on)
    )
    return {on: at for on, at in life.session.execute(statement)}  # noqa: C416 - a row is no tuple to the type checker


def _infusions(life: ParticipantLife) -> Iterator[MessageOccasion]:
    rows = life.session.scalars(select(Infusion).where(Infusion.participant_id == life.participant_id))
    for row in rows.all():
        yield from _about(life, row.number, row.planned_at, None)
        if row.planned_at != row.original_at:
            off = (MessageReason.DATE_CHANGED, min(row.original_at, life.until) - timedelta(hours=20))
            yield from _about(life, row.number, row.original_at, off)


def _about(
    life: ParticipantLife, number: int, at: datetime, off: tuple[MessageReason, datetime] | None
) -> Iterator[MessageOccasion]:
    reminders, local = life.protocol.reminders, at.astimezone(life.zone)
    values = {"day": message_templates.day_label(local.date(), life.person.language), "time": local.strftime("%H:%M")}
    for kind, window_of in (
        (MessageKind.INFUSION_EVENING, evening_window),
        (MessageKind.INFUSION_MORNING, morning_window),
    ):
        yield MessageOccasion(
            kind, slots.appointment_dedupe_key(number, at), window_of(at, life.zone, reminders), values, off
        )


def _row(life: ParticipantLife, account: Account, one: MessageOccasion) -> dict[str, Any]:
    throw = life.dice("text", account.role, one.kind, one.dedupe_key)
    row = {
        "participant_id": account.participant_id,
        "account_id": account.id,
        "recipient": f"account:{account.id}",
        "kind": str(one.kind),
        "dedupe_key": one.dedupe_key,
        "token": uuid.UUID(int=throw.getrandbits(128), version=4).hex,
        "template_version": message_templates.CURRENT,
        "language": account.language,
        "created_at": one.window.not_before_at - random_minutes(throw, 600, 900),
        "not_before_at": one.window.not_before_at,
        "expires_at": one.window.expires_at,
    }
    if one.off is not None:
        reason, at = one.off
        return {**row, **_fate(MessageState.SUPPRESSED, reason=reason, final_at=at)}
    body = message_templates.get_template(one.kind, account.language).fill(**one.values)
    unreachable = UNREACHABLE if life.person.number % OFTEN_OFF == 1 else 0.0
    return {**row, **_outcome(one.window, account.phone or "", body, throw, unreachable)}


def _outcome(window: SendWindow, phone: str, body: str, throw: Random, unreachable: float) -> dict[str, Any]:
    """Most arrive; a few phones are often off, some receipts never come, and now and then it was too late."""
    sent_at, luck = window.not_before_at + timedelta(seconds=throw.randint(1, 40)), throw.random()
    handed = {
        "phone": phone, "destination": phones.calling_code(phone) if phone else None, "body": body, "sent_at": sent_at,
        "provider_id": f"demo-{throw.getrandbits(64):016x}",
    }  # fmt: skip
    if luck < unreachable:
        fate = _fate(
            MessageState.FAILED, reason=MessageReason.UNREACHABLE, final_at=sent_at + random_minutes(throw, 1, 9)
        )
        return {**fate, **handed, "provider_status": "undelivered", "error_code": "30003"}
    luck -= unreachable
    if luck < UNANSWERED:
        return {**_fate(MessageState.SENT), **handed, "provider_status": "sent"}
    if luck < EXPIRED:
        return _fate(MessageState.EXPIRED, reason=MessageReason.WINDOW_PASSED, final_at=window.expires_at)
    fate = _fate(MessageState.DELIVERED, final_at=sent_at + timedelta(seconds=throw.randint(1, 20)))
    return {**fate, **handed, "provider_status": "delivered"}


def _fate(
    state: MessageState, *, reason: MessageReason | None = None, final_at: datetime | None = None
) -> dict[str, Any]:
    """All columns of an outcome, so that rows of every outcome go in one statement."""
    gone = state in {MessageState.SENT, MessageState.DELIVERED, MessageState.FAILED}
    return {
        "state": str(state),
        "reason": str(reason) if reason else None,
        "final_at": final_at,
        "attempts": int(gone),
        "provider": PROVIDER if gone else None,
        "phone": None,
        "destination": None,
        "body": None,
        "sent_at": None,
        "provider_id": None,
        "provider_status": None,
        "error_code": None,
    }


def settle_messages(session: Session, *, seed: int, now: datetime) -> None:
    """Alerts to staff have long been read, what is stale has expired, and what comes next is planned."""
    audit.begin(session, actor=SYSTEM, action="message:send", now=now)
    alerts = session.execute(
        select(Message.id, Message.dedupe_key, Message.language, Message.not_before_at, Staff.phone)
        .join(Staff, Staff.id == Message.staff_id)
        .where(Message.state == MessageState.PLANNED, Message.not_before_at <= now)
    ).all()
    changes = [{"id": row.id, **_alert(row, seeded_random(seed, "alert", row.dedupe_key))} for row in alerts]
    if changes:
        session.execute(update(Message), changes, execution_options={"synchronize_session": False})
    session.execute(
        update(Message)
        .where(Message.state == MessageState.PLANNED, Message.expires_at <= now)
        .values(state=MessageState.EXPIRED, reason=MessageReason.WINDOW_PASSED, final_at=Message.expires_at),
        execution_options={"synchronize_session": False},
    )
    messages.plan_reminders(session, now=now)


def _alert(row: Any, throw: Random) -> dict[str, Any]:
    number = row.dedupe_key.removeprefix("episode:").replace(":", "-")
    body = message_templates.get_template(MessageKind.STAFF_ALERT, row.language).fill(number=number)
    sent_at = row.not_before_at + timedelta(seconds=throw.randint(1, 9))
    return {
        **_fate(MessageState.DELIVERED, final_at=sent_at + timedelta(seconds=throw.randint(1, 20))),
        "phone": row.phone,
        "destination": phones.calling_code(row.phone) if row.phone else None,
        "body": body,
        "sent_at": sent_at,
        "provider_id": f"demo-{throw.getrandbits(64):016x}",
        "provider_status": "delivered",
    }
