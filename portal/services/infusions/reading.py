"""Short queries about a participant's calendar, for other services."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import CompoundSelect, String, bindparam, literal, null, select, type_coerce, union_all
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.infusions import AHEAD, InfusionState
from portal.domain.protocol import LocalizedText, Protocol
from portal.models.infusions import Infusion, Visit

AppointmentKind = Literal["infusion", "visit"]
INFUSION: Final = LocalizedText(en="Infusion", zh="输注治疗")
STILL_NEXT: Final = timedelta(hours=1)
UNRECORDED: Final = (InfusionState.PLANNED, InfusionState.CONFIRMED)
GIVEN: Final = (
    select(Infusion.started_at)
    .where(
        Infusion.participant_id == bindparam("participant_id"),
        Infusion.state == InfusionState.GIVEN,
        Infusion.started_at >= bindparam("since"),
    )
    .order_by(Infusion.started_at)
)
SLOTS: Final[CompoundSelect[*tuple[Any, ...]]] = union_all(
    select(
        literal("infusion").label("kind"), Infusion.number, literal("").label("code"),
        type_coerce(Infusion.state, String).label("state"),
        Infusion.planned_at, Infusion.original_at, Infusion.started_at,
    ).where(Infusion.participant_id == bindparam("participant_id")),
    select(
        literal("visit"), literal(0), Visit.code, type_coerce(Visit.state, String), Visit.planned_at, Visit.planned_at,
        null(),
    ).where(Visit.participant_id == bindparam("participant_id")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """Something to come to the hospital for. ``moved``: not at the time first planned."""

    kind: AppointmentKind
    at: datetime
    name: LocalizedText
    place: LocalizedText | None
    preparation: LocalizedText | None
    moved: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """An infusion (by ``number``) or a visit (by ``code``) of the calendar, whatever became of it."""

    kind: AppointmentKind
    number: int
    code: str
    state: str
    planned_at: datetime
    original_at: datetime
    started_at: datetime | None

    @property
    def ahead(self) -> bool:
        return self.state in AHEAD if self.kind == "infusion" else self.state == "planned"


def list_slots(session: Session, *, participant_id: int) -> tuple[Slot, ...]:
    """Everything in the participant's calendar, by its time. One statement."""
    rows = session.execute(SLOTS, {"participant_id": participant_id})
    return tuple(sorted((Slot(*row) for row in rows), key=lambda slot: slot.planned_at))


def find_next_appointment(session: Session, *, participant_id: int, now: datetime) -> AppointmentView | None:
    """The next infusion or visit ahead. One that began within the last hour is still the next."""
    return next_appointment_of(list_slots(session, participant_id=participant_id), now)


def next_appointment_of(found: Iterable[Slot], now: datetime) -> AppointmentView | None:
    """The same of a calendar that has been read already."""
    slot = next((slot for slot in found if slot.ahead and slot.planned_at >= now - STILL_NEXT), None)
    if slot is None:
        return None
    protocol = protocols.load_protocol()
    if slot.kind == "visit":
        return visit_appointment(slot.planned_at, slot.code, protocol)
    return infusion_appointment(slot.planned_at, slot.original_at, protocol)


def infusion_appointment(at: datetime, original_at: datetime, protocol: Protocol) -> AppointmentView:
    plan = protocol.infusions
    return AppointmentView("infusion", at, INFUSION, plan.place, plan.preparation, moved=at != original_at)


def visit_appointment(at: datetime, code: str, protocol: Protocol) -> AppointmentView:
    name = next(visit.name for visit in protocol.visits if visit.code == code)
    return AppointmentView("visit", at, name, None, None, moved=False)


def list_given_times(session: Session, *, participant_id: int, since: datetime) -> tuple[datetime, ...]:
    """When the infusions given since then began, oldest first."""
    found = session.execute(GIVEN, {"participant_id": participant_id, "since": since}).scalars()
    return tuple(at for at in found if at is not None)


def is_watched(session: Session, *, participant_id: int, since: datetime, until: datetime) -> bool:
    """Whether an infusion was given since then, or was planned for it and is neither held, missed nor recorded yet."""
    unrecorded = Infusion.state.in_(UNRECORDED) & Infusion.planned_at.between(since, until)
    given = (Infusion.state == InfusionState.GIVEN) & (Infusion.started_at >= since)
    statement = select(Infusion.id).where(Infusion.participant_id == participant_id, unrecorded | given).limit(1)
    return session.execute(statement).first() is not None


def given_times_of(found: Iterable[Slot], since: datetime) -> tuple[datetime, ...]:
    """The same of a calendar that has been read already."""
    given = (slot.started_at for slot in found if slot.kind == "infusion" and slot.state == InfusionState.GIVEN)
    return tuple(sorted(at for at in given if at is not None and at >= since))
