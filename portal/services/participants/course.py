"""The whole follow-up at a glance: every organ day by day, and what was measured. A fixed number of statements."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.alert_rules import Organ
from portal.domain.diary import local_day
from portal.domain.eligibility import age_on
from portal.domain.infusions import study_day
from portal.domain.laboratory import LabKind
from portal.domain.magic import BilirubinUnit
from portal.domain.magic.stages import UMOL_PER_MG
from portal.domain.protocol import Thresholds
from portal.domain.reports import Answers, Report, answer_decimal, answer_number, rash_percent, worst_by_day
from portal.domain.scales import StoolScale, protocol_counting, stool_of, total_ml
from portal.domain.tasks import start_of_day
from portal.models.people import Participant
from portal.models.photos import Photo
from portal.services import infusions, triage
from portal.services.diary import history
from portal.services.participants.shared_queries import MeasuredResult, SharedRows

PHOTOGRAPHS: Final = 60
TAKEN: Final = (
    select(Photo.id, Photo.diary_on, Photo.added_at)
    .where(Photo.participant_id == bindparam("participant_id"))
    .order_by(Photo.id.desc())
    .limit(PHOTOGRAPHS)
)
SymptomReader = Callable[[Answers], Decimal | None]
SCORES: Final = ("skin-itch", "nausea", "appetite-loss", "abdominal-pain")


@dataclass(frozen=True, slots=True)
class MeasuredDay:
    """One day's values, by name; a day on which nothing is known of any of them is not there at all."""

    on: date
    values: Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class PhotographView:
    id: int
    diary_on: date
    added_at: datetime


@dataclass(frozen=True, slots=True)
class DiseaseCourse:
    """``heat`` by organ every day of the follow-up until today, oldest first; ``study_days`` those days' numbers.

    ``ongoing``: today still has a diary.

    ``charts`` by name the days with a value: ``temperature`` (Cel), ``stool`` (mL), ``rash`` (per cent), ``scores``
    (0-4 each) and ``bilirubin`` (umol/L).
    """

    heat: Mapping[str, tuple[triage.StripDay, ...]]
    study_days: tuple[int, ...]
    ongoing: bool
    infusion_days: frozenset[date]
    charts: Mapping[str, tuple[MeasuredDay, ...]]
    photographs: tuple[PhotographView, ...]


def get_disease_course(
    session: Session, *, participant_id: int, now: datetime, rows: SharedRows | None = None
) -> DiseaseCourse:
    """Of somebody whom the caller may see. ``rows``: of the same participant, when they have been read already."""
    participant, rows = session.get_one(Participant, participant_id), rows or SharedRows(session, participant_id)
    span = triage.DiarySpan.of(participant, now)
    heat = _heat(span, rows)
    since = start_of_day(span.first_on, participant.timezone)
    given = infusions.given_times_of(rows.slots, since)
    return DiseaseCourse(
        heat=heat,
        study_days=tuple(study_day(day.on, participant.transplant_on) for day in heat[Organ.SKIN]),
        ongoing=span.today_on <= span.last_on,
        infusion_days=frozenset(local_day(at, participant.timezone) for at in given),
        charts={**_reported(participant, rows.reports), "bilirubin": _bilirubin(participant.timezone, rows.results)},
        photographs=_photographs(session, participant_id),
    )


def _heat(span: triage.DiarySpan, rows: SharedRows) -> dict[str, tuple[triage.StripDay, ...]]:
    ending = replace(span, today_on=min(span.today_on, span.last_on))
    days, of = max((ending.today_on - span.first_on).days + 1, 1), span.participant_id
    sent = {(of, row.diary_on) for row in rows.reports}
    raised = triage.highest_by_day((of, one.organ, one.on, one.severity) for one in rows.raised)
    return {str(organ): triage.build_strip(ending, str(organ), sent=sent, raised=raised, days=days) for organ in Organ}


def _reported(participant: Participant, rows: Sequence[Row[Any]]) -> dict[str, tuple[MeasuredDay, ...]]:
    reports = [history.to_report(row) for row in reversed(rows)]
    age = age_on(date.fromisoformat(participant.born_on), reports[-1].on) if reports else 0
    limits = protocols.load_protocol().thresholds
    return {
        "temperature": _days(reports, {"temperature": partial(answer_decimal, link_id="temperature")}),
        "stool": _days(reports, {"stool": partial(_stool, limits=limits)}),
        "rash": _days(reports, {"rash": partial(rash_percent, age=age)}),
        "scores": _days(reports, {name: partial(_score, link_id=name) for name in SCORES}),
    }


def _days(reports: Sequence[Report], read: Mapping[str, SymptomReader]) -> tuple[MeasuredDay, ...]:
    found = {name: worst_by_day(reports, one) for name, one in read.items()}
    days = sorted({on for values in found.values() for on in values})
    return tuple(MeasuredDay(on, {name: values.get(on) for name, values in found.items()}) for on in days)


def _score(answers: Answers, link_id: str) -> Decimal | None:
    score = answer_number(answers, link_id)
    return None if score is None else Decimal(score)


def _stool(answers: Answers, limits: Thresholds) -> Decimal | None:
    """In mL, an unmeasured stool counted as on the adult scale, whatever the scale of the stage."""
    stool = stool_of(answers)
    return None if stool is None else total_ml(stool, StoolScale.ADULT, None, protocol_counting(limits))


def _bilirubin(timezone: str, results: Iterable[MeasuredResult]) -> tuple[MeasuredDay, ...]:
    return tuple(
        MeasuredDay(local_day(one.at, timezone), {"bilirubin": _umol(one.value, one.unit)})
        for one in results
        if one.kind == LabKind.BILIRUBIN and one.voided_at is None
    )


def _umol(value: Decimal, unit: str) -> Decimal:
    return value if unit == BilirubinUnit.UMOL_L else value * UMOL_PER_MG


def _photographs(session: Session, participant_id: int) -> tuple[PhotographView, ...]:
    return tuple(PhotographView(*row) for row in session.execute(TAKEN, {"participant_id": participant_id}))
