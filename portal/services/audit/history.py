"""The history of one row, with its values decrypted."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.retention import IdentifiersErased
from portal.models.audit import AuditChange, AuditEvent, cipher_of_row, data_cipher
from portal.services.audit.former_names import current_action, current_field, current_table, recorded_tables

ERASED = "[erased]"


@dataclass(frozen=True, slots=True)
class RowChange:
    """One changed row of an event. ``fields`` is ``{field: (old, new)}``, empty once the key has been erased."""

    at: datetime
    action: str
    role: str
    actor_kind: str
    actor_id: int | None
    reason: str | None
    entity: str
    entity_id: str
    verb: str
    fields: dict[str, tuple[Any, Any]]


def list_row_changes(session: Session, *, entity: str, entity_id: int | str) -> tuple[RowChange, ...]:
    """Every change of one row, oldest first, with its values opened."""
    rows = session.execute(
        select(AuditEvent, AuditChange)
        .join(AuditChange, AuditChange.event_id == AuditEvent.id)
        .where(AuditChange.entity.in_(recorded_tables(entity)), AuditChange.entity_id == str(entity_id))
        .order_by(AuditChange.id)
    )
    return tuple(decrypted(session, event, change) for event, change in rows)


def decrypted(session: Session, event: AuditEvent, change: AuditChange) -> RowChange:
    """One change with its values in clear, under the names of today."""
    context = f"audit.{change.entity}.{change.entity_id}".encode()
    try:
        key = cipher_of_row(
            session, entity=change.entity, entity_id=change.entity_id, participant_id=change.participant_id
        )
        fields = json.loads(key.decrypt(change.fields, context))
    except IdentifiersErased:
        fields = {}
    return RowChange(
        at=event.at,
        action=current_action(event.action),
        role=event.role,
        actor_kind=event.actor_kind,
        actor_id=event.actor_id,
        reason=decrypted_reason(session, event),
        entity=current_table(change.entity),
        entity_id=change.entity_id,
        verb=change.verb,
        fields={current_field(change.entity, name): (old, new) for name, (old, new) in fields.items()},
    )


def decrypted_reason(session: Session, event: AuditEvent) -> str | None:
    """Why somebody acted, in clear, or that it cannot be known any more."""
    if event.reason is None:
        return None
    try:
        return data_cipher(session, event.participant_id).decrypt(event.reason, b"audit.reason").decode()
    except IdentifiersErased:
        return ERASED
