"""The plan of one participant: infusions for an arm that has them, visits for everybody."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.domain import infusions
from portal.domain.access import Actor
from portal.domain.errors import Conflict, NotFound
from portal.domain.infusions import State
from portal.domain.protocol import Protocol
from portal.models.calendar import Infusion, Visit
from portal.models.people import Participant
from portal.services import audit, messages


def plan(
    session: Session,
    *,
    actor: Actor,
    participant_id: int,
    protocol: Protocol,
    now: datetime,
    weekdays: Sequence[int] = infusions.MONDAY_AND_THURSDAY,
) -> tuple[date, ...]:
    """Plan the infusions as the protocol proposes them; returns their days, none for an arm without infusions.

    ``Conflict`` when there is a plan already.
    """
    participant = found(session, participant_id)
    if participant.arm is None or not protocol.arm(participant.arm).infusions:
        return ()
    if session.scalar(select(exists().where(Infusion.participant_id == participant_id))):
        raise Conflict("The infusions are already planned.")
    days = infusions.propose(
        protocol.infusions,
        enrolled_on=participant.enrolled_on,
        first_within_days=protocol.eligibility.first_treatment_within_days,
        weekdays=weekdays,
        holidays=frozenset(protocol.clocks.holidays),
    )
    audit.act(session, actor=actor, action="infusions:plan", now=now, participant_id=participant_id)
    for number, day in enumerate(days, 1):
        at = instant(day, protocol.infusions.usual_time, participant.timezone)
        session.add(_planned(participant_id, number, at, protocol.version))
    session.flush()
    messages.replan(session, participant_id=participant_id, now=now)
    return days


def plan_visits(
    session: Session, *, actor: Actor, participant_id: int, protocol: Protocol, now: datetime
) -> tuple[date, ...]:
    """Plan every follow-up visit of the protocol; returns their days."""
    participant = found(session, participant_id)
    visits = infusions.planned_visits(
        protocol.visits, transplant_on=participant.transplant_on, closed=frozenset(protocol.clocks.holidays)
    )
    audit.act(session, actor=actor, action="visits:plan", now=now, participant_id=participant_id)
    for visit in visits:
        session.add(
            Visit(
                participant_id=participant_id,
                code=visit.code,
                planned_at=instant(visit.on, protocol.infusions.usual_time, participant.timezone),
                window_from_on=visit.from_on,
                window_until_on=visit.until_on,
                state="planned",
                protocol_version=protocol.version,
            )
        )
    session.flush()
    return tuple(visit.on for visit in visits)


def close_visit(
    session: Session,
    *,
    actor: Actor,
    participant_id: int,
    code: str,
    state: Literal["attended", "missed"],
    now: datetime,
) -> None:
    """Record that a planned visit took place or did not."""
    statement = select(Visit).where(Visit.participant_id == participant_id, Visit.code == code).with_for_update()
    visit = session.execute(statement).scalar_one_or_none()
    if visit is None:
        raise NotFound
    if visit.state != "planned":
        raise Conflict("This visit has been recorded already.")
    audit.act(session, actor=actor, action=f"visit:{state}", now=now, participant_id=participant_id)
    visit.state = state
    session.flush()


def found(session: Session, participant_id: int) -> Participant:
    participant = session.get(Participant, participant_id)
    if participant is None:
        raise NotFound
    return participant


def instant(day: date, at: time, timezone: str) -> datetime:
    """A wall-clock time of a local day, in UTC."""
    return datetime.combine(day, at, tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def _planned(participant_id: int, number: int, at: datetime, version: str) -> Infusion:
    return Infusion(
        participant_id=participant_id,
        number=number,
        planned_at=at,
        original_at=at,
        state=str(State.PLANNED),
        protocol_version=version,
    )
