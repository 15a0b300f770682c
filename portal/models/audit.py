"""The audit log: who did what, when and why, with the old and new value of every field, written by the session itself.

A service begins an audit event with ``begin_event``; every later flush adds its changes to it. A change without an
event is refused before it reaches the database. A participant's values are under that participant's own data key.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, LargeBinary, String, bindparam, event, insert, inspect, select, text
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, UOWTransaction, mapped_column
from sqlalchemy.orm.attributes import get_history

from portal.domain.access import ActorKind, Role
from portal.domain.retention import IdentifiersErased
from portal.models.base import Base, BigId, DataCipher, EnumText, WithId, get_cipher
from portal.models.enrolment import Consent, ScreeningKey
from portal.models.people import ParticipantKey

# Not study records: leases and heartbeats of the machine, open sessions, and what is typed but not sent.
EXEMPT_TABLES = frozenset(
    {
        "heartbeat",
        "diary_draft",
        "staff_session",
        "ended_session",
        "audit_event",
        "audit_change",
        "audit_link",
        "audit_anchor",
    }
)
REDACTED = "[secret]"
BY_STAFF = text("actor_kind = 'staff'")


class UnauditedWrite(RuntimeError):
    """Rows changed and nobody said who did it."""


class AuditEvent(WithId, Base):
    """One audit event. ``action`` is ``subject:verb``, for example ``diary:submit``."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_participant", "participant_id", "id"),
        Index("ix_audit_event_at", "at", "id"),
        Index("ix_audit_event_staff", "actor_id", "at", "id",
              sqlite_where=BY_STAFF, postgresql_where=BY_STAFF),
        Index("ix_audit_event_action", "action", postgresql_ops={"action": "text_pattern_ops"}),
    )  # fmt: skip

    at: Mapped[datetime]
    actor_kind: Mapped[ActorKind] = mapped_column(EnumText(ActorKind, 8))
    actor_id: Mapped[int | None] = mapped_column(BigId)
    role: Mapped[Role] = mapped_column(EnumText(Role, 16))
    action: Mapped[str] = mapped_column(String(40))
    participant_id: Mapped[int | None] = mapped_column(BigId)
    reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    request_id: Mapped[str | None] = mapped_column(String(36))


class AuditChange(WithId, Base):
    """One changed row. ``fields`` decrypts to ``{field: [old, new]}``; a linkId is named ``answers.<linkId>``."""

    __tablename__ = "audit_change"
    __table_args__ = (Index("ix_audit_change_row", "entity", "entity_id"),)

    event_id: Mapped[int] = mapped_column(ForeignKey("audit_event.id"), index=True)
    participant_id: Mapped[int | None] = mapped_column(BigId)
    entity: Mapped[str] = mapped_column(String(30))
    entity_id: Mapped[str] = mapped_column(String(40))
    verb: Mapped[str] = mapped_column(String(6))
    fields: Mapped[bytes] = mapped_column(LargeBinary)


# Built once: to put them together takes longer than to run them.
INSERT_EVENT: Final = insert(AuditEvent.__table__)  # type: ignore[arg-type]
INSERT_CHANGES: Final = insert(AuditChange.__table__)  # type: ignore[arg-type]
KEY_OF: Final = select(ParticipantKey.wrapped).where(ParticipantKey.participant_id == bindparam("participant_id"))


@dataclass(slots=True)
class AuditContext:
    """The open audit event of a session, and the rows that it has changed so far, encrypted.

    All are written at its end, together: a flush in between costs no statement of its own. ``event_id``: of an event
    that had to be written before its end.
    """

    values: dict[str, Any]
    reason: str | None
    changes: list[dict[str, Any]] = field(default_factory=list)


def begin_event(session: Session, *, values: dict[str, Any], reason: str | None = None) -> None:
    """Begin an audit event. ``values`` are columns of ``AuditEvent``; an earlier open event is written first."""
    finish_event(session)
    session.info["act"] = AuditContext(values, reason)


def data_cipher(session: Session, participant_id: int | None) -> DataCipher:
    """The participant's own key, or the study's for rows that belong to no participant.

    Neither is a field key: the audit log is never rewritten, so it must not depend on a key that will be retired.
    """
    opened: dict[int, DataCipher] = session.info.setdefault("data_ciphers", {})
    if participant_id is None:
        return get_cipher().study_cipher()
    if participant_id not in opened:
        wrapped = session.execute(KEY_OF, {"participant_id": participant_id}).scalar_one_or_none()
        if wrapped is None:
            raise IdentifiersErased
        keep_key(session, participant_id, wrapped)
    return opened[participant_id]


def keep_key(session: Session, participant_id: int, wrapped: bytes) -> None:
    """Open a participant's key that has been read with the row, for the rest of this transaction."""
    session.info.setdefault("data_ciphers", {})[participant_id] = get_cipher().open_data_key(wrapped)


def cipher_of_row(session: Session, *, entity: str, entity_id: str, participant_id: int | None) -> DataCipher:
    """The key of one changed row: of a screening or its consents their own, as long as nobody is enrolled."""
    if participant_id is not None or entity not in {"screening", "consent"}:
        return data_cipher(session, participant_id)
    screening: Any = int(entity_id)
    if entity == "consent":
        screening = select(Consent.screening_id).where(Consent.id == int(entity_id)).scalar_subquery()
    found = select(ScreeningKey.wrapped).where(ScreeningKey.screening_id == screening)
    wrapped = session.execute(found).scalar_one_or_none()
    return _WithoutKey() if wrapped is None else get_cipher().open_data_key(wrapped)


