"""Texts that are made in the transaction of what they are about: alerts to staff, codes, and the last word."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, cast, exists, literal, select, update
from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters import phones, sms
from portal.domain.access import Role
from portal.domain.errors import NotFound
from portal.domain.messages import KINDS, Channel, MessageKind, MessageReason, MessageState
from portal.models.messages import Message
from portal.models.people import Account, Staff
from portal.models.upsert import insert_into
from portal.services.messages.new_rows import new_row

ALERT_LASTS: Final = timedelta(hours=24)
CODE_LASTS: Final = timedelta(minutes=10)
GOODBYE_LASTS: Final = timedelta(days=2)
NOT_GONE: Final = (MessageState.PLANNED, MessageState.SUPPRESSED)
QUIETLY: Final = {"synchronize_session": False}


def enqueue_staff_alert(
    session: Session,
    *,
    episode_id: int,
    alert_number: int,
    participant_id: int,
    site: str,
    now: datetime,
    to: Collection[int] | None = None,
    step: int = 0,
    due_at: datetime | None = None,
) -> int:
    """One message to each active coordinator of the site, at once and at any hour; how many people's were added.

    ``due_at``: not before then, where it is not sent at once.

    ``to`` names staff ids instead; ``step`` counts on when the same alert goes further down the rota. Where a mail
    server is configured, an e-mail goes beside each text. The caller has begun the audit event. For the same alert and
    step nothing is added twice. A person without a phone gets a suppressed row, so that the gap shows.
    """
    whom = Staff.role == Role.COORDINATOR if to is None else Staff.id.in_(to)
    statement = select(Staff).where(Staff.active, whom).order_by(Staff.id)
    people = [person for person in session.scalars(statement) if site in person.sites]
    dedupe_key = alert_key(episode_id, alert_number) + (f":{step}" if step else "")
    at = due_at or now
    if sms.has_channel(Channel.EMAIL):
        _insert(session, [_alert(MessageKind.STAFF_EMAIL, one, participant_id, dedupe_key, now, at) for one in people])
    return _insert(
        session, [_alert(MessageKind.STAFF_ALERT, one, participant_id, dedupe_key, now, at) for one in people]
    )


def alert_key(episode_id: int, alert_number: int) -> str:
    """What the texts of one alert are named by, at its first step."""
    return f"episode:{episode_id}:{alert_number}"


def alert_has_gone(episode_id: Any, alert_number: Any) -> ColumnElement[bool]:
    """SQL: whether a text of this alert has been handed over, or is being so."""
    key = literal("episode:") + cast(episode_id, String) + literal(":") + cast(alert_number, String)
    return exists().where(Message.dedupe_key == key, Message.state.not_in(NOT_GONE))


def hasten_alerts(session: Session, *, participant_id: int, keys: Collection[str], now: datetime) -> None:
    """Alerts that wait are due at once. The caller has begun the audit event."""
    session.execute(
        update(Message)
        .where(_waits(participant_id, keys), Message.not_before_at > now)
        .values(not_before_at=now, expires_at=now + ALERT_LASTS),
        execution_options=QUIETLY,
    )


def stop_alerts(session: Session, *, participant_id: int, keys: Collection[str], now: datetime) -> bool:
    """Alerts that wait do not go; whether none has gone. The caller has begun the audit event."""
    session.execute(
        update(Message)
        .where(_waits(participant_id, keys))
        .values(state=MessageState.SUPPRESSED, reason=MessageReason.TAKEN_BACK, final_at=now),
        execution_options=QUIETLY,
    )
    gone = select(Message.id).where(
        Message.participant_id == participant_id, Message.dedupe_key.in_(keys), Message.state.not_in(NOT_GONE)
    )
    return session.execute(gone.limit(1)).first() is None


def _waits(participant_id: int, keys: Collection[str]) -> ColumnElement[bool]:
    return and_(
        Message.participant_id == participant_id,
        Message.dedupe_key.in_(keys),
        Message.state == MessageState.PLANNED,
    )


def enqueue_code(session: Session, *, account_id: int, code: str, now: datetime) -> int:
    """A sign-in code, sent at once, at any hour, whatever was switched off; the row's id.

    It expires after ten minutes; its text is erased as soon as it was handed over or can no longer go. The caller has
    begun the audit event.
    """
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound
    row = _to_account(account, MessageKind.SIGN_IN_CODE, f"code:{secrets.token_hex(8)}", now, now + CODE_LASTS)
    return _insert_one(session, {**row, "values": {"code": code} if account.phone else None})


def enqueue_withdrawal(session: Session, *, account_id: int, now: datetime) -> int:
    """The last message: that there will be no more. By day, even with reminders off. The caller has begun the event."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound
    row = _to_account(account, MessageKind.WITHDRAWAL, f"left:{now:%Y-%m-%d}", now, now + GOODBYE_LASTS)
    ward = format_ward_phone(account)
    insert = insert_into(session, Message).on_conflict_do_nothing().returning(Message.id)
    return int(session.execute(insert.values(**row, values={"phone": ward})).scalar_one_or_none() or 0)


