"""Pauses and ends: each changes the status, the accounts, the appointments and the messages in one transaction.

A pause ends by a job, not by comparing dates wherever a status is read: so the audit log says when it ended,
reminders are planned at that moment, and the status stays the single source for every statement.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import participation
from portal.domain.access import SYSTEM, Actor, ActorKind, Permission, Role
from portal.domain.diary import local_day
from portal.domain.errors import Invalid
from portal.domain.msgid import N_
from portal.domain.participation import ParticipationStatus, ParticipationStepKind
from portal.domain.reasons import GIVE_THE_REASON, reason_of
from portal.models.participation import ParticipationStep, Stay
from portal.models.people import Account, Participant, Staff
from portal.services import accounts, audit, infusions, messages
from portal.services.scope import find_participant


@dataclass(frozen=True, slots=True)
class StayView:
    diary: str
    since_on: date
    until_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class ParticipationStepView:
    """``by`` is the staff member's name, else the role of an account, else None: a job."""

    at: datetime
    kind: str
    to: str
    reason: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class ParticipationOverview:
    """``steps`` are what the reader may do; ``stay`` the one that has not ended; ``history`` newest first."""

    study_number: str
    site: str
    status: str
    steps: tuple[ParticipationStepKind, ...]
    stay: StayView | None
    history: tuple[ParticipationStepView, ...]


def get_participation_overview(session: Session, *, actor: Actor, study_number: str) -> ParticipationOverview:
    participant = find_participant(session, actor, study_number)
    stay = _open_stay(session, participant.id)
    return ParticipationOverview(
        study_number=participant.study_number,
        site=participant.site,
        status=participant.status,
        steps=participation.allowed_steps(participant.status, actor.role),
        stay=StayView(stay.diary, stay.since_on, stay.until_on, stay.reason) if stay else None,
        history=_history(session, participant.id),
    )


def _history(session: Session, participant_id: int) -> tuple[ParticipationStepView, ...]:
    rows = session.execute(
        select(ParticipationStep, Staff.name, Account.role)
        .outerjoin(Staff, Staff.id == ParticipationStep.staff_id)
        .outerjoin(Account, Account.id == ParticipationStep.account_id)
        .where(ParticipationStep.participant_id == participant_id)
        .order_by(ParticipationStep.id.desc())
    )
    return tuple(
        ParticipationStepView(row.at, row.kind, row.to_state, row.reason, name or role) for row, name, role in rows
    )


def record_stay(
    session: Session, *, actor: Actor, study_number: str, diary: str, until_on: date, reason: str, now: datetime
) -> None:
    """In hospital until ``until_on``: the diary is kept on the ward (``ward``) or rests (``paused``)."""
    participant = find_participant(session, actor, study_number, permission=Permission.PARTICIPATION_ACT, lock=True)
    today = local_day(now, participant.timezone)
    problems = _stay_problems(diary, until_on, reason, today)
    if problems:
        raise Invalid(problems=problems)
    step = (
        ParticipationStepKind.PAUSE
        if diary == "paused"
        else ParticipationStepKind.RESUME
        if participant.status == ParticipationStatus.PAUSED
        else None
    )
    if step is not None:
        participation.next_status(participant.status, step, actor.role)
    audit.begin(
        session, actor=actor, action="participation:stay", now=now, participant_id=participant.id, reason=reason
    )
    _end_stay(session, participant.id, now)
    session.add(
        Stay(
            participant_id=participant.id,
            diary=diary,
            since_on=today,
            until_on=until_on,
            reason=reason,
            recorded_by=actor.id,
            recorded_at=now,
        )
    )
    if step is not None:
        _move(session, participant, actor, step, reason, now)
    else:
        session.flush()
        messages.replan_reminders(session, participant_id=participant.id, now=now)


def _stay_problems(diary: str, until_on: date, reason: str, today: date) -> dict[str, str]:
    found = {
        "diary": None if diary in {"ward", "paused"} else N_("Choose how the diary goes on."),
        "until_on": None if until_on > today else N_("Choose a day after today."),
        "reason": None if reason.strip() else GIVE_THE_REASON,
    }
    return {field: words for field, words in found.items() if words}


