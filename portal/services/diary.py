"""The diary: drafts, sending, and reading back. ``submit`` is the main way through the house, one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import protocols, questionnaires
from portal.domain import flags, magic, questionnaire
from portal.domain.access import Actor
from portal.domain.diary import Timing, due_from, local_day, window
from portal.domain.eligibility import age_on
from portal.domain.errors import Invalid, NotFound
from portal.domain.infusions import study_day
from portal.domain.questionnaire import Questionnaire, Record
from portal.domain.reports import Report
from portal.models.diary import Diary, DiaryDraft
from portal.models.people import Participant
from portal.services import audit, infusions, messages, triage

HISTORY_REPORTS = 30


@dataclass(frozen=True, slots=True)
class Submission:
    """What arrives: typed answers by linkId, the device's id of this report, and when it was entered there."""

    client_id: str
    diary_on: date
    answers: dict[str, Any]
    entered_at: datetime
    offset_minutes: int
    language: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a report. ``again`` is true when this client id had been stored before."""

    diary_id: int
    diary_on: date
    timing: Timing
    severity: str | None
    again: bool


def form_for(session: Session, *, participant_id: int, diary_on: date, at: datetime) -> Questionnaire:
    """The pages of one day: with the weight on its weekday, with the post-infusion check within its hours."""
    protocol = protocols.load()
    plan = protocol.diary
    since = at - timedelta(hours=protocol.infusions.watch_hours)
    watched = bool(infusions.given_times(session, participant_id=participant_id, since=since))
    return questionnaires.compose(
        plan.questionnaire,
        plan.post_infusion_questionnaire if watched else None,
        weight=diary_on.isoweekday() == plan.weight_weekday,
    )


def submit(session: Session, *, actor: Actor, submission: Submission, now: datetime) -> Receipt:
    """Validate, judge the window, store, stage, flag, open or join episodes, alert, cancel the reminder; all or nothing.

    A client id that is already stored returns the first receipt and changes nothing. Raises ``Invalid`` with problems
    by linkId.
    """
    participant = _locked(session, actor)
    if (stored := _by_client_id(session, participant.id, submission.client_id)) is not None:
        return _receipt(stored, again=True)
    record = _checked(session, participant, submission, now)
    audit.act(session, actor=actor, action="diary:submit", now=now, participant_id=participant.id)
    diary = _stored(session, participant, actor, submission, record, now)
    _judge(session, participant, diary, record, now)
    messages.cancel_diary_reminder(session, participant_id=participant.id, diary_on=diary.diary_on, now=now)
    _drop_draft(session, actor, diary.diary_on)
    return _receipt(diary, again=False)


def _locked(session: Session, actor: Actor) -> Participant:
    """One report of a participant at a time, so that two taps meet here and not at the unique key."""
    statement = select(Participant).where(Participant.id == actor.participant_id).with_for_update()
    participant = session.execute(statement).scalar_one_or_none()
    if participant is None:
        raise NotFound
    return participant


def _by_client_id(session: Session, participant_id: int, client_id: str) -> Diary | None:
    statement = select(Diary).where(Diary.participant_id == participant_id, Diary.client_id == client_id)
    return session.execute(statement).scalar_one_or_none()


def _checked(session: Session, participant: Participant, submission: Submission, now: datetime) -> Record:
    earliest = due_from(
        protocols.load().diary, transplant_on=participant.transplant_on, enrolled_on=participant.enrolled_on
    )
    if not earliest <= submission.diary_on <= local_day(now, participant.timezone):
        raise Invalid("There is no diary for this day.")
    form = form_for(
        session, participant_id=participant.id, diary_on=submission.diary_on, at=submission.entered_at
    )
    problems = questionnaire.validate(form, submission.answers)
    if problems:
        raise Invalid("Some answers need another look.", problems={key: str(p.msgid) for key, p in problems.items()})
    return questionnaire.clean(form, submission.answers)


def _stored(
    session: Session, participant: Participant, actor: Actor, submission: Submission, record: Record, now: datetime
) -> Diary:
    protocol = protocols.load()
    span = window(submission.diary_on, protocol.diary, participant.timezone)
    texts = {key: value for key, value in record.answers.items() if key in record.free_text}
    answers = {key: value for key, value in record.answers.items() if key not in record.free_text}
    diary = Diary(
        participant_id=participant.id,
        account_id=actor.id,
        answered_by=str(actor.role),
        client_id=submission.client_id,
        diary_on=submission.diary_on,
        study_day=study_day(submission.diary_on, participant.transplant_on),
        questionnaire=record.questionnaire,
        protocol_version=protocol.version,
        language=submission.language,
        entered_at=submission.entered_at,
        entered_offset_minutes=submission.offset_minutes,
        received_at=now,
        timing=str(span.judge(submission.entered_at)),
        answers=questionnaire.to_json(answers),
        skipped=sorted(record.skipped),
        texts=texts or None,
        weight_kg=record.answers.get("weight") or _last_weight(session, participant),
        severity=None,
        estimate={},
    )
    return diary


def _last_weight(session: Session, participant: Participant) -> Any:
    statement = select(Diary.weight_kg).where(Diary.participant_id == participant.id).order_by(Diary.id.desc()).limit(1)
    return session.execute(statement).scalar_one_or_none() or participant.weight_kg
