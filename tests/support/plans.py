"""Somebody with a plan, and what the ward does with it, for tests of what others see of it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal import protocols
from portal.domain.access import Actor, Role
from portal.extensions import db, transaction
from portal.models.calendar import Infusion
from portal.models.people import Participant
from portal.services import infusions
from tests.support.people import NOW, TODAY, enrol

PROTOCOL = protocols.load()
NURSE = Actor(kind="staff", role=Role.COORDINATOR, id=1, sites=frozenset({"RJ"}))


def planned(number: int = 1, *, day: int = 10, now: datetime = NOW, **changes: object) -> Participant:
    """Enrolled at ``TODAY`` on study day ``day``: infusions where the arm has them, and four visits."""
    person = enrol(number, **{"day": day, "enrolled_on": TODAY, **changes})
    with transaction() as session:
        infusions.plan(session, actor=NURSE, participant_id=person.id, protocol=PROTOCOL, now=now)
        infusions.plan_visits(session, actor=NURSE, participant_id=person.id, protocol=PROTOCOL, now=now)
    return person


def infusion(number: int) -> Infusion:
    return db.session.scalars(select(Infusion).where(Infusion.number == number)).one()


def act(verb: str, number: int, *, now: datetime = NOW, **values: object) -> None:
    """Hold, miss or cancel one, with a reason."""
    with transaction() as session:
        id_ = infusion(number).id
        getattr(infusions, verb)(session, actor=NURSE, infusion_id=id_, now=now, reason="fever", **values)


def move(number: int, *, days: int = 1, now: datetime = NOW) -> None:
    """To another day at the same hour; those after it yield."""
    to = infusion(number).planned_at + timedelta(days=days)
    act("move", number, now=now, to=to, protocol=PROTOCOL)
