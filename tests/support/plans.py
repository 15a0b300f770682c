"""Somebody with a plan, and what the ward does with it, for tests of what others see of it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal import protocols
from portal.domain.access import SYSTEM, Actor, Role
from portal.extensions import db, transaction
from portal.models.infusions import Infusion, Visit
from portal.models.people import Participant
from portal.services import audit, infusions
from tests.support.people import NOW, TODAY, enrol

PROTOCOL = protocols.load_protocol()
NURSE = Actor(kind="staff", role=Role.COORDINATOR, id=1, sites=frozenset({"RJ"}))


def planned(number: int = 1, *, day: int = 10, now: datetime = NOW, **changes: object) -> Participant:
    """Enrolled at ``TODAY`` on study day ``day``: infusions where the arm has them, and four visits."""
    person = enrol(number, **{"day": day, "enrolled_on": TODAY, **changes})
    with transaction() as session:
        infusions.plan_infusions(session, actor=NURSE, participant_id=person.id, protocol=PROTOCOL, now=now)
        infusions.plan_visits(session, actor=NURSE, participant_id=person.id, protocol=PROTOCOL, now=now)
    return person


def infusion(number: int) -> Infusion:
    return db.session.scalars(select(Infusion).where(Infusion.number == number)).one()


STEPS = {
    "move": infusions.move_infusion,
    "hold": infusions.hold_infusion,
    "miss": infusions.miss_infusion,
    "cancel": infusions.cancel_infusion,
    "confirm": infusions.confirm_infusion,
    "take_back": infusions.take_back_infusion,
    "give": infusions.record_infusion,
    "correct": infusions.record_infusion,
}


def act(verb: str, number: int, *, now: datetime = NOW, **values: object) -> None:
    """Hold, miss or cancel one, with a reason."""
    with transaction() as session:
        id_ = infusion(number).id
        STEPS[verb](session, actor=NURSE, infusion_id=id_, now=now, reason="fever", **values)


def move(number: int, *, days: int = 1, now: datetime = NOW) -> None:
    """To another day at the same hour; those after it yield."""
    to = infusion(number).planned_at + timedelta(days=days)
    act("move", number, now=now, to=to, protocol=PROTOCOL)


def add_infusion(participant: Participant, at: datetime, number: int = 1, *, given: bool = False) -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="infusion:test", now=NOW, participant_id=participant.id)
        session.add(
            Infusion(
                participant_id=participant.id,
                number=number,
                planned_at=at,
                original_at=at,
                state="given" if given else "planned",
                started_at=at if given else None,
                protocol_version="1.0",
            )
        )


def add_visit(participant: Participant, at: datetime) -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="visit:test", now=NOW, participant_id=participant.id)
        on = at.date()
        session.add(
            Visit(
                participant_id=participant.id,
                code="d28",
                planned_at=at,
                window_from_on=on,
                window_until_on=on,
                state="attended",
                protocol_version="1.0",
            )
        )


def planned_a_week_ago(number: int, **changes: object) -> Participant:
    """Somebody enrolled a week ago, whose infusions and visits were planned that day."""
    person = enrol(number, enrolled_on=TODAY - timedelta(days=7), **changes)
    before = NOW - timedelta(days=7)
    with transaction() as session:
        infusions.plan_infusions(session, actor=NURSE, participant_id=person.id, protocol=PROTOCOL, now=before)
        infusions.plan_visits(session, actor=NURSE, participant_id=person.id, protocol=PROTOCOL, now=before)
    return person
