"""What a participant sees of their own course: each symptom by day, and the days with an infusion."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.diary import local_day
from portal.domain.eligibility import age_on
from portal.domain.reports import Answers, answer_decimal, answer_number, rash_percent, worst_by_day
from portal.domain.tasks import start_of_day
from portal.models.diary import Diary
from portal.services import infusions
from portal.services.diary import history
from portal.services.scope import find_own_participant

REPORTS: Final = 400
COUNTED: Final = ("loose-stool-count", "vomiting-count", "abdominal-pain", "nausea", "appetite-loss", "skin-itch")


@dataclass(frozen=True, slots=True)
class Trends:
    """``series`` by name the worst value of each day that has one: ``temperature`` (Cel), ``rash`` (per cent of the
    body surface), counts and scores by their linkId. A day without a diary is in none. ``transplant_on`` is day 0.
    """

    transplant_on: date
    series: Mapping[str, Mapping[date, Decimal]]
    infusion_days: frozenset[date]


def get_trends(session: Session, *, actor: Actor) -> Trends:
    """Of the actor's own participant. Three statements, however long the follow-up."""
    participant = find_own_participant(session, actor)
    reports = [history.to_report(row) for row in session.execute(_newest(participant.id)).all()]
    age = age_on(date.fromisoformat(participant.born_on), max((one.on for one in reports), default=date.max))
    series = {
        "temperature": worst_by_day(reports, partial(answer_decimal, link_id="temperature")),
        "rash": worst_by_day(reports, partial(rash_percent, age=age)),
        **{name: worst_by_day(reports, partial(_count, link_id=name)) for name in COUNTED},
    }
    first = min((day for days in series.values() for day in days), default=participant.enrolled_on)
    given = infusions.list_given_times(
        session, participant_id=participant.id, since=start_of_day(first, participant.timezone)
    )
    return Trends(participant.transplant_on, series, frozenset(local_day(at, participant.timezone) for at in given))


def _newest(participant_id: int) -> Select[Any]:
    columns = (Diary.questionnaire, Diary.answers, Diary.diary_on, Diary.entered_at, Diary.weight_kg, Diary.study_day)
    own = (Diary.participant_id == participant_id, Diary.superseded_at.is_(None))
    return select(*columns).where(*own).order_by(Diary.diary_on.desc(), Diary.id.desc()).limit(REPORTS)


def _count(answers: Answers, link_id: str) -> Decimal | None:
    found = answer_number(answers, link_id)
    return None if found is None else Decimal(found)
