"""Texts to staff, made in the transaction of what they are about."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import texts
from portal.domain.access import Role
from portal.domain.messages import Kind, Reason, State
from portal.models.messages import Message
from portal.models.people import Staff
from portal.models.upsert import insert_into

ALERT_LASTS: Final = timedelta(hours=24)


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
) -> int:
    """One text to each active coordinator of the site, at once and at any hour; how many were added.

    ``to`` names staff ids instead; ``step`` counts on when the same alert goes further down the rota. The caller has
    named the act. Asked again for the same alert and step, nothing is added. Somebody without a phone gets a
    suppressed row, so that the gap shows.
    """
    whom = Staff.role == str(Role.COORDINATOR) if to is None else Staff.id.in_(to)
    statement = select(Staff).where(Staff.active, whom).order_by(Staff.id)
    people = [person for person in session.scalars(statement) if site in person.sites]
    occurrence = f"episode:{episode_id}:{alert_number}" + (f":{step}" if step else "")
    rows = [_row(person, participant_id=participant_id, occurrence=occurrence, now=now) for person in people]
    if not rows:
        return 0
    insert = insert_into(session, Message).on_conflict_do_nothing().returning(Message.id)
    return len(session.execute(insert, rows).all())


def _row(person: Staff, *, participant_id: int, occurrence: str, now: datetime) -> dict[str, Any]:
    state = State.PLANNED if person.phone else State.SUPPRESSED
    return {
        "participant_id": participant_id,
        "staff_id": person.id,
        "recipient": f"staff:{person.id}",
        "kind": str(Kind.STAFF_ALERT),
        "occurrence": occurrence,
        "token": secrets.token_hex(16),
        "template_version": texts.CURRENT,
        "language": person.language,
        "state": str(state),
        "reason": None if person.phone else str(Reason.NO_PHONE),
        "not_before_at": now,
        "expires_at": now + ALERT_LASTS,
        "created_at": now,
        "attempts": 0,
        "final_at": None if person.phone else now,
    }
