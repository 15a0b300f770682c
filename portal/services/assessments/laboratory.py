"""Bilirubin, temperature and weight: entered, asked about when unlikely, voided with a reason and never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal import protocols
from portal.domain import alert_rules, laboratory
from portal.domain.access import Actor, Permission
from portal.domain.alert_rules import Evidence, Flag, Organ, Severity
from portal.domain.alert_rules.safety import add_safety
from portal.domain.diary import local_day
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.laboratory import MEASURES, LabKind, LiverStage
from portal.domain.magic import BilirubinResult, BilirubinUnit
from portal.domain.msgid import N_
from portal.domain.reasons import reason_of
from portal.domain.tasks import TaskKind
from portal.models.laboratory import LabResult
from portal.models.people import Participant, Staff
from portal.services import audit, infusions, tasks, triage
from portal.services.scope import find_participant, id_of
from portal.services.triage import RESULT_COUNTS

RECENT: Final = timedelta(days=3)
CLOCK_TOLERANCE: Final = timedelta(minutes=5)
LIMIT: Final = 200
# The tasks that a result closes.
WANTED: Final = {
    LabKind.BILIRUBIN: (TaskKind.BILIRUBIN_WANTED, TaskKind.SCHEDULED_BILIRUBIN),
    LabKind.WEIGHT: (TaskKind.WEIGHT_TO_CONFIRM,),
}


@dataclass(frozen=True, slots=True)
class EnteredResult:
    """``question`` is set when the value was not stored because it must be confirmed first."""

    id: int | None
    question: Evidence | None


@dataclass(frozen=True, slots=True)
class LabResultView:
    """``liver`` for a bilirubin only."""

    id: int
    kind: str
    code: str
    value: Decimal
    unit: str
    measured_at: datetime
    entered_at: datetime
    entered_by: str
    questioned: bool
    voided_at: datetime | None
    voided_by: str | None
    void_reason: str | None
    liver: LiverStage | None


def enter_result(
    session: Session,
    *,
    actor: Actor,
    study_number: str,
    measure: str,
    value: Decimal,
    measured_at: datetime,
    now: datetime,
    confirmed: bool = False,
) -> EnteredResult:
    """Keep a value, or ask about it. A bilirubin closes the task that wanted one; one of stage 1 or more, and a fever,
    alert staff. Invalid, by field.
    """
    participant = find_participant(session, actor, study_number, permission=Permission.LABS_ENTER, lock=True)
    chosen = MEASURES.get(measure)
    if chosen is None:
        raise Invalid(problems={"measure": N_("Choose what was measured.")})
    laboratory.check_value(chosen, value)
    if not participant.transplant_on <= measured_at.date() or measured_at > now + CLOCK_TOLERANCE:
        raise Invalid(problems={"measured_on": N_("Enter a time since the transplant that has been.")})
    last = infusions.find_last_weight(session, participant) if chosen.kind is LabKind.WEIGHT else None
    question = laboratory.plausibility_question(chosen, value, last=last)
    if question is not None and not confirmed:
        return EnteredResult(None, question)
    audit.begin(session, actor=actor, action="lab:enter", now=now, participant_id=participant.id)
    row = LabResult(
        participant_id=participant.id,
        kind=chosen.kind,
        code=chosen.code,
        value=value,
        unit=chosen.unit,
        measured_at=measured_at,
        entered_at=now,
        entered_by_id=actor.id,
        questioned=question is not None,
    )
    session.add(row)
    session.flush()
    for wanted in WANTED.get(chosen.kind, ()):
        _settle(session, actor, row, wanted, now)
    _alert(session, participant, row, now)
    return EnteredResult(row.id, None)


def _alert(session: Session, participant: Participant, row: LabResult, now: datetime) -> None:
    """A raised bilirubin raises the liver's episode, a fever the general one, as if a report had said so."""
    flags, stages = _judge(session, participant, row, now)
    raised = triage.raise_flags(session, participant=participant, diary=None, flags=flags, stages=stages, now=now)
    triage.alert_reds(session, raised=raised, participant=participant, now=now)
    triage.alert_investigators(session, raised=raised, flags=flags, participant=participant, now=now)


def _judge(
    session: Session, participant: Participant, row: LabResult, now: datetime
) -> tuple[Sequence[Flag], Mapping[str, int | None]]:
    """The flags of a result and the stage that it says. A bilirubin older than the newest is no news, nor is a
    temperature of some days ago.
    """
    limits = add_safety(protocols.load_protocol().thresholds)
    if row.kind == LabKind.TEMPERATURE and now - row.measured_at <= RECENT:
        found = alert_rules.evaluate_temperature(row.value, thresholds=limits)
        return [flag for flag in found if flag.severity is Severity.RED], {}
    if row.kind != LabKind.BILIRUBIN:
        return (), {}
    timezone = participant.timezone
    known = triage.read_liver(session, participant_id=participant.id, timezone=timezone, known_at=now).bilirubins
    unit = BilirubinUnit(row.unit)
    result = BilirubinResult(local_day(row.measured_at, timezone), row.measured_at, row.value, unit)
    if any(one.sampled_at > result.sampled_at for one in known):
        return (), {}
    return alert_rules.evaluate_bilirubin(result, known, thresholds=limits), {Organ.LIVER: result.stage}


def _settle(session: Session, actor: Actor, row: LabResult, kind: TaskKind, now: datetime) -> None:
    tasks.settle_task(
        session,
        participant_id=row.participant_id,
        kind=kind,
        opened_until=row.measured_at + RESULT_COUNTS,
        staff_id=actor.id,
        now=now,
    )


def void_result(
    session: Session, *, actor: Actor, study_number: str, result_id: int, reason: str, now: datetime
) -> None:
    """Take a value out of every reckoning; it stays visible. Invalid without a reason, Conflict the second time."""
    participant = find_participant(session, actor, study_number, permission=Permission.LABS_ENTER, lock=True)
    row = session.get(LabResult, result_id, with_for_update=True)
    if row is None or row.participant_id != participant.id:
        raise NotFound
    text = reason_of(reason)
    if row.voided_at is not None:
        raise Conflict
    audit.begin(session, actor=actor, action="lab:void", now=now, participant_id=participant.id, reason=text)
    row.voided_at, row.voided_by_id, row.void_reason = now, actor.id, text
    session.flush()


def list_results(session: Session, *, actor: Actor, study_number: str) -> tuple[LabResultView, ...]:
    """Newest first, voided ones too; empty for a participant of another site."""
    voider = aliased(Staff)
    rows = session.execute(
        select(LabResult, Staff.name, voider.name)
        .join(Staff, Staff.id == LabResult.entered_by_id)
        .outerjoin(voider, voider.id == LabResult.voided_by_id)
        .where(LabResult.participant_id == id_of(actor, study_number))
        .order_by(LabResult.measured_at.desc(), LabResult.id.desc())
        .limit(LIMIT)
    )
    return tuple(_seen(row, entered_by, voided_by) for row, entered_by, voided_by in rows)


def _seen(row: LabResult, entered_by: str, voided_by: str | None) -> LabResultView:
    return LabResultView(
        id=row.id,
        kind=row.kind,
        code=row.code,
        value=row.value,
        unit=row.unit,
        measured_at=row.measured_at,
        entered_at=row.entered_at,
        entered_by=entered_by,
        questioned=row.questioned,
        voided_at=row.voided_at,
        voided_by=voided_by,
        void_reason=row.void_reason,
        liver=laboratory.liver_stage_of(row.value, row.unit) if row.kind == LabKind.BILIRUBIN else None,
    )
