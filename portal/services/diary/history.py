"""What was sent before, as the clinical rules read it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from portal.domain.questionnaire import stored_answers
from portal.domain.reports import Report
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.services.diary.forms import form_by_name

REPORTS: Final = 30
# Built once: to put a statement together takes longer than to run it.
NEWEST: Final = (
    select(
        Diary.id, Diary.questionnaire, Diary.answers, Diary.diary_on, Diary.entered_at, Diary.weight_kg,
        Diary.study_day,
    )
    .where(
        Diary.participant_id == bindparam("participant_id"),
        Diary.diary_on <= bindparam("until_on"),
        Diary.superseded_at.is_(None),
    )
    .order_by(Diary.diary_on.desc(), Diary.id.desc())
    .limit(REPORTS)
)  # fmt: skip
ENTERED_BEFORE: Final = NEWEST.where(Diary.entered_at < bindparam("entered_before"))
LAST_WEIGHT: Final = (
    select(Diary.weight_kg)
    .where(Diary.participant_id == bindparam("participant_id"), Diary.superseded_at.is_(None))
    .order_by(Diary.diary_on.desc(), Diary.id.desc())
    .limit(1)
)


def to_report(diary: Diary | Row[Any]) -> Report:
    answers = stored_answers(form_by_name(diary.questionnaire), diary.answers)
    return Report(
        on=diary.diary_on,
        entered_at=diary.entered_at,
        answers=answers,
        weight_kg=diary.weight_kg,
        study_day=diary.study_day,
    )


def list_recent_reports(
    session: Session, *, participant_id: int, until_on: date, entered_before: datetime | None = None
) -> list[Report]:
    """The newest reports up to a day, oldest first, each in its newest version."""
    given = {"participant_id": participant_id, "until_on": until_on, "entered_before": entered_before}
    session.flush()
    found = session.connection().execute(NEWEST if entered_before is None else ENTERED_BEFORE, given).all()
    return [to_report(row) for row in reversed(found)]


def find_last_weight(session: Session, participant: Participant) -> Decimal | None:
    """The newest weight that a diary carries, else the one at enrolment. Kilograms."""
    found = session.execute(LAST_WEIGHT, {"participant_id": participant.id})
    return found.scalar_one_or_none() or participant.weight_kg
