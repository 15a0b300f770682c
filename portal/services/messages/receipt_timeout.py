"""Texts of which the provider never said how they ended."""

from datetime import datetime
from typing import Final

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal.domain.access import SYSTEM
from portal.domain.messages import RECEIPT_WITHIN, MessageReason, MessageState
from portal.models.messages import UNRECEIPTED, Message
from portal.services import audit

SWEEP: Final = 1_000


def close_unreceipted(session: Session, *, now: datetime) -> int:
    """``sent`` is final where no receipt came within 72 hours; at most 1,000 rows a round. A later receipt counts."""
    stale = select(Message.id).where(text(UNRECEIPTED), Message.sent_at <= now - RECEIPT_WITHIN)
    ids = list(session.scalars(stale.order_by(Message.sent_at).limit(SWEEP).with_for_update(skip_locked=True)))
    if not ids:
        return 0
    audit.begin(session, actor=SYSTEM, action="message:close", now=now)
    statement = (
        update(Message)
        .where(Message.id.in_(ids), Message.state == MessageState.SENT, Message.final_at.is_(None))
        .values(final_at=now, reason=MessageReason.NO_RECEIPT)
        .returning(Message.id)
    )
    return len(session.scalars(statement, execution_options={"synchronize_session": False}).all())