def enqueue_goodbyes(session: Session, *, participant_id: int, now: datetime) -> None:
    """The last message to each account of a participant who leaves, before it is closed. Begins no audit event."""
    found = select(Account.id).where(
        Account.participant_id == participant_id, Account.activated_at.is_not(None), Account.phone_index.is_not(None)
    )
    for account_id in session.scalars(found.order_by(Account.id)).all():
        enqueue_withdrawal(session, account_id=account_id, now=now)


def enqueue_invitation(
    session: Session, *, invitation_id: int, email: str, language: str, link: str, expires_at: datetime, now: datetime
) -> bool:
    """Whether an e-mail with the link will go: not without a mail server. The caller has begun the audit event."""
    if not sms.has_channel(Channel.EMAIL):
        return False
    row = _row(f"invitation:{invitation_id}", MessageKind.STAFF_INVITATION, "join", language, email, now, expires_at)
    _insert_one(session, {**row, "values": {"link": link, "to": email}})
    return True


def format_ward_phone(account: Account) -> str:
    """The number to ring, as people write it."""
    sites = protocols.load_protocol().sites
    site = next((one for one in sites if one.code == account.participant.site), sites[0])
    return phones.format_phone(phones.to_e164(site.ward_phone))


def _alert(
    kind: MessageKind, person: Staff, participant_id: int, dedupe_key: str, now: datetime, due_at: datetime
) -> dict[str, Any]:
    to = person.email if KINDS[kind].channel is Channel.EMAIL else person.phone
    row = _row(f"staff:{person.id}", kind, dedupe_key, person.language, to, now, due_at + ALERT_LASTS)
    about = {"participant_id": participant_id, "staff_id": person.id, "account_id": None}
    return {**about, **row, "not_before_at": due_at}


def _to_account(
    account: Account, kind: MessageKind, dedupe_key: str, now: datetime, expires_at: datetime
) -> dict[str, Any]:
    about = {"participant_id": account.participant_id, "account_id": account.id, "staff_id": None}
    row = _row(f"account:{account.id}", kind, dedupe_key, account.language, account.phone, now, expires_at)
    return about | row


def _row(
    recipient: str,
    kind: MessageKind,
    dedupe_key: str,
    language: str,
    to: str | None,
    now: datetime,
    expires_at: datetime,
) -> dict[str, Any]:
    """Suppressed from the start where there is no number or address."""
    row = new_row(
        recipient=recipient, kind=kind, dedupe_key=dedupe_key, language=language, now=now, expires_at=expires_at
    )
    if to:
        return row | {"reason": None, "final_at": None}
    return row | {"state": MessageState.SUPPRESSED, "reason": MessageReason.NO_PHONE, "final_at": now}


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    """Rows that are there already stay as they are; how many were added."""
    if not rows:
        return 0
    insert = insert_into(session, Message).on_conflict_do_nothing().returning(Message.id)
    return len(session.execute(insert, rows).all())


def _insert_one(session: Session, row: dict[str, Any]) -> int:
    return int(session.execute(insert_into(session, Message).values(**row).returning(Message.id)).scalar_one())
