"""Resend a message at a person's request: a new row, with the reason in the audit log."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.errors import Invalid, NotFound
from portal.domain.messages import OPEN, MessageKind
from portal.domain.msgid import N_
from portal.domain.reasons import reason_of
from portal.models.messages import Message
from portal.models.people import Participant
from portal.services import audit
from portal.services.messages.new_rows import new_row
from portal.services.messages.slots import original_dedupe_key
from portal.services.scope import within_sites

TO_STAFF: Final = frozenset({MessageKind.STAFF_ALERT, MessageKind.STAFF_EMAIL})
TO_PEOPLE: Final = frozenset(
    {MessageKind.DIARY_REMINDER, MessageKind.DIARY_NUDGE, MessageKind.INFUSION_EVENING, MessageKind.INFUSION_MORNING}
)
RESENDABLE: Final = TO_STAFF | TO_PEOPLE
ALERT_LASTS: Final = timedelta(hours=24)
NOT_THIS: Final = N_("A message of this kind cannot be sent again from here.")
TOO_LATE: Final = N_("The time for this message has passed; it would only confuse.")
STILL_OPEN: Final = N_("This message has not come to its end yet. Wait until it has.")


def resend_message(session: Session, *, actor: Actor, message_id: int, reason: str, now: datetime) -> int:
    """The id of the new row. What spoke against the first text speaks against this one: nobody is texted who opted out.

    Raises ``NotFound`` for other sites and ``Invalid`` with the words for the page.
    """
    row = session.scalars(
        select(Message)
        .join(Participant, Participant.id == Message.participant_id)
        .where(Message.id == message_id, within_sites(actor))
        .with_for_update(of=Message)
    ).one_or_none()
    if row is None:
        raise NotFound
    reason = reason_of(reason)
    problem = resend_problem(row, now)
    if problem:
        raise Invalid(problems={"reason": problem})
    audit.begin(
        session, actor=actor, action="message:resend", now=now, participant_id=row.participant_id, reason=reason
    )
    again = Message(**_again(session, row, now))
    session.add(again)
    session.flush()
    return again.id


def resend_problem(row: Any, now: datetime) -> str | None:
    """What speaks against sending this text again, as a msgid; None when nothing does."""
    against = (
        (row.kind not in RESENDABLE, NOT_THIS),
        (row.state in OPEN, STILL_OPEN),
        (row.kind in TO_PEOPLE and row.expires_at <= now, TOO_LATE),
    )
    return next((words for applies, words in against if applies), None)


def _again(session: Session, row: Message, now: datetime) -> dict[str, Any]:
    again = new_row(
        recipient=row.recipient,
        kind=row.kind,
        dedupe_key=f"{original_dedupe_key(row.dedupe_key)}~{_count(session, row) + 1}",
        language=row.language,
        now=now,
        expires_at=now + ALERT_LASTS if row.kind in TO_STAFF else row.expires_at,
    )
    about = {"participant_id": row.participant_id, "account_id": row.account_id, "staff_id": row.staff_id}
    return again | about | {"again_of": row.id}


def _count(session: Session, row: Message) -> int:
    """How many texts of this occasion there are."""
    occasion = original_dedupe_key(row.dedupe_key)
    same = select(func.count()).where(
        Message.recipient == row.recipient,
        Message.kind == row.kind,
        (Message.dedupe_key == occasion) | Message.dedupe_key.startswith(f"{occasion}~", autoescape=True),
    )
    return int(session.scalar(same) or 0)
