"""Recording an infusion as given, and correcting that record: weight and dose, what ran in, how it was borne."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from portal.domain import infusions
from portal.domain.access import Actor
from portal.domain.alert_rules import Evidence
from portal.domain.errors import Invalid
from portal.domain.infusions import BrokenRule, InfusionState, InfusionStep, PlanRule, VitalSigns
from portal.domain.laboratory import weight_question
from portal.domain.msgid import N_
from portal.domain.protocol import Protocol
from portal.domain.reasons import reason_of
from portal.models.infusions import Infusion
from portal.services import audit, messages
from portal.services.infusions import course, revision
from portal.services.infusions.course import InfusionPlanState
from portal.services.infusions.weights import find_last_weight

WEIGHT_KG: Final = (Decimal(20), Decimal(250))
CELLS: Final = (1_000_000, 1_000_000_000)
CTCAE_GRADES: Final = range(6)


@dataclass(frozen=True, slots=True)
class GivenInfusion:
    """What was given. ``weight_kg`` to 0.1 kg; ``lot`` as on the bag; ``cells`` in it, where they were counted.

    ``grade`` is the reaction's by CTCAE, 0 for none; ``reaction`` says what it was. ``deviation`` is the reason for
    rules that giving it at this time, or so many cells, breaks. ``confirmed``: the weight is right, although it is far
    off the last one.
    """

    weight_kg: Decimal
    started_at: datetime
    ended_at: datetime
    lot: str
    cells: int | None = None
    signs: VitalSigns = field(default_factory=dict)
    grade: int = 0
    reaction: str = ""
    deviation: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class RecordingPreview:
    """What recording would mean: the dose in cells, rules broken without a reason, the plan it was worked out on.

    ``question`` is asked about a weight that is far off the last one.
    """

    dose_cells: int
    broken: tuple[BrokenRule, ...]
    version: int
    question: Evidence | None = None


def preview_recording(
    session: Session,
    *,
    actor: Actor,
    infusion_id: int,
    given: GivenInfusion,
    protocol: Protocol,
    now: datetime,
    step: InfusionStep = InfusionStep.GIVE,
) -> RecordingPreview:
    """Nothing is written. ``step``: to give, or to correct. ``Invalid`` by field, ``Conflict`` where it cannot be."""
    plan = course.load_plan_of_infusion(session, actor=actor, infusion_id=infusion_id, protocol=protocol)
    row = plan.row(infusion_id)
    infusions.next_state(row.state, step)
    _check(plan, given, now)
    dose = infusions.dose_cells(given.weight_kg, protocol.infusions.cells_per_kg)
    return RecordingPreview(
        dose, _broken(plan, row, given, dose), plan.version, _question(session, plan, row, given, step)
    )


def record_infusion(
    session: Session,
    *,
    actor: Actor,
    infusion_id: int,
    given: GivenInfusion,
    protocol: Protocol,
    now: datetime,
    version: int | None = None,
    correction: str | None = None,
) -> int:
    """Record an infusion as given; returns the dose in cells, computed from the weight. ``Invalid`` by field.

    With a ``correction``, the reason for it, the record of one that was given is put right; the history keeps the old.
    """
    if correction is not None:
        correction = reason_of(correction, field="correction")
    step = InfusionStep.GIVE if correction is None else InfusionStep.CORRECT
    plan = course.load_plan_of_infusion(session, actor=actor, infusion_id=infusion_id, protocol=protocol)
    row = plan.row(infusion_id)
    infusions.next_state(row.state, step)
    plan.check_version(version)
    _check(plan, given, now)
    dose = infusions.dose_cells(given.weight_kg, protocol.infusions.cells_per_kg)
    if not given.confirmed and _question(session, plan, row, given, step) is not None:
        raise Invalid(problems={"confirmed": N_("Look at the weight again: is it right, and in kilograms?")})
    course.require_reason_for(_broken(plan, row, given, dose), given.deviation, "deviation")
    deviation = given.deviation.strip()
    audit.begin(
        session,
        actor=actor,
        action=f"infusion:{step}",
        now=now,
        participant_id=plan.participant.id,
        reason=(correction or deviation).strip() or None,
    )
    _record(row, given, dose)
    _list_cells(plan, row, given, dose)
    revision.bump_sequence(row)
    plan.settle(deviation)
    session.flush()
    messages.replan_reminders(session, participant_id=plan.participant.id, now=now)
    return dose


def _broken(plan: InfusionPlanState, row: Infusion, given: GivenInfusion, dose: int) -> tuple[BrokenRule, ...]:
    """What its time and its cells break and nobody has given a reason for yet."""
    found = plan.unexplained(plan.times() | {row.number: given.started_at})
    if _has_wrong_cells(plan, given, dose) and PlanRule.CELLS not in (row.deviations or {}):
        return (*found, BrokenRule(row.number, PlanRule.CELLS))
    return found


def _has_wrong_cells(plan: InfusionPlanState, given: GivenInfusion, dose: int) -> bool:
    return infusions.is_outside_tolerance(given.cells, dose, plan.protocol.infusions.cells_tolerance_percent)


def _list_cells(plan: InfusionPlanState, row: Infusion, given: GivenInfusion, dose: int) -> None:
    """A deviation with its reason; none any more where a correction has put the count right."""
    others = {rule: words for rule, words in (row.deviations or {}).items() if rule != PlanRule.CELLS}
    known = (row.deviations or {}).get(PlanRule.CELLS, given.deviation.strip())
    row.deviations = others | ({str(PlanRule.CELLS): known} if _has_wrong_cells(plan, given, dose) else {}) or None


def _question(
    session: Session, plan: InfusionPlanState, row: Infusion, given: GivenInfusion, step: InfusionStep
) -> Evidence | None:
    """The dose is made of this weight: one that is far off the last of any source is asked about."""
    own = row.id if step is InfusionStep.CORRECT else None
    last = find_last_weight(session, plan.participant, but_infusion_id=own)
    return weight_question(given.weight_kg, last) if last is not None else None


def _record(row: Infusion, given: GivenInfusion, dose: int) -> None:
    row.state = InfusionState.GIVEN
    row.weight_kg, row.dose_cells, row.cells_given = given.weight_kg, dose, given.cells
    row.lot, row.started_at, row.ended_at = given.lot.strip(), given.started_at, given.ended_at
    row.vital_signs = {
        moment: {code: str(value) for code, value in values.items()} for moment, values in given.signs.items() if values
    } or None
    row.reaction = {"grade": given.grade, "words": given.reaction.strip()}


def clear_record(row: Infusion) -> None:
    """As if nothing had been recorded."""
    row.weight_kg = row.dose_cells = row.cells_given = row.lot = None
    row.started_at = row.ended_at = row.vital_signs = row.reaction = None


def _check(plan: InfusionPlanState, given: GivenInfusion, now: datetime) -> None:
    problems = dict(_problems(plan, given, now)) | infusions.sign_problems(given.signs)
    if problems:
        raise Invalid(problems=problems)


def _problems(plan: InfusionPlanState, given: GivenInfusion, now: datetime) -> Iterator[tuple[str, str]]:
    if not WEIGHT_KG[0] <= given.weight_kg <= WEIGHT_KG[1]:
        yield "weight_kg", N_("Enter the weight in kg, between 20 and 250.")
    elif given.weight_kg != round(given.weight_kg, 1):
        yield "weight_kg", N_("Enter the weight with one decimal, such as 62.5.")
    if given.started_at > now:
        yield "started_at", N_("The start cannot be in the future.")
    elif plan.day(given.started_at) < plan.participant.enrolled_on:
        yield "started_at", N_("That is before the enrolment.")
    if not given.started_at <= given.ended_at <= now:
        yield "ended_at", N_("The end must be after the start and not in the future.")
    if not 0 < len(given.lot.strip()) <= 40:
        yield "lot", N_("Enter the lot number.")
    if given.cells is not None and not CELLS[0] <= given.cells <= CELLS[1]:
        yield "cells", N_("Enter the cells in millions, between 1 and 1,000.")
    if given.grade not in CTCAE_GRADES:
        yield "grade", N_("Choose one.")
    elif given.grade and not given.reaction.strip():
        yield "reaction", N_("Say what the reaction was.")
