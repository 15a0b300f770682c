"""Follow-up visits: planned for everybody, attended, missed, or moved to another time."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.domain import infusions
from portal.domain.access import Actor, Permission
from portal.domain.diary import local_day
from portal.domain.errors import Invalid
from portal.domain.infusions import VisitState, VisitStep
from portal.domain.local_time import local_instant
from portal.domain.msgid import N_
from portal.domain.protocol import Protocol
from portal.domain.reasons import GIVE_THE_REASON
from portal.models.infusions import Visit
from portal.models.people import Participant
from portal.services import audit, messages
from portal.services.infusions import revision
from portal.services.scope import find_participant_where

Check = Callable[[Visit, Participant], dict[str, str]]


def plan_visits(
    session: Session, *, actor: Actor, participant_id: int, protocol: Protocol, now: datetime
) -> tuple[date, ...]:
    """Plan every follow-up visit of the protocol; returns their days."""
    participant = _participant(session, actor, Participant.id == participant_id)
    visits = infusions.plan_visit_days(
        protocol.visits, transplant_on=participant.transplant_on, closed=frozenset(protocol.clocks.holidays)
    )
    audit.begin(session, actor=actor, action="visits:plan", now=now, participant_id=participant_id)
    for visit in visits:
        session.add(
            Visit(
                participant_id=participant_id,
                code=visit.code,
                planned_at=local_instant(visit.on, protocol.infusions.usual_time, ZoneInfo(participant.timezone)),
                window_from_on=visit.from_on,
                window_until_on=visit.until_on,
                state=VisitState.PLANNED,
                protocol_version=protocol.version,
            )
        )
    session.flush()
    return tuple(visit.on for visit in visits)


def attend_visit(session: Session, *, actor: Actor, visit_id: int, on: date, reason: str = "", now: datetime) -> None:
    """The visit took place on that day; outside its window, with a reason. ``Invalid`` by field."""

    def check(visit: Visit, participant: Participant) -> dict[str, str]:
        if not participant.transplant_on <= on <= local_day(now, participant.timezone):
            return {"on": N_("The day cannot be in the future, nor before the transplant.")}
        return _outside(visit, on, reason)

    visit = _step(session, actor, visit_id, VisitStep.ATTEND, reason, now, check)
    visit.took_place_on = on
    revision.bump_sequence(visit)
    session.flush()


def miss_visit(session: Session, *, actor: Actor, visit_id: int, reason: str, now: datetime) -> None:
    """The visit did not take place."""
    revision.mark_changed(_step(session, actor, visit_id, VisitStep.MISS, reason, now, _want_reason(reason)), now)
    session.flush()


def take_back_visit(session: Session, *, actor: Actor, visit_id: int, reason: str, now: datetime) -> None:
    """Undo a wrong record: the visit is planned for its time again. The history keeps what was recorded."""
    visit = _step(session, actor, visit_id, VisitStep.TAKE_BACK, reason, now, _want_reason(reason))
    visit.took_place_on = None
    revision.mark_changed(visit, now)
    session.flush()
    messages.replan_reminders(session, participant_id=visit.participant_id, now=now)


def move_visit(session: Session, *, actor: Actor, visit_id: int, to: datetime, reason: str = "", now: datetime) -> None:
    """Another time: outside the window only with a reason. The participant's calendar marks the change."""

    def check(visit: Visit, participant: Participant) -> dict[str, str]:
        if to <= now:
            return {"to": N_("The new time must be in the future.")}
        return _outside(visit, local_day(to, participant.timezone), reason)

    visit = _step(session, actor, visit_id, VisitStep.MOVE, reason, now, check)
    visit.planned_at = to
    revision.mark_changed(visit, now)
    session.flush()
    messages.replan_reminders(session, participant_id=visit.participant_id, now=now)


def _want_reason(reason: str) -> Check:
    problems = {} if reason.strip() else {"reason": GIVE_THE_REASON}
    return lambda _visit, _participant: problems


def is_outside_window(visit: Visit, on: date) -> bool:
    return not visit.window_from_on <= on <= visit.window_until_on


def _outside(visit: Visit, on: date, reason: str) -> dict[str, str]:
    if is_outside_window(visit, on) and not reason.strip():
        return {"reason": N_("This day is outside the visit's window. Please give the reason.")}
    return {}


def _step(
    session: Session,
    actor: Actor,
    visit_id: int,
    step: VisitStep,
    reason: str,
    now: datetime,
    check: Check,
) -> Visit:
    owner = select(Visit.participant_id).where(Visit.id == visit_id).scalar_subquery()
    participant = _participant(session, actor, Participant.id == owner)
    visit = session.get_one(Visit, visit_id, with_for_update=True, populate_existing=True)
    state = infusions.next_visit_state(visit.state, step)
    problems = check(visit, participant)
    if problems:
        raise Invalid(problems=problems)
    reason = reason.strip()
    audit.begin(
        session, actor=actor, action=f"visit:{step}", now=now, participant_id=participant.id, reason=reason or None
    )
    visit.state, visit.reason = state, reason or None
    return visit


def _participant(session: Session, actor: Actor, which: ColumnElement[bool]) -> Participant:
    return find_participant_where(session, actor, which, permission=Permission.INFUSIONS_ACT, lock=True)
