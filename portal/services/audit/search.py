"""The audit log for staff: the history of one record, a search for events, and one event with its changes.

Names, dates of birth, phone numbers and what was typed before enrolment stay hidden here from every role: the
history is about values, and showing identifiers is an audit event of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from portal.domain.access import Actor, ActorKind
from portal.domain.errors import NotFound
from portal.models import Base
from portal.models.audit import AuditChange, AuditEvent
from portal.models.base import BigId, Encrypted
from portal.models.diary import Diary
from portal.models.people import Participant, Staff
from portal.services import audit
from portal.services.audit.former_names import current_action, recorded_actions, recorded_tables
from portal.services.scope import id_of, within_sites

PAGE: Final = 50
HIDDEN: Final = "[hidden]"
# Their ciphertext columns say who somebody is; those of other tables are notes and reasons of the record itself.
IDENTIFYING: Final = frozenset(
    {"participant", "account", "staff", "message", "inbound_text", "consent", "screening", "signature"}
)
VERSIONED: Final = "diary"
LAST: Final = aliased(AuditEvent)
ChangedFields = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class AuditChangeView:
    """One change of one row. ``who`` is a staff member's name, or None; ``role`` is the role they acted in."""

    at: datetime
    who: str | None
    role: str
    action: str
    reason: str | None
    entity: str
    entity_id: str
    verb: str
    fields: ChangedFields


