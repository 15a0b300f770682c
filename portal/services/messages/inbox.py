"""What participants texted to us, as a coordinator reads it: words that nobody has judged yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.errors import NotFound
from portal.models.messages import InboundText
from portal.models.people import Participant
from portal.services import audit
from portal.services.scope import within_sites

LIMIT: Final = 100
UNREAD: Final = text("inbound_text.read_at IS NULL")


@dataclass(frozen=True, slots=True)
class UnreadMessage:
    id: int
    study_number: str
    words: str
    received_at: datetime


def list_unread(session: Session, *, actor: Actor) -> tuple[UnreadMessage, ...]:
    """What nobody has marked as read, the oldest first; at most 100."""
    found = (
        select(InboundText.id, Participant.study_number, InboundText.words, InboundText.received_at)
        .join(Participant, Participant.id == InboundText.participant_id)
        .where(UNREAD, within_sites(actor))
        .order_by(InboundText.received_at)
        .limit(LIMIT)
    )
    return tuple(
        UnreadMessage(row.id, row.study_number, row.words or "", row.received_at) for row in session.execute(found)
    )


def count_unread(session: Session, *, actor: Actor) -> int:
    """At the actor's sites; for the system, in the whole study."""
    found = select(func.count(InboundText.id)).where(UNREAD)
    if actor.kind != "system":
        found = found.join(Participant, Participant.id == InboundText.participant_id).where(within_sites(actor))
    return int(session.scalar(found) or 0)


def mark_read(session: Session, *, actor: Actor, inbound_id: int, now: datetime) -> None:
    """Somebody has read the words and seen to them. Twice is once. Raises ``NotFound`` for other sites."""
    row = session.scalars(
        select(InboundText)
        .join(Participant, Participant.id == InboundText.participant_id)
        .where(InboundText.id == inbound_id, within_sites(actor))
        .with_for_update(of=InboundText)
    ).one_or_none()
    if row is None:
        raise NotFound
    if row.read_at is None:
        audit.begin(session, actor=actor, action="inbound-text:read", now=now, participant_id=row.participant_id)
        row.read_at, row.read_by = now, actor.id
