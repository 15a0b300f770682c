"""What staff read: one participant's infusions and visits, one of either, and what each may become."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import infusions
from portal.domain.access import Actor
from portal.domain.diary import local_day
from portal.domain.errors import NotFound
from portal.domain.infusions import InfusionStep, VisitStep, study_day
from portal.domain.protocol import LocalizedText, Protocol
from portal.models.infusions import Infusion, Visit
from portal.models.people import Participant
from portal.services.infusions import course, plans, visits
from portal.services.infusions.course import InfusionPlanState
from portal.services.infusions.weights import find_last_weight
from portal.services.scope import within_sites

Signs = Mapping[str, Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class InfusionView:
    """``study_day`` is that of the day it holds; ``steps`` what may become of it; ``deviations`` rule and reason."""

    id: int
    number: int
    state: str
    at: datetime
    original_at: datetime
    study_day: int
    ended_at: datetime | None
    weight_kg: Decimal | None
    dose_cells: int | None
    cells_given: int | None
    lot: str | None
    signs: Signs
    grade: int | None
    reaction: str | None
    deviations: tuple[tuple[str, str], ...]
    reason: str | None
    steps: frozenset[InfusionStep]
    protocol_version: str


@dataclass(frozen=True, slots=True)
class VisitView:
    """``outside``: it was, or is planned, on a day outside its window."""

    id: int
    code: str
    name: LocalizedText
    state: str
    at: datetime
    from_on: date
    until_on: date
    took_place_on: date | None
    outside: bool
    study_day: int
    reason: str | None
    steps: frozenset[VisitStep]


@dataclass(frozen=True, slots=True)
class InfusionPlanView:
    """``version`` goes with every change of an infusion, and comes back with the form that was filled in."""

    study_number: str
    site: str
    timezone: str
    enrolled_on: date
    weight_kg: Decimal | None
    has_infusions: bool
    may_plan: bool
    infusions: tuple[InfusionView, ...]
    visits: tuple[VisitView, ...]
    version: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def infusion(self, infusion_id: int) -> InfusionView:
        return next(one for one in self.infusions if one.id == infusion_id)


@dataclass(frozen=True, slots=True)
class ParticipantVisit:
    """A visit and whose it is."""

    study_number: str
    timezone: str
    visit: VisitView


def get_infusion_plan(session: Session, *, actor: Actor, study_number: str) -> InfusionPlanView:
    """All of one participant. Three statements. ``NotFound`` for somebody of another site."""
    protocol = protocols.load_protocol()
    return _seen(
        session, course.load_plan_by_study_number(session, actor=actor, study_number=study_number, protocol=protocol)
    )


def get_plan_of_infusion(session: Session, *, actor: Actor, infusion_id: int) -> InfusionPlanView:
    """The same, asked for by one of its infusions."""
    protocol = protocols.load_protocol()
    plan = course.load_plan_of_infusion(session, actor=actor, infusion_id=infusion_id, protocol=protocol, lock=False)
    return _seen(session, plan)


def get_visit(session: Session, *, actor: Actor, visit_id: int) -> ParticipantVisit:
    """One visit. ``NotFound`` for one of another site."""
    found = session.execute(
        select(Visit, Participant)
        .join(Participant, Participant.id == Visit.participant_id)
        .where(Visit.id == visit_id, within_sites(actor))
    ).one_or_none()
    if found is None:
        raise NotFound
    row, participant = found
    return ParticipantVisit(
        participant.study_number, participant.timezone, build_visit_view(row, participant, protocols.load_protocol())
    )


def _seen(session: Session, plan: InfusionPlanState) -> InfusionPlanView:
    person = plan.participant
    rows = session.scalars(select(Visit).where(Visit.participant_id == person.id).order_by(Visit.planned_at))
    return InfusionPlanView(
        study_number=person.study_number,
        site=person.site,
        timezone=person.timezone,
        enrolled_on=person.enrolled_on,
        weight_kg=find_last_weight(session, plan.participant),
        has_infusions=plans.has_infusions(plan),
        may_plan=plans.can_plan(plan),
        infusions=tuple(build_infusion_view(row, person) for row in plan.rows),
        visits=tuple(build_visit_view(row, person, plan.protocol) for row in rows),
        version=plan.version,
    )


def build_infusion_view(row: Infusion, person: Participant) -> InfusionView:
    at = course.effective_at(row)
    reaction = row.reaction or {}
    return InfusionView(
        id=row.id,
        number=row.number,
        state=row.state,
        at=at,
        original_at=row.original_at,
        study_day=study_day(local_day(at, person.timezone), person.transplant_on),
        ended_at=row.ended_at,
        weight_kg=row.weight_kg,
        dose_cells=row.dose_cells,
        cells_given=row.cells_given,
        lot=row.lot,
        signs=_signs(row),
        grade=reaction.get("grade"),
        reaction=reaction.get("words") or None,
        deviations=tuple(sorted((row.deviations or {}).items())),
        reason=row.reason,
        steps=frozenset(step for step in InfusionStep if infusions.is_possible(row.state, step)),
        protocol_version=row.protocol_version,
    )


def _signs(row: Infusion) -> Signs:
    stored = row.vital_signs or {}
    return {
        moment: {code: Decimal(value) for code, value in stored[moment].items()}
        for moment in infusions.MOMENTS
        if moment in stored
    }


def build_visit_view(row: Visit, person: Participant, protocol: Protocol) -> VisitView:
    on = row.took_place_on or local_day(row.planned_at, person.timezone)
    names = {one.code: one.name for one in protocol.visits}
    return VisitView(
        id=row.id,
        code=row.code,
        name=names.get(row.code) or LocalizedText(row.code, row.code),
        state=row.state,
        at=row.planned_at,
        from_on=row.window_from_on,
        until_on=row.window_until_on,
        took_place_on=row.took_place_on,
        outside=visits.is_outside_window(row, on),
        study_day=study_day(on, person.transplant_on),
        reason=row.reason,
        steps=frozenset(step for step in VisitStep if infusions.is_visit_step_possible(row.state, step)),
    )
