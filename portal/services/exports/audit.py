"""The decrypted audit log of one participant, and the rows of its export file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.domain.exports import ColumnKind, ExportColumn, ExportDomain, ExportOrder
from portal.domain.protocol import LocalizedText
from portal.models import Base
from portal.models.audit import AuditChange, AuditEvent
from portal.models.base import Encrypted
from portal.services import audit
from portal.services.audit.former_names import current_action, recorded_tables
from portal.services.exports.dictionary import load_domains

WITHHELD: Final = "[withheld]"
PAGE: Final = 500
KINDS: Final[Mapping[str, ColumnKind]] = {"at": "instant", "old": "json", "new": "json"}
AUDIT: Final = ExportDomain(
    name="audit",
    table="audit_event",
    words=LocalizedText("Audit log, one row a changed field", "稽查轨迹（每个变更字段一行）"),
    unblinding=True,
    columns=tuple(
        ExportColumn(name, KINDS.get(name, "text"), LocalizedText(en, zh), (name,))
        for name, en, zh in (
            ("at", "At", "时间"),
            ("actor", "Who", "操作人"),
            ("role", "Role", "角色"),
            ("action", "Act", "操作"),
            ("request", "Request", "请求编号"),
            ("reason", "Reason", "原因"),
            ("entity", "Table", "数据表"),
            ("row", "Row", "行编号"),
            ("verb", "insert, update or delete", "新增、修改或删除"),
            ("field", "Field", "字段"),
            ("old", "Old value", "旧值"),
            ("new", "New value", "新值"),
        )
    ),
)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An audit event, and one row that it changed, if any."""

    event_id: int
    at: datetime
    actor: str
    role: str
    action: str
    request_id: str | None
    reason: str | None
    change: audit.RowChange | None


def list_audit_entries(
    session: Session, *, participant_id: int | None, rows: Mapping[str, Sequence[str]]
) -> tuple[AuditEntry, ...]:  # fmt: skip
    """All events about a participant, and every other that changed one of ``rows`` (table -> keys), oldest first."""
    about = _both().where(AuditEvent.participant_id == participant_id)
    found = {(event.id, change.id if change else 0): (event, change) for event, change in session.execute(about)}
    for table, keys in rows.items():
        touching = _both().where(
            AuditChange.entity.in_(recorded_tables(table)),
            AuditChange.entity_id.in_(keys),
            AuditEvent.participant_id.is_distinct_from(participant_id),
        )
        found |= {
            (event.id, change.id if change else 0): (event, change) for event, change in session.execute(touching)
        }
    return tuple(_entry(session, *found[key]) for key in sorted(found))


def list_study_entries(session: Session, *, until: datetime) -> Iterator[AuditEntry]:
    """Events about no participant: signing in, accounts of staff, exports."""
    numbers = select(AuditEvent.id).where(AuditEvent.participant_id.is_(None), AuditEvent.at <= until)
    after = 0
    while page := session.scalars(numbers.where(AuditEvent.id > after).order_by(AuditEvent.id).limit(PAGE)).all():
        acts = _both().where(AuditEvent.id.in_(page)).order_by(AuditEvent.id, AuditChange.id)
        for event, change in session.execute(acts).all():
            if change is None or change.participant_id is None:
                yield _entry(session, event, change)
        after = page[-1]


def _both() -> Select[AuditEvent, AuditChange | None]:
    return select(AuditEvent, AuditChange).outerjoin(AuditChange, AuditChange.event_id == AuditEvent.id)


def _entry(session: Session, event: AuditEvent, change: AuditChange | None) -> AuditEntry:
    return AuditEntry(
        event_id=event.id,
        at=event.at,
        actor=actor_label(event.actor_kind, event.actor_id),
        role=event.role,
        action=current_action(event.action),
        request_id=event.request_id,
        reason=audit.decrypted_reason(session, event),
        change=audit.decrypted(session, event, change) if change else None,
    )


def actor_label(kind: str, number: int | None) -> str:
    """``staff-3``, ``account-7``, ``system``."""
    return f"{kind}-{number}" if number is not None else kind


def audit_file_rows(entry: AuditEntry, order: ExportOrder) -> Iterator[dict[str, Any]]:
    """The rows of the audit log's file: one per field, one for an event that changed nothing."""
    head = {
        "key": str(entry.event_id),
        "at": entry.at,
        "actor": entry.actor,
        "role": entry.role,
        "action": entry.action,
        "request": entry.request_id,
        "reason": entry.reason if order.identified or entry.reason is None else WITHHELD,
    }
    change = entry.change
    if change is None:
        yield head
        return
    if not change.fields:
        erased = {"field": "", "old": audit.ERASED, "new": audit.ERASED}
        yield {**head, "entity": change.entity, "row": change.entity_id, "verb": change.verb, **erased}
    for field, (old, new) in change.fields.items():
        hide = not order.identified and not _is_open(change.entity, field)
        yield {
            **head,
            "entity": change.entity,
            "row": change.entity_id,
            "verb": change.verb,
            "field": field,
            "old": WITHHELD if hide and old is not None else old,
            "new": WITHHELD if hide and new is not None else new,
        }


def _is_open(table: str, field: str) -> bool:
    """Whether a field's values may stand in a pseudonymous export: what is stored in clear, or is in the dictionary."""
    name = field.partition(".")[0]
    known = [column for one in load_domains() if one.table == table for column in one.columns]
    columns = [column for column in known if ".".join(column.source) == field]
    columns = columns or [column for column in known if column.source[0] == name]
    if columns:
        return not any("identifying" in column.guards for column in columns)
    stored = Base.metadata.tables[table].columns.get(name) if table in Base.metadata.tables else None
    return stored is not None and not isinstance(stored.type, Encrypted)
