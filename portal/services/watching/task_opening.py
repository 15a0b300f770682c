"""Tasks that no report opens: unreachable phones, consent again at 18, and assumptions that await confirmation."""

from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import SYSTEM, Role
from portal.domain.diary import local_day
from portal.domain.messages import PHONE_REASONS, MessageState
from portal.domain.participation import ParticipationStatus
from portal.domain.tasks import (
    ASSUMPTION_DAYS,
    RECONSENT_DAYS_BEFORE,
    TaskKind,
    birthday_at_age,
    due_in_working_time,
    start_of_day,
)
from portal.models.messages import Message
from portal.models.people import Account, Participant
from portal.models.tasks import Task
from portal.services import audit, tasks

UNREACHABLE = tuple(map(str, sorted(PHONE_REASONS)))


def open_unreachable_tasks(session: Session, *, now: datetime) -> int:
    """A task for every participant to whom a text has finally failed since the last such task was closed.

    The failing text's own transaction has opened it (``messages``); this is the net under it.
    """
    closed_at = (
        select(func.max(Task.closed_at))
        .where(Task.participant_id == Message.participant_id, Task.kind == TaskKind.UNREACHABLE_PHONE)
        .correlate(Message)
        .scalar_subquery()
    )
    open_ = (
        select(Task.id)
        .where(
            Task.participant_id == Message.participant_id,
            Task.kind == TaskKind.UNREACHABLE_PHONE,
            Task.closed_at.is_(None),
        )
        .exists()
    )
    rows = session.execute(
        select(Message.participant_id, func.max(Message.id))
        .where(
            Message.account_id.is_not(None),
            Message.state == MessageState.FAILED,
            Message.reason.in_(UNREACHABLE),
            or_(closed_at.is_(None), Message.final_at > closed_at),
            ~open_,
        )
        .group_by(Message.participant_id)
    ).all()
    protocol = protocols.load_protocol()
    due_at = due_in_working_time(now, clocks=protocol.clocks, timezone=protocol.timezone)
    return sum(
        _open(session, TaskKind.UNREACHABLE_PHONE, participant_id, f"message:{message_id}", due_at, now)
        for participant_id, message_id in rows
        if participant_id is not None
    )


def open_reconsent_tasks(session: Session, *, now: datetime) -> int:
    """Open a task for each minor who turns 18 within two weeks, due on the birthday. Only minors have a guardian."""
    age = protocols.load_protocol().eligibility.own_consent_age
    opened = 0
    for participant in session.scalars(_minors()).all():
        of_age_on = birthday_at_age(date.fromisoformat(participant.born_on), age)
        today = local_day(now, participant.timezone)
        if today >= of_age_on - timedelta(days=RECONSENT_DAYS_BEFORE):
            due_at = start_of_day(of_age_on, participant.timezone)
            opened += _open(
                session, TaskKind.RECONSENT_18, participant.id, f"participant:{participant.id}", due_at, now
            )
    return opened


def _minors() -> Select[Participant]:
    guarded = select(Account.id).where(Account.participant_id == Participant.id, Account.role == Role.GUARDIAN).exists()
    opened = (
        select(Task.id).where(Task.participant_id == Participant.id, Task.kind == str(TaskKind.RECONSENT_18)).exists()
    )
    return select(Participant).where(Participant.status == ParticipationStatus.ACTIVE, guarded, ~opened)


def _open(
    session: Session, kind: TaskKind, participant_id: int, dedupe_key: str, due_at: datetime, now: datetime
) -> int:
    statement = select(Participant.site).where(Participant.id == participant_id).with_for_update(key_share=True)
    site = session.execute(statement).scalar_one()
    audit.begin(session, actor=SYSTEM, action="task:open", now=now, participant_id=participant_id)
    opened = tasks.open_task(
        session, kind=kind, participant_id=participant_id, site=site, dedupe_key=dedupe_key, due_at=due_at, now=now
    )
    return int(opened is not None)


def open_assumption_tasks(session: Session, *, now: datetime) -> int:
    """A task for every assumption of the protocol that runs. Two processes at once: the second's round fails, once."""
    protocol = protocols.load_protocol()
    wanted = {f"{protocol.version}:{one.key}" for one in protocol.assumptions}
    known = set(session.scalars(select(Task.dedupe_key).where(Task.kind == TaskKind.ASSUMPTION)))
    if wanted <= known:
        return 0
    audit.begin(session, actor=SYSTEM, action="task:open", now=now)
    due_at = now + timedelta(days=ASSUMPTION_DAYS)
    for dedupe_key in sorted(wanted - known):
        tasks.open_task(session, kind=TaskKind.ASSUMPTION, dedupe_key=dedupe_key, due_at=due_at, now=now)
    return len(wanted - known)
