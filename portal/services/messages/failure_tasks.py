"""A text that has failed for good is somebody's task, from the same transaction on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.messages import PHONE_REASONS
from portal.domain.tasks import TaskKind, due_in_working_time
from portal.models.messages import Message
from portal.models.people import Participant
from portal.services import tasks


def open_failure_tasks(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """Open one task of a kind per participant: to find a number that works, or to check what happened to a message.

    The caller has begun the audit event.
    """
    if not ids:
        return
    rows = session.execute(_failed(ids)).all()
    _hold(session, {row.participant_id for row in rows})
    for row in rows:
        _open(session, row, now)


def _failed(ids: Sequence[int]) -> Any:
    return (
        select(Message.id, Message.participant_id, Message.account_id, Message.reason, Participant.site)
        .join(Participant, Participant.id == Message.participant_id)
        .where(Message.id.in_(ids))
        .order_by(Message.id)
    )


def _hold(session: Session, people: set[int]) -> None:
    """The participants' rows, in one order for all workers, so that no two open the same task."""
    held = select(Participant.id).where(Participant.id.in_(people)).order_by(Participant.id)
    session.execute(held.with_for_update(key_share=True)).all()


def _open(session: Session, row: Row[Any], now: datetime) -> None:
    protocol = protocols.load_protocol()
    theirs = row.account_id is not None and row.reason in PHONE_REASONS
    tasks.open_task(
        session,
        kind=TaskKind.UNREACHABLE_PHONE if theirs else TaskKind.TEXT_FAILED,
        participant_id=row.participant_id,
        site=row.site,
        dedupe_key=f"message:{row.id}",
        due_at=due_in_working_time(now, clocks=protocol.clocks, timezone=protocol.timezone),
        now=now,
    )
