"""Beginning an audit event, before the change that it describes."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.models.audit import begin_event


def begin(
    session: Session,
    *,
    actor: Actor,
    action: str,
    now: datetime,
    participant_id: int | None = None,
    reason: str | None = None,
) -> None:
    """Begin an audit event, before any change. ``action``: ``subject:verb``. A view or a failed try is one, too."""
    values = {
        "at": now,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "role": str(actor.role),
        "action": action,
        "participant_id": participant_id,
        "request_id": actor.request_id,
    }
    begin_event(session, values=values, reason=reason)