class _WithoutKey:
    """A screening whose key was erased, or that is older than such keys: what the study's key does not open is gone."""

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        return get_cipher().study_cipher().encrypt(plain, context)

    def decrypt(self, token: bytes, context: bytes) -> bytes:
        try:
            return get_cipher().study_cipher().decrypt(token, context)
        except ValueError as error:
            raise IdentifiersErased from error


def guard_audit(session: Any) -> None:
    """Make a session class or sessionmaker refuse unaudited writes and record every change."""
    event.listen(session, "after_flush", _record_flush)
    event.listen(session, "do_orm_execute", _refuse_unaudited_statement)
    event.listen(session, "before_commit", finish_event)
    event.listen(session, "after_commit", _forget)
    event.listen(session, "after_rollback", _forget)


def _forget(session: Session) -> None:
    session.info.pop("act", None)
    session.info.pop("data_ciphers", None)


def finish_event(session: Session) -> None:
    """Write the event of the act and its changes, before a commit or the next act. Nothing else writes events."""
    session.flush()
    act: AuditContext | None = session.info.pop("act", None)
    if act is None:
        return
    event_id = _write_event(session, act)
    if act.changes:
        rows = [{**change, "event_id": event_id} for change in act.changes]
        session.connection().execute(INSERT_CHANGES, rows)


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    """A savepoint: what is changed within is written and rolled back, and nothing of it is recorded."""
    act: AuditContext = session.info["act"]
    recorded = len(act.changes)
    point = session.begin_nested()
    yield
    session.flush()
    point.rollback()
    session.info["act"] = act  # a rollback forgets it, of a savepoint, too
    del act.changes[recorded:]


def _refuse_unaudited_statement(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    table = getattr(state.statement, "table", None)
    if table is not None and table.name not in EXEMPT_TABLES and "act" not in state.session.info:
        raise UnauditedWrite(table.name)


def _record_flush(session: Session, _context: UOWTransaction) -> None:
    changes = [change for change in _changed_rows(session) if change["entity"] not in EXEMPT_TABLES]
    if not changes:
        return
    if "act" not in session.info:
        raise UnauditedWrite(", ".join(sorted({change["entity"] for change in changes})))
    session.info["act"].changes += [_sealed(session, change) for change in changes]


def _write_event(session: Session, act: AuditContext) -> int | None:
    reason = None
    if act.reason is not None:
        reason = data_cipher(session, act.values["participant_id"]).encrypt(act.reason.encode(), b"audit.reason")
    result = session.connection().execute(INSERT_EVENT, {**act.values, "reason": reason})
    (event_id,) = result.inserted_primary_key or (None,)
    return event_id


def _sealed(session: Session, change: dict[str, Any]) -> dict[str, Any]:
    fields = json.dumps(change["fields"], ensure_ascii=False, default=str).encode()
    context = f"audit.{change['entity']}.{change['entity_id']}".encode()
    key = cipher_of_row(
        session, entity=change["entity"], entity_id=change["entity_id"], participant_id=change["participant_id"]
    )
    token = key.encrypt(fields, context)
    return {**change, "fields": token}


def _changed_rows(session: Session) -> Iterator[dict[str, Any]]:
    for verb, rows in (("insert", session.new), ("update", session.dirty), ("delete", session.deleted)):
        for row in rows:
            fields = dict(_fields(row, verb))
            if fields:
                yield {
                    "entity": row.__tablename__,
                    "entity_id": "/".join(str(part) for part in inspect(row).identity or _key(row)),
                    "participant_id": row.id if row.__tablename__ == "participant" else _owner(row),
                    "verb": verb,
                    "fields": fields,
                }


def _key(row: Any) -> Iterable[Any]:
    key: Iterable[Any] = inspect(row).mapper.primary_key_from_instance(row)
    return key


def _owner(row: Any) -> int | None:
    owner: int | None = getattr(row, "participant_id", None)
    return owner


def _fields(row: Any, verb: str) -> Iterator[tuple[str, list[Any]]]:
    state = inspect(row)
    for attribute in state.mapper.column_attrs:
        old = None
        if verb == "delete" or (verb == "update" and attribute.key in state.committed_state):
            history = get_history(row, attribute.key)
            if verb == "update" and not history.has_changes():
                continue
            old = history.deleted[0] if history.deleted else None
        elif verb == "update":
            continue
        new = None if verb == "delete" else getattr(row, attribute.key)
        if old is not None or new is not None:
            yield from _expanded(attribute.key, attribute.columns[0].info.get("audit"), old, new)


def _expanded(name: str, how: str | None, old: Any, new: Any) -> Iterator[tuple[str, list[Any]]]:
    if how == "redact":
        yield name, [old and REDACTED, new and REDACTED]
    elif how == "expand":
        before, after = old or {}, new or {}
        for key in sorted({*before, *after}):
            if before.get(key) != after.get(key):
                yield f"{name}.{key}", [before.get(key), after.get(key)]
    else:
        yield name, [old, new]
