"""Reading the ledger: what staff see, and what the machine counts. Phones leave it masked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.adapters import message_templates
from portal.domain.access import SYSTEM, Actor
from portal.domain.errors import NotFound
from portal.domain.messages import MessageKind, MessageState
from portal.models.messages import Message
from portal.models.people import Account, Participant
from portal.services.messages.inbox import count_unread
from portal.services.messages.resending import resend_problem
from portal.services.scope import id_of, within_sites

PAGE_CAP: Final = 200


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message as staff see it. ``body`` is null until it was handed over; ``to_staff``: whether it is for staff."""

    id: int
    kind: str
    dedupe_key: str
    state: str
    reason: str | None
    study_number: str
    participant_id: int
    to_staff: bool
    phone: str | None
    body: str | None
    language: str
    error_code: str | None
    attempts: int
    created_at: datetime
    not_before_at: datetime
    sent_at: datetime | None
    final_at: datetime | None
    claimed_at: datetime | None = None
    provider: str | None = None
    provider_id: str | None = None
    provider_status: str | None = None
    uncertain_at: datetime | None = None
    again_of: int | None = None
    expires_at: datetime | None = None
    destination: str | None = None
    template_version: int | None = None

    def can_be_resent(self, now: datetime) -> bool:
        """Whether ``resend`` would take it, given a reason."""
        return resend_problem(self, now) is None


@dataclass(frozen=True, slots=True)
class ReminderChoice:
    """Whether an account's reminders are on; ``by`` and ``at`` since somebody has changed it. ``phone`` is masked."""

    account_id: int
    role: str
    on: bool
    by: str | None
    at: datetime | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """``older_than`` is the key of the next page, or None at the end."""

    rows: tuple[MessageRow, ...]
    older_than: int | None


@dataclass(frozen=True, slots=True)
class MessageTally:
    """``states`` maps (kind, state) to a number; ``oldest_due_seconds`` is how long the longest due text has waited;
    ``uncertain`` counts what may have gone twice, ``unread`` what participants wrote and nobody has read."""

    states: dict[tuple[MessageKind, MessageState], int]
    oldest_due_seconds: float
    uncertain: int = 0
    unread: int = 0


def list_participant_messages(session: Session, *, actor: Actor, study_number: str) -> tuple[MessageRow, ...]:
    """The newest texts about a participant, newest first, at most 200; none about one of another site."""
    found = _statement().where(Participant.study_number == study_number, within_sites(actor)).limit(PAGE_CAP)
    return tuple(_row(row) for row in session.execute(found))


def list_recent_messages(
    session: Session, *, actor: Actor, before_id: int | None = None, limit: int = 50
) -> MessagePage:
    """A page of the ledger of the actor's sites, newest first; the next one begins below ``older_than``."""
    found = _statement().where(within_sites(actor)).limit(limit + 1)
    if before_id is not None:
        found = found.where(Message.id < before_id)
    rows = tuple(_row(row) for row in session.execute(found))
    return MessagePage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def get_message(session: Session, *, actor: Actor, message_id: int) -> MessageRow:
    """One text's life. Raises ``NotFound`` for other sites."""
    found = _statement().where(Message.id == message_id, within_sites(actor))
    row = session.execute(found).one_or_none()
    if row is None:
        raise NotFound
    return _row(row)


def list_reminder_choices(session: Session, *, actor: Actor, study_number: str) -> tuple[ReminderChoice, ...]:
    """The switches of a participant's accounts; none of another site's."""
    found = select(
        Account.id,
        Account.role,
        Account.reminders_on,
        Account.reminders_set_by,
        Account.reminders_set_at,
        Account.phone,
    )
    rows = session.execute(found.where(Account.participant_id == id_of(actor, study_number)).order_by(Account.id))
    return tuple(
        ReminderChoice(
            row.id, row.role, row.reminders_on, row.reminders_set_by, row.reminders_set_at, mask_destination(row.phone)
        )
        for row in rows
    )


def count_messages(session: Session, *, now: datetime) -> MessageTally:
    counted = select(Message.kind, Message.state, func.count()).group_by(Message.kind, Message.state)
    states = {(kind, state): number for kind, state, number in session.execute(counted)}
    oldest = session.scalar(
        select(func.min(Message.not_before_at)).where(
            Message.state == MessageState.PLANNED, Message.not_before_at <= now, Message.expires_at > now
        )
    )
    twice = session.scalar(select(func.count(Message.id)).where(Message.uncertain_at.is_not(None))) or 0
    return MessageTally(
        states, (now - oldest).total_seconds() if oldest else 0.0, twice, count_unread(session, actor=SYSTEM)
    )


def mask_destination(phone: str | None) -> str | None:
    """``+8613800130001`` as ``+86…0001``: enough to tell two apart, too little to call. An e-mail keeps its domain."""
    if phone and "@" in phone:
        return f"{phone[:1]}…@{phone.rpartition('@')[2]}"
    return phone and f"{phone[:3]}…{phone[-4:]}"


def _statement() -> Select[*tuple[Any, ...]]:
    columns = (Message.id, Message.kind, Message.dedupe_key, Message.state, Message.reason, Message.participant_id,
               Message.staff_id, Message.phone, Message.body, Message.language, Message.error_code, Message.attempts,
               Message.created_at, Message.not_before_at, Message.sent_at, Message.final_at, Message.claimed_at,
               Message.provider, Message.provider_id, Message.provider_status, Message.uncertain_at,
               Message.again_of, Message.expires_at, Message.destination, Message.template_version)  # fmt: skip
    return (
        select(*columns, Participant.study_number)
        .join(Participant, Participant.id == Message.participant_id)
        .order_by(Message.id.desc())
    )


def _row(row: Any) -> MessageRow:
    return MessageRow(
        id=row.id,
        kind=row.kind,
        dedupe_key=row.dedupe_key,
        state=row.state,
        reason=row.reason,
        study_number=row.study_number,
        participant_id=row.participant_id,
        to_staff=row.staff_id is not None,
        phone=mask_destination(row.phone),
        body=message_templates.redact_link(row.body),
        language=row.language,
        error_code=row.error_code,
        attempts=row.attempts,
        created_at=row.created_at,
        not_before_at=row.not_before_at,
        sent_at=row.sent_at,
        final_at=row.final_at,
        claimed_at=row.claimed_at,
        provider=row.provider,
        provider_id=row.provider_id,
        provider_status=row.provider_status,
        uncertain_at=row.uncertain_at,
        again_of=row.again_of,
        expires_at=row.expires_at,
        destination=row.destination,
        template_version=row.template_version,
    )
