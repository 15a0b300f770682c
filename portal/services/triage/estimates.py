"""The provisional, patient-reported estimate, as stored with a report. Only a clinician's assessment is *the* grade."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.alert_rules import Organ
from portal.models.diary import Diary


@dataclass(frozen=True, slots=True)
class OrganStage:
    """A provisional, patient-reported stage; None is "not assessed", never 0."""

    organ: str
    stage: int | None
    days_known: int
    days_wanted: int
    possible_stage_4: bool


@dataclass(frozen=True, slots=True)
class ProvisionalEstimate:
    """The estimate at the newest report. ``at_least`` None with ``clinician_review``: no acute grade is shown."""

    diary_on: date
    organs: tuple[OrganStage, ...]
    scale: str
    at_least: str | None
    clinician_review: bool


def get_provisional_estimate(session: Session, *, participant_id: int) -> ProvisionalEstimate | None:
    """The estimate stored with the newest report; None before the first."""
    found = session.execute(
        select(Diary.diary_on, Diary.estimate)
        .where(Diary.participant_id == participant_id, Diary.superseded_at.is_(None))
        .order_by(Diary.diary_on.desc(), Diary.id.desc())
        .limit(1)
    ).one_or_none()
    return read_stored_estimate(*found) if found and found[1] else None


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