def take_participation_step(
    session: Session, *, actor: Actor, study_number: str, step: ParticipationStepKind, reason: str, now: datetime
) -> None:
    """Any step of the study team but a pause, which needs an end date: ``stay``."""
    participant = find_participant(session, actor, study_number, permission=Permission.PARTICIPATION_ACT, lock=True)
    reason = reason_of(reason)
    participation.next_status(participant.status, step, actor.role)
    action = f"participation:{step}"
    audit.begin(session, actor=actor, action=action, now=now, participant_id=participant.id, reason=reason)
    _end_stay(session, participant.id, now)
    _move(session, participant, actor, step, reason, now)


def withdraw_consent(session: Session, *, actor: Actor, reason: str, now: datetime) -> None:
    """Withdrawal by the participant or guardian. No reason is needed. Every account of the participant is closed."""
    query = select(Participant).where(Participant.id == actor.participant_id).with_for_update()
    participant = session.scalars(query).one()
    participation.next_status(participant.status, ParticipationStepKind.WITHDRAW, actor.role)
    audit.begin(session, actor=actor, action="participation:withdraw", now=now, participant_id=participant.id)
    _end_stay(session, participant.id, now)
    _move(session, participant, actor, ParticipationStepKind.WITHDRAW, reason.strip() or None, now)


def resume_due_participants(session: Session, *, now: datetime) -> int:
    """End what has come to its day: pauses are over, stays are closed. How many."""
    rows = session.execute(
        select(Stay, Participant)
        .join(Participant, Participant.id == Stay.participant_id)
        .where(Stay.ended_at.is_(None))
        .with_for_update(skip_locked=True)
    ).all()
    over = [(stay_, person) for stay_, person in rows if stay_.until_on <= local_day(now, person.timezone)]
    for stay_, person in over:
        audit.begin(session, actor=SYSTEM, action="participation:resume", now=now, participant_id=person.id)
        stay_.ended_at = now
        if person.status == ParticipationStatus.PAUSED:
            _move(session, person, SYSTEM, ParticipationStepKind.RESUME, None, now)
        else:
            session.flush()
            messages.replan_reminders(session, participant_id=person.id, now=now)
    return len(over)


def _move(
    session: Session,
    participant: Participant,
    actor: Actor,
    step: ParticipationStepKind,
    reason: str | None,
    now: datetime,
) -> None:
    before, to = participant.status, participation.next_status(participant.status, step, actor.role)
    session.add(
        ParticipationStep(
            participant_id=participant.id,
            kind=step,
            from_state=before,
            to_state=to,
            reason=reason,
            staff_id=actor.id if actor.kind == ActorKind.STAFF else None,
            account_id=actor.id if actor.kind == ActorKind.ACCOUNT else None,
            at=now,
        )
    )
    participant.status = to
    if to is ParticipationStatus.WITHDRAWN:
        messages.enqueue_goodbyes(session, participant_id=participant.id, now=now)
    if participation.has_ended(to):
        accounts.close_participant_accounts(session, participant_id=participant.id, now=now)
        infusions.cancel_upcoming(session, participant_id=participant.id, now=now)
    elif participation.has_ended(before):
        infusions.reopen_visits(session, participant_id=participant.id, now=now)
    session.flush()
    messages.replan_reminders(session, participant_id=participant.id, now=now)


def _end_stay(session: Session, participant_id: int, now: datetime) -> None:
    open_ = _open_stay(session, participant_id)
    if open_ is not None:
        open_.ended_at = now
        session.flush()


def _open_stay(session: Session, participant_id: int) -> Stay | None:
    found = select(Stay).where(Stay.participant_id == participant_id, Stay.ended_at.is_(None))
    return session.scalars(found).one_or_none()


def may_withdraw(role: Role) -> bool:
    """Whether somebody in this role may withdraw the consent."""
    return role in participation.OWN
