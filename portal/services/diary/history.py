"""What was sent before, as the clinical rules read it."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.questionnaire import from_json
from portal.domain.reports import Report
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.services.diary.forms import form_named

REPORTS = 30


def report(diary: Diary) -> Report:
    answers = from_json(form_named(diary.questionnaire), diary.answers)
    return Report(
        on=diary.diary_on,
        entered_at=diary.entered_at,
        answers=answers,
        weight_kg=diary.weight_kg,
        study_day=diary.study_day,
    )


def reports(
    session: Session, *, participant_id: int, until_on: date, entered_before: datetime | None = None
) -> list[Report]:
    """The newest reports up to a day, oldest first, each in its newest version."""
    statement = (
        select(Diary)
        .where(Diary.participant_id == participant_id, Diary.diary_on <= until_on, Diary.superseded_at.is_(None))
        .order_by(Diary.diary_on.desc(), Diary.id.desc())
        .limit(REPORTS)
    )
    if entered_before is not None:
        statement = statement.where(Diary.entered_at < entered_before)
    return [report(diary) for diary in reversed(session.scalars(statement).all())]


def last_weight(session: Session, participant: Participant) -> Decimal | None:
    """The newest weight that a diary carries, else the one at enrolment. Kilograms."""
    statement = (
        select(Diary.weight_kg)
        .where(Diary.participant_id == participant.id, Diary.superseded_at.is_(None))
        .order_by(Diary.diary_on.desc(), Diary.id.desc())
        .limit(1)
    )
    return session.execute(statement).scalar_one_or_none() or participant.weight_kg
