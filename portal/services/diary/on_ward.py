"""The diary of somebody in hospital, written down by the ward from what they say."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from portal.domain.access import Actor, Permission, check_can
from portal.domain.diary import local_day
from portal.domain.errors import Conflict, NotFound
from portal.domain.msgid import N_
from portal.domain.participation import DiaryDuringStay
from portal.domain.questionnaire import Questionnaire
from portal.models.diary import Diary
from portal.models.participation import Stay
from portal.models.people import Participant
from portal.services.diary.forms import form_for
from portal.services.diary.submitting import Receipt, Submission, submit

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


def ward_day(session: Session, *, actor: Actor, study_number: str, on: date | None, now: datetime) -> WardDay:
    """Today, or another day of the stay until yesterday. ``Conflict`` without a stay that has the ward's diary."""
    participant = _participant(session, actor, study_number)
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
        form=form_for(session, participant_id=participant.id, diary_on=day, at=now),
    )


def submit_on_ward(
    session: Session, *, actor: Actor, study_number: str, submission: Submission, now: datetime
) -> Receipt:
    """As ``submit``, and judged alike; the member of staff who wrote it down is kept with it."""
    participant = _participant(session, actor, study_number)
    if submission.diary_on not in _days(session, participant, now):
        raise Conflict(NO_STAY)
    return submit(session, actor=replace(actor, participant_id=participant.id), submission=submission, now=now)


def _participant(session: Session, actor: Actor, study_number: str) -> Participant:
    found = select(Participant).where(Participant.study_number == study_number, Participant.site.in_(actor.sites))
    participant = session.scalars(found).one_or_none()
    if participant is None:
        raise NotFound
    check_can(actor, Permission.DIARY_ON_WARD, site=participant.site)
    return participant


def _days(session: Session, participant: Participant, now: datetime) -> tuple[date, ...]:
    """Today and yesterday, as far as they lie in the stay: what is older is not asked for any more."""
    stay = session.scalars(
        select(Stay).where(
            Stay.participant_id == participant.id, Stay.ended_at.is_(None), Stay.diary == DiaryDuringStay.WARD
        )
    ).one_or_none()
    today = local_day(now, participant.timezone)
    if stay is None:
        return ()
    return tuple(day for day in (today, today - timedelta(days=1)) if stay.since_on <= day < stay.until_on)


def _of_day(participant: Participant, day: date) -> tuple[ColumnElement[bool], ...]:
    return Diary.participant_id == participant.id, Diary.diary_on == day, Diary.superseded_at.is_(None)
