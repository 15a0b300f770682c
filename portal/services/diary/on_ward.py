"""The diary of somebody in hospital, written down by the ward from what they say."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from portal.domain.access import Actor, Permission
from portal.domain.diary import local_day
from portal.domain.errors import Conflict
from portal.domain.msgid import N_
from portal.domain.questionnaire import Questionnaire
from portal.models.diary import Diary
from portal.models.participation import DIARY_KEPT_BY_WARD, Stay
from portal.models.people import Participant
from portal.services.diary.forms import compose_form
from portal.services.diary.submitting import Submission, SubmissionReceipt, submit_diary
from portal.services.scope import find_participant

NO_STAY = N_("The ward keeps no diary for this participant: no stay in hospital is recorded for that day.")


@dataclass(frozen=True, slots=True)
class WardDay:
    """A day that the ward may write about. ``days``: all of them, newest first; ``sent``: this one has a report."""

    participant_id: int
    timezone: str
    on: date
    days: tuple[date, ...]
    sent: bool
    form: Questionnaire


def get_ward_day(session: Session, *, actor: Actor, study_number: str, on: date | None, now: datetime) -> WardDay:
    """Today, or another day of the stay until yesterday. ``Conflict`` without a stay that has the ward's diary."""
    participant = find_participant(session, actor, study_number, permission=Permission.DIARY_ON_WARD)
    days = _days(session, participant, now)
    if not days or (on is not None and on not in days):
        raise Conflict(NO_STAY)
    day = on or days[0]
    return WardDay(
        participant_id=participant.id,
        timezone=participant.timezone,
        on=day,
        days=days,
        sent=bool(session.scalar(select(exists().where(*_of_day(participant, day))))),
        form=compose_form(session, participant_id=participant.id, diary_on=day, at=now, for_another=True),
    )


def submit_ward_diary(
    session: Session, *, actor: Actor, study_number: str, submission: Submission, now: datetime
) -> SubmissionReceipt:
    """As ``submit``, and judged alike; the member of staff who wrote it down is kept with it."""
    participant = find_participant(session, actor, study_number, permission=Permission.DIARY_ON_WARD)
    if submission.diary_on not in _days(session, participant, now):
        raise Conflict(NO_STAY)
    return submit_diary(session, actor=replace(actor, participant_id=participant.id), submission=submission, now=now)


def _days(session: Session, participant: Participant, now: datetime) -> tuple[date, ...]:
    """Today and yesterday, as far as they lie in the stay: what is older is not asked for any more."""
    stay = session.scalars(select(Stay).where(Stay.participant_id == participant.id, DIARY_KEPT_BY_WARD)).one_or_none()
    today = local_day(now, participant.timezone)
    if stay is None:
        return ()
    return tuple(day for day in (today, today - timedelta(days=1)) if stay.since_on <= day < stay.until_on)


def _of_day(participant: Participant, day: date) -> tuple[ColumnElement[bool], ...]:
    return Diary.participant_id == participant.id, Diary.diary_on == day, Diary.superseded_at.is_(None)
