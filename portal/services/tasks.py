"""Tasks: opened once by what happens, taken and closed by people, or closed by what they waited for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from portal.domain.access import Actor, Permission, require_permission
from portal.domain.errors import Conflict, NotFound
from portal.domain.msgid import N_
from portal.domain.reasons import reason_of
from portal.domain.tasks import SEPARATE, SETTLED_BY, TaskClosure, TaskKind
from portal.models.people import Participant, Staff
from portal.models.tasks import Task
from portal.services import audit, rota
from portal.services.scope import within_sites

LIMIT = 100
WAITING = (
    select(Task)
    .where(
        Task.participant_id == bindparam("participant_id"),
        Task.kind == bindparam("kind"),
        Task.closed_at.is_(None),
        Task.opened_at <= bindparam("opened_until"),
    )
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """``study_number`` None: the whole study's. ``dedupe_key`` names an assumption by version and key."""

    id: int
    kind: str
    dedupe_key: str
    study_number: str | None
    site: str | None
    due_at: datetime
    opened_at: datetime
    owner_id: int | None
    owner: str | None
    closed_at: datetime | None
    closed_by: str | None
    closed_how: str | None
    reason: str | None


def open_task(
    session: Session,
    *,
    kind: TaskKind,
    dedupe_key: str,
    due_at: datetime,
    now: datetime,
    participant_id: int | None = None,
    site: str | None = None,
) -> int | None:
    """Open a task, or None where it was opened before or one of the kind is open for the participant.

    The caller has begun the audit event and, for a participant's task, holds the participant's row. The owner is the
    first on duty at the site this week.
    """
    if _stands(session, kind, dedupe_key, participant_id):
        return None
    duty = rota.find_duty(session, site=site, now=now) if site else None
    task = Task(
        participant_id=participant_id,
        site=site,
        kind=kind,
        dedupe_key=dedupe_key,
        owner_id=duty.first_id if duty else None,
        due_at=due_at,
        opened_at=now,
    )
    session.add(task)
    session.flush()
    return task.id


def _stands(session: Session, kind: TaskKind, dedupe_key: str, participant_id: int | None) -> bool:
    same = Task.dedupe_key == dedupe_key
    if participant_id is not None and kind not in SEPARATE:
        same |= (Task.participant_id == participant_id) & Task.closed_at.is_(None)
    return session.execute(select(Task.id).where(Task.kind == str(kind), same).limit(1)).first() is not None


def settle_task(
    session: Session,
    *,
    participant_id: int,
    kind: TaskKind,
    now: datetime,
    opened_until: datetime | None = None,
    staff_id: int | None = None,
) -> int:
    """Close the open task of a kind because what it waited for has come; how many. Part of another verb.

    ``opened_until``: one that was opened later waits for something newer.
    """
    given = {"participant_id": participant_id, "kind": str(kind), "opened_until": opened_until or now}
    found = session.scalars(WAITING, given).all()
    for task in found:
        task.closed_at, task.closed_by_id, task.closed_how = now, staff_id, SETTLED_BY[kind]
    session.flush()
    return len(found)


def list_open_tasks(
    session: Session, *, actor: Actor, kinds: Collection[TaskKind] = tuple(TaskKind), limit: int = LIMIT
) -> tuple[TaskRow, ...]:
    """What is open at the actor's sites and in the whole study, the soonest due first."""
    statement = _rows().where(
        Task.closed_at.is_(None),
        _here(actor),
        Task.kind.in_([str(kind) for kind in kinds]),
    )
    return _read(session, statement.order_by(Task.due_at, Task.id).limit(limit))


def list_participant_tasks(session: Session, *, participant_id: int) -> tuple[TaskRow, ...]:
    """Open and closed, newest first."""
    return _read(session, _rows().where(Task.participant_id == participant_id).order_by(Task.id.desc()).limit(LIMIT))


def count_open_tasks(session: Session, *, kind: TaskKind) -> int:
    """How many of a kind are open in the whole study."""
    statement = select(func.count()).where(Task.kind == str(kind), Task.closed_at.is_(None))
    return int(session.execute(statement).scalar_one())


def get_task(session: Session, *, actor: Actor, task_id: int) -> TaskRow:
    """Raises NotFound for a task of another site, as for one that does not exist."""
    found = _read(session, _rows().where(Task.id == task_id, _here(actor)))
    if not found:
        raise NotFound
    return found[0]


def take_task(session: Session, *, actor: Actor, task_id: int, now: datetime) -> None:
    """Make it one's own. Conflict when it is closed."""
    _begin(session, actor, task_id, "task:take", now).owner_id = actor.id
    session.flush()


def close_task(session: Session, *, actor: Actor, task_id: int, reason: str, now: datetime) -> None:
    """Close it with a reason; Invalid without one, Conflict when somebody or something was first."""
    text = reason_of(reason)
    row = _begin(session, actor, task_id, "task:close", now)
    row.closed_at, row.closed_by_id, row.closed_how, row.reason = now, actor.id, TaskClosure.REASON, text
    row.owner_id = row.owner_id or actor.id
    session.flush()


def _begin(session: Session, actor: Actor, task_id: int, action: str, now: datetime) -> Task:
    row = session.scalars(select(Task).where(Task.id == task_id, _here(actor)).with_for_update()).one_or_none()
    if row is None:
        raise NotFound
    require_permission(actor, Permission.TRIAGE_ACT, site=row.site)
    if row.closed_at is not None:
        raise Conflict(N_("This task has been closed in the meantime."))
    audit.begin(session, actor=actor, action=action, now=now, participant_id=row.participant_id)
    return row


def _here(actor: Actor) -> ColumnElement[bool]:
    """At the actor's sites, or the whole study's."""
    return within_sites(actor, Task.site) | Task.site.is_(None)


def _rows() -> Select[Task, str | None, str | None, str | None]:
    owner, closer = aliased(Staff), aliased(Staff)
    return (
        select(Task, Participant.study_number, owner.name, closer.name)
        .outerjoin(Participant, Participant.id == Task.participant_id)
        .outerjoin(owner, owner.id == Task.owner_id)
        .outerjoin(closer, closer.id == Task.closed_by_id)
    )


def _read(session: Session, statement: Select[Task, str | None, str | None, str | None]) -> tuple[TaskRow, ...]:
    return tuple(
        TaskRow(
            id=row.id,
            kind=row.kind,
            dedupe_key=row.dedupe_key,
            study_number=study_number,
            site=row.site,
            due_at=row.due_at,
            opened_at=row.opened_at,
            owner_id=row.owner_id,
            owner=owner,
            closed_at=row.closed_at,
            closed_by=closer,
            closed_how=row.closed_how,
            reason=row.reason,
        )
        for row, study_number, owner, closer in session.execute(statement)
    )