@dataclass(frozen=True, slots=True)
class AuditEventView:
    """``study_number`` None: about nobody in the trial."""

    id: int
    at: datetime
    who: str | None
    role: str
    action: str
    study_number: str | None
    reason: str | None
    request_id: str | None
    steps: tuple[AuditChangeView, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """The search filter; None or empty: anything. ``until_at`` is exclusive, ``before`` the last event shown."""

    study_number: str = ""
    staff_id: int | None = None
    action: str = ""
    since_at: datetime | None = None
    until_at: datetime | None = None
    before: int | None = None


def list_record_history(
    session: Session, *, actor: Actor, study_number: str, entity: str, row_id: int, field: str | None = None
) -> tuple[AuditChangeView, ...]:
    """Everything that happened to one record of a participant, or to one field of it, oldest first.

    The versions of a report are one record. NotFound for a row that is not this participant's, or of another site.
    """
    keys = _versions(session, row_id) if entity == VERSIONED else (row_id,)
    found = session.execute(
        _both()
        .where(
            AuditChange.entity.in_(recorded_tables(entity)),
            AuditChange.entity_id.in_([str(key) for key in keys]),
            AuditChange.participant_id == id_of(actor, study_number),
        )
        .order_by(AuditChange.id)
    ).all()
    if not found:
        raise NotFound
    names = _names(session, (event for event, _ in found))
    steps = [_step(audit.decrypted(session, event, change), names) for event, change in found]
    if entity == VERSIONED:
        steps = list(_as_changes(steps))
    return tuple(step for step in (_only(step, field) for step in steps) if step.fields)


def _versions(session: Session, row_id: int) -> Sequence[int]:
    first = select(Diary.first_id).where(Diary.id == row_id).scalar_subquery()
    same = or_(Diary.id == row_id, Diary.first_id == row_id, Diary.id == first, Diary.first_id == first)
    return session.scalars(select(Diary.id).where(same).order_by(Diary.id)).all()


def _as_changes(steps: Iterable[AuditChangeView]) -> Iterable[AuditChangeView]:
    """A later version is a row of its own: what it says anew stands against what the version before said."""
    said: dict[str, Any] = {}
    for step in steps:
        later = bool(said) and step.verb == "insert"
        fields = {name: (said.get(name) if later else old, new) for name, (old, new) in step.fields.items()}
        gone = {name: (old, None) for name, old in said.items() if later and name not in fields and "." in name}
        said |= {name: new for name, (_, new) in fields.items()} | dict.fromkeys(gone)
        yield replace(step, fields={name: pair for name, pair in {**fields, **gone}.items() if pair[0] != pair[1]})


def _only(step: AuditChangeView, field: str | None) -> AuditChangeView:
    if field is None:
        return step
    wanted = {name: pair for name, pair in step.fields.items() if name == field or name.startswith(f"{field}.")}
    return replace(step, fields=wanted)


def search_events(
    session: Session, *, actor: Actor, asked: AuditFilter, limit: int = PAGE
) -> tuple[AuditEventView, ...]:
    """Events about participants of the actor's sites, and those of the sites' staff about none; newest first."""
    members = list_staff_names(session, actor=actor)
    newest_first = (AuditEvent.at.desc(), AuditEvent.id.desc())
    statement = _visible(actor, members).where(*_wanted(asked)).order_by(*newest_first).limit(limit)
    return tuple(_act(session, event, number, members) for event, number in session.execute(statement).all())


def get_event(session: Session, *, actor: Actor, event_id: int) -> AuditEventView:
    """One event with every change. NotFound where it belongs to none of the actor's sites."""
    members = list_staff_names(session, actor=actor)
    found = session.execute(_visible(actor, members).where(AuditEvent.id == event_id)).one_or_none()
    if found is None:
        raise NotFound
    changes = session.scalars(select(AuditChange).where(AuditChange.event_id == event_id).order_by(AuditChange.id))
    steps = tuple(_step(audit.decrypted(session, found[0], change), members) for change in changes.all())
    return replace(_act(session, found[0], found[1], members), steps=steps)


def list_staff_names(session: Session, *, actor: Actor) -> dict[int, str]:
    """Name by id of everybody who belongs to one of the actor's sites, whether active or not."""
    rows = session.execute(select(Staff.id, Staff.name, Staff.sites))
    return {id_: name for id_, name, theirs in rows if not actor.sites.isdisjoint(theirs)}


def _visible(actor: Actor, members: Mapping[int, str]) -> Select[*tuple[Any, ...]]:
    by_us = and_(AuditEvent.actor_kind == ActorKind.STAFF, AuditEvent.actor_id.in_(members))
    return (
        select(AuditEvent, Participant.study_number)
        .outerjoin(Participant, Participant.id == AuditEvent.participant_id)
        .where(or_(within_sites(actor), and_(AuditEvent.participant_id.is_(None), by_us)))
    )


def _wanted(asked: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if asked.study_number:
        yield Participant.study_number == asked.study_number
    if asked.staff_id is not None:
        yield and_(AuditEvent.actor_kind == ActorKind.STAFF, AuditEvent.actor_id == asked.staff_id)
    if asked.action:
        begins = (AuditEvent.action.startswith(code, autoescape=True) for code in recorded_actions(asked.action))
        yield or_(*begins)
    if asked.since_at is not None:
        yield AuditEvent.at >= asked.since_at
    if asked.until_at is not None:
        yield AuditEvent.at < asked.until_at
    if asked.before is not None:
        last_at = select(LAST.at).where(LAST.id == asked.before).scalar_subquery()
        yield tuple_(AuditEvent.at, AuditEvent.id) < tuple_(last_at, literal(asked.before, BigId))


def _both() -> Select[AuditEvent, AuditChange]:
    return select(AuditEvent, AuditChange).join(AuditChange, AuditChange.event_id == AuditEvent.id)


def _names(session: Session, events: Iterable[AuditEvent]) -> dict[int, str]:
    wanted = {event.actor_id for event in events if event.actor_kind == ActorKind.STAFF}
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def _act(session: Session, event: AuditEvent, study_number: str | None, members: Mapping[int, str]) -> AuditEventView:
    return AuditEventView(
        id=event.id,
        at=event.at,
        who=_who(event.actor_kind, event.actor_id, members),
        role=event.role,
        action=current_action(event.action),
        study_number=study_number,
        reason=audit.decrypted_reason(session, event),
        request_id=event.request_id,
    )


def _step(change: audit.RowChange, names: Mapping[int, str]) -> AuditChangeView:
    return AuditChangeView(
        at=change.at,
        who=_who(change.actor_kind, change.actor_id, names),
        role=change.role,
        action=change.action,
        reason=change.reason,
        entity=change.entity,
        entity_id=change.entity_id,
        verb=change.verb,
        fields={name: _shown(change.entity, name, pair) for name, pair in change.fields.items()},
    )


def _who(kind: str, number: int | None, names: Mapping[int, str]) -> str | None:
    return names.get(number or 0, f"staff-{number}") if kind == "staff" else None


def _shown(entity: str, field: str, pair: tuple[Any, Any]) -> tuple[Any, Any]:
    if not _is_hidden(entity, field):
        return pair
    old, new = pair
    return (HIDDEN if old is not None else None, HIDDEN if new is not None else None)


def _is_hidden(entity: str, field: str) -> bool:
    """Ciphertext of a table that says who somebody is; and a column that is no more, for want of knowing better."""
    table = Base.metadata.tables.get(entity)
    column = table.columns.get(field.partition(".")[0]) if table is not None else None
    return column is None or (entity in IDENTIFYING and isinstance(column.type, Encrypted))
