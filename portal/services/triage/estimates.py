"""The provisional, patient-reported estimate, as stored with a report. Only a clinician's assessment is *the* grade."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.alert_rules import Organ
from portal.domain.diary import local_day
from portal.domain.magic import at_least, liver_estimate
from portal.models.diary import Diary
from portal.services.triage.liver import read_liver


@dataclass(frozen=True, slots=True)
class OrganStage:
    """A provisional stage, patient-reported but for the liver's, which a result says; None is "not assessed", never 0.

    ``sampled_at``: when that result was taken.
    """

    organ: str
    stage: int | None
    days_known: int
    days_wanted: int
    possible_stage_4: bool
    sampled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProvisionalEstimate:
    """The estimate at the newest report. ``at_least`` None with ``clinician_review``: no acute grade is shown."""

    diary_on: date
    organs: tuple[OrganStage, ...]
    scale: str
    at_least: str | None
    clinician_review: bool


def get_provisional_estimate(session: Session, *, participant_id: int, now: datetime) -> ProvisionalEstimate | None:
    """The estimate stored with the newest report, with the liver as its results say now; None before the first."""
    found = session.execute(
        select(Diary.diary_on, Diary.estimate)
        .where(Diary.participant_id == participant_id, Diary.superseded_at.is_(None))
        .order_by(Diary.diary_on.desc(), Diary.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None or not found[1]:
        return None
    return with_liver(session, read_stored_estimate(*found), participant_id=participant_id, now=now)


def with_liver(
    session: Session, estimate: ProvisionalEstimate, *, participant_id: int, now: datetime
) -> ProvisionalEstimate:
    """The estimate with the liver's stage of the newest bilirubin, and "at least" with it. Two statements."""
    timezone = protocols.load_protocol().timezone
    record = read_liver(session, participant_id=participant_id, timezone=timezone, known_at=now)
    liver, result = liver_estimate(
        record.bilirubins,
        on=local_day(now, timezone),
        normal_days=protocols.load_protocol().thresholds.bilirubin_normal_days,
        assessed=record.signed,
    )
    organs = tuple(
        OrganStage(
            one.organ,
            liver.stage,
            1 if result else 0,
            1,
            possible_stage_4=False,
            sampled_at=result.sampled_at if result else None,
        )
        if one.organ == Organ.LIVER
        else one
        for one in estimate.organs
    )
    known = {one.organ: one.stage for one in organs}
    nothing = all(stage is None for stage in known.values())
    grade = None if nothing or estimate.clinician_review else str(at_least(**known))
    return replace(estimate, organs=organs, at_least=grade)


def read_stored_estimate(diary_on: date, stored: dict[str, Any]) -> ProvisionalEstimate:
    """What ``Diary.estimate`` says."""
    organs = (Organ.SKIN, Organ.UPPER_GI, Organ.LOWER_GI, Organ.LIVER)
    return ProvisionalEstimate(
        diary_on=diary_on,
        organs=tuple(_organ_stage(str(organ), stored.get(str(organ)) or {}) for organ in organs),
        scale=stored["scale"],
        at_least=stored["at_least"],
        clinician_review=stored["clinician_review"],
    )


def _organ_stage(organ: str, stored: dict[str, Any]) -> OrganStage:
    return OrganStage(
        organ=organ,
        stage=stored.get("stage"),
        days_known=stored.get("days_known", 0),
        days_wanted=stored.get("days_wanted", 1),
        possible_stage_4=stored.get("possible_stage_4", False),
    )
