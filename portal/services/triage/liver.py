"""The liver as the record knows it: its results, its assessments, and whether a jaundice is settled by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal import protocols
from portal.domain.alert_rules import Organ
from portal.domain.alert_rules.safety import add_safety
from portal.domain.diary import local_day
from portal.domain.laboratory import LabKind
from portal.domain.magic import BilirubinResult, BilirubinUnit, LiverAssessment, is_jaundice_settled
from portal.domain.triage import UNSETTLED, EpisodeState
from portal.models.assessments import Assessment, Signature
from portal.models.diary import Diary
from portal.models.laboratory import LabResult
from portal.models.people import Participant
from portal.models.triage import Episode

NEWER: Final = aliased(Assessment)
RESULTS: Final = select(LabResult.measured_at, LabResult.value, LabResult.unit).where(
    LabResult.participant_id == bindparam("participant_id"),
    LabResult.kind == LabKind.BILIRUBIN,
    LabResult.entered_at <= bindparam("known_at"),
    or_(LabResult.voided_at.is_(None), LabResult.voided_at > bindparam("known_at")),
)
SIGNED_AT: Final = (
    select(func.max(Signature.signed_at, type_=Signature.signed_at.type))
    .join(Assessment, Assessment.id == Signature.assessment_id)
    .where(
        Signature.participant_id == bindparam("participant_id"),
        Signature.signed_at <= bindparam("known_at"),
        Assessment.liver.is_not(None),
        ~select(NEWER.id)
        .where(
            NEWER.participant_id == Assessment.participant_id,
            NEWER.number == Assessment.number,
            NEWER.version > Assessment.version,
        )
        .exists(),
    )
    .scalar_subquery()
)
CLOSED_AT: Final = (
    select(func.max(Episode.closed_at, type_=Episode.opened_at.type))
    .where(
        Episode.participant_id == bindparam("participant_id"),
        Episode.organ == Organ.LIVER,
        Episode.state == EpisodeState.CLOSED,
        Episode.outcome.not_in(UNSETTLED),
        Episode.closed_at <= bindparam("known_at"),
    )
    .scalar_subquery()
)
ASSESSED: Final = select(SIGNED_AT, CLOSED_AT)
SIGN_DAYS: Final = select(Diary.diary_on, Diary.answers["liver-signs"]).where(
    Diary.participant_id == bindparam("participant_id"),
    Diary.superseded_at.is_(None),
    Diary.entered_at <= bindparam("known_at"),
)


@dataclass(frozen=True, slots=True)
class LiverRecord:
    """``bilirubins`` in no order; ``signed``: the last signed assessment; ``judged``: that, or a later closing."""

    bilirubins: tuple[BilirubinResult, ...]
    signed: LiverAssessment | None
    judged: LiverAssessment | None


def read_liver(session: Session, *, participant_id: int, timezone: str, known_at: datetime) -> LiverRecord:
    """What was known then. Two statements."""
    given = {"participant_id": participant_id, "known_at": known_at}
    units = {str(unit): unit for unit in BilirubinUnit}
    signed_at, closed_at = session.execute(ASSESSED, given).one()
    judged_at = max((at for at in (signed_at, closed_at) if at is not None), default=None)
    return LiverRecord(
        bilirubins=tuple(
            BilirubinResult(local_day(at, timezone), at, value, units[unit])
            for at, value, unit in session.execute(RESULTS, given)
        ),
        signed=LiverAssessment(local_day(signed_at, timezone), signed_at) if signed_at else None,
        judged=LiverAssessment(local_day(judged_at, timezone), judged_at) if judged_at else None,
    )


def is_liver_settled(session: Session, *, participant_id: int, now: datetime, on: date | None = None) -> bool:
    """Whether yellow eyes of the day ``on`` (None: today) are settled, as of ``now``.

    By a bilirubin below 2 mg/dL, sampled on or after the first day of the sign, or by a clinician: a signed assessment,
    or an episode that somebody has judged. What confirms the sign never settles it.
    """
    participant = session.get_one(Participant, participant_id)
    day = on or local_day(now, participant.timezone)
    record = read_liver(session, participant_id=participant_id, timezone=participant.timezone, known_at=now)
    rows = session.execute(SIGN_DAYS, {"participant_id": participant_id, "known_at": now}).all()
    return is_jaundice_settled(
        _sign_days([(one, signs) for one, signs in rows if one <= day and signs is not None], day),
        record.bilirubins,
        record.judged,
        on=day,
        at=now,
        thresholds=add_safety(protocols.load_protocol().thresholds),
    )


def _sign_days(rows: Sequence[tuple[date, Sequence[str]]], day: date) -> tuple[tuple[date, bool], ...]:
    """The known days, with that of the report, which has the sign."""
    present: dict[date, bool] = {}
    for on, signs in rows:
        present[on] = present.get(on, False) or "yellow" in signs
    return tuple({**present, day: True}.items())
