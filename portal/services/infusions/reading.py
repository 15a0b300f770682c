"""Short questions that other rooms ask about a participant's calendar."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.infusions import AHEAD, State
from portal.domain.protocol import Protocol, Words
from portal.models.calendar import Infusion, Visit

Kind = Literal["infusion", "visit"]
INFUSION: Final = Words(en="Infusion", zh="输注治疗")
STILL_NEXT: Final = timedelta(hours=1)
GIVEN: Final = (
    select(Infusion.started_at)
    .where(
        Infusion.participant_id == bindparam("participant_id"),
        Infusion.state == str(State.GIVEN),
        Infusion.started_at >= bindparam("since"),
    )
    .order_by(Infusion.started_at)
)


@dataclass(frozen=True, slots=True)
class Appointment:
    """Something to come to the hospital for. ``moved``: not at the time first planned."""

    kind: Kind
    at: datetime
    name: Words
    place: Words | None
    preparation: Words | None
    moved: bool


def next_appointment(session: Session, *, participant_id: int, now: datetime) -> Appointment | None:
    """The next infusion or visit ahead. One that began within the last hour is still the next."""
    since = now - STILL_NEXT
    infusion = session.execute(
        select(Infusion.planned_at, Infusion.original_at)
        .where(Infusion.participant_id == participant_id, Infusion.planned_at >= since, Infusion.state.in_(AHEAD))
        .order_by(Infusion.planned_at)
        .limit(1)
    ).first()
    visit = session.execute(
        select(Visit.planned_at, Visit.code)
        .where(Visit.participant_id == participant_id, Visit.planned_at >= since, Visit.state == "planned")
        .order_by(Visit.planned_at)
        .limit(1)
    ).first()
    protocol = protocols.load()
    found = [infusion_appointment(*infusion, protocol)] if infusion else []
    found += [visit_appointment(*visit, protocol)] if visit else []
    return min(found, key=lambda appointment: appointment.at, default=None)


def infusion_appointment(at: datetime, original_at: datetime, protocol: Protocol) -> Appointment:
    plan = protocol.infusions
    return Appointment("infusion", at, INFUSION, plan.place, plan.preparation, moved=at != original_at)


def visit_appointment(at: datetime, code: str, protocol: Protocol) -> Appointment:
    name = next(visit.name for visit in protocol.visits if visit.code == code)
    return Appointment("visit", at, name, None, None, moved=False)


def given_times(session: Session, *, participant_id: int, since: datetime) -> tuple[datetime, ...]:
    """When the infusions given since then began, oldest first."""
    found = session.execute(GIVEN, {"participant_id": participant_id, "since": since}).scalars()
    return tuple(at for at in found if at is not None)
