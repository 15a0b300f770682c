"""What the record holds about a participant beside the reports, as the alert rules look at it: one statement.

Weights of the laboratory and of infusions, bilirubins, signed assessments, infusions that were planned. Each row says
when it became known, so that a report is judged with what was known at its own time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnElement, Row, String, bindparam, exists, literal, null, select, union_all
from sqlalchemy.orm import Session, aliased

from portal import protocols
from portal.domain.alert_rules import ClinicalFacts
from portal.domain.assessing import Certainty
from portal.domain.diary import diary_window, local_day
from portal.domain.infusions import InfusionState
from portal.domain.laboratory import LabKind
from portal.domain.magic import BilirubinResult, BilirubinUnit, LiverAssessment
from portal.domain.reports import Report
from portal.domain.weights import WeightMeasurement, confirmed_weight, list_weights
from portal.models.assessments import Assessment, Signature
from portal.models.infusions import Infusion
from portal.models.laboratory import LabResult
from portal.models.people import Participant


class _Source(StrEnum):
    RESULT = "result"
    INFUSION = "infusion"
    PLANNED = "planned"
    SKIN = "skin"
    LIVER = "liver"
    AGVHD = "agvhd"


OF_PARTICIPANT: Final[BindParameter[int]] = bindparam("participant_id")
UNRECORDED: Final = (InfusionState.PLANNED, InfusionState.CONFIRMED)
NEWER: Final = aliased(Assessment)
IS_NEWEST: Final = ~exists().where(
    NEWER.participant_id == Assessment.participant_id,
    NEWER.number == Assessment.number,
    NEWER.version > Assessment.version,
).correlate(Assessment)  # fmt: skip


def _source(one: _Source) -> ColumnElement[str]:
    return literal(str(one), String).label("source")


def _signed(source: _Source, assessed: ColumnElement[bool]) -> Any:
    """Signed versions that assess an organ and have not been changed since."""
    return (
        select(_source(source), Signature.signed_at, Signature.signed_at, null(), null())
        .join(Assessment, Assessment.id == Signature.assessment_id)
        .where(Signature.participant_id == OF_PARTICIPANT, assessed, IS_NEWEST)
    )


# Built once: to put a statement together takes longer than to run it. The first part gives the columns their types.
STATEMENT: Final = union_all(
    select(
        _source(_Source.RESULT), LabResult.measured_at.label("at"), LabResult.entered_at.label("known_at"),
        LabResult.value.label("number"), LabResult.unit.label("unit"),
    ).where(
        LabResult.participant_id == OF_PARTICIPANT,
        LabResult.kind.in_([LabKind.BILIRUBIN, LabKind.WEIGHT]),
        LabResult.voided_at.is_(None),
    ),
    select(_source(_Source.INFUSION), Infusion.started_at, Infusion.started_at, Infusion.weight_kg, literal("kg"))
    .where(
        Infusion.participant_id == OF_PARTICIPANT,
        Infusion.state == InfusionState.GIVEN,
        Infusion.weight_kg.is_not(None),
        Infusion.started_at.is_not(None),
    ),
    select(_source(_Source.PLANNED), Infusion.planned_at, Infusion.planned_at, null(), null())
    .where(Infusion.participant_id == OF_PARTICIPANT, Infusion.state.in_(UNRECORDED)),
    _signed(_Source.SKIN, Assessment.skin.is_not(None)),
    _signed(_Source.LIVER, Assessment.liver.is_not(None)),
    select(_source(_Source.AGVHD), Assessment.created_at, Assessment.created_at, null(), null())
    .where(Assessment.participant_id == OF_PARTICIPANT, Assessment.certainty != Certainty.NOT_GVHD, IS_NEWEST),
)  # fmt: skip
# Whether there may be anything of it: then it is read.
ANY_RECORD: Final = (
    exists().where(LabResult.participant_id == OF_PARTICIPANT),
    exists().where(Assessment.participant_id == OF_PARTICIPANT),
    exists().where(Infusion.participant_id == OF_PARTICIPANT),
)


@dataclass(frozen=True, slots=True)
class FactRecord:
    """One row of the record. ``known_at``: when it was entered."""

    source: str
    at: datetime
    known_at: datetime
    number: Decimal | None
    unit: str | None


def read_records(session: Session, participant_id: int) -> tuple[FactRecord, ...]:
    """Everything of a participant that the rules look at, in no order."""
    rows: Sequence[Row[Any]] = session.execute(STATEMENT, {"participant_id": participant_id}).all()
    return tuple(FactRecord(row.source, row.at, row.known_at, row.number, row.unit) for row in rows)


def facts_of(
    records: Sequence[FactRecord], participant: Participant, *, on: date, at: datetime, now: datetime
) -> ClinicalFacts:
    """The facts for a report about the day ``on`` that was entered ``at``, with what was known at ``now``."""
    known = [one for one in records if one.known_at <= now and one.at <= at]
    liver_at = _newest(known, _Source.LIVER)
    timezone = participant.timezone
    return ClinicalFacts(
        weights=tuple(_weights(known, participant)),
        bilirubins=tuple(_bilirubins(known, timezone)),
        liver_assessed=LiverAssessment(local_day(liver_at, timezone), liver_at) if liver_at else None,
        rash_assessed_at=_newest(known, _Source.SKIN),
        agvhd_recorded=any(one.source == _Source.AGVHD for one in known),
        infusions_planned_at=tuple(one.at for one in known if one.source == _Source.PLANNED),
        day_ends_at=diary_window(on, protocols.load_protocol().diary, timezone).closes_at,
    )


def _newest(known: Sequence[FactRecord], source: _Source) -> datetime | None:
    return max((one.at for one in known if one.source == source), default=None)


def _weights(known: Sequence[FactRecord], participant: Participant) -> list[WeightMeasurement]:
    """Those of the record and that of enrolment."""
    timezone, found = participant.timezone, []
    if participant.weight_kg is not None:
        began_at = diary_window(participant.enrolled_on, protocols.load_protocol().diary, timezone).opens_at
        found.append(WeightMeasurement(participant.enrolled_on, began_at, participant.weight_kg))
    return [*found, *_recorded_weights(known, timezone)]


def _recorded_weights(known: Sequence[FactRecord], timezone: str) -> list[WeightMeasurement]:
    weighed = (one for one in known if one.unit == "kg" and one.number is not None)
    return [WeightMeasurement(local_day(one.at, timezone), one.at, one.number) for one in weighed if one.number]


def _bilirubins(known: Sequence[FactRecord], timezone: str) -> list[BilirubinResult]:
    units = {str(unit): unit for unit in BilirubinUnit}
    results = (one for one in known if one.source == _Source.RESULT and one.unit in units)
    return [
        BilirubinResult(local_day(one.at, timezone), one.at, one.number, units[one.unit])
        for one in results
        if one.number is not None and one.unit is not None
    ]


def weight_that_counts(
    facts: ClinicalFacts, participant: Participant, reports: Sequence[Report], carried: Decimal | None
) -> Decimal | None:
    """The newest weight by time, in kg; ``carried`` (the last that a diary knew) where nobody was weighed since
    enrolment but in a diary.
    """
    newest = max(facts.weights, default=None)
    if newest is None or newest.on == participant.enrolled_on:
        return carried
    return confirmed_weight(list_weights(reports, facts.weights))
