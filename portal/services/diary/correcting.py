"""Corrections: a new version beside the old one, with a reason, and every flag evaluated again.

A version replaces the first one: day, times and lateness stay those of the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import questionnaire
from portal.domain.access import Actor
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.msgid import N_
from portal.domain.questionnaire import Answers, DiaryAnswers, Questionnaire, answers_from_json
from portal.domain.questions import QuestionState
from portal.domain.reasons import reason_of
from portal.domain.weights import is_far_off
from portal.models.diary import Diary
from portal.models.diary_questions import DiaryQuestion
from portal.models.people import Participant
from portal.services import audit, locking, triage
from portal.services.diary import drafts, judging, rejudging, submitting
from portal.services.diary.forms import INFUSION_SIGNS, form_asked_on
from portal.services.diary.judged_reports import judge_report

REASON_MAX: Final = 500
TOO_LATE = N_("The time for corrections is over. If something is wrong, please tell the study nurse.")
CHANGED_MEANWHILE = N_("This report has been corrected in the meantime. Open it again to see how it stands now.")


@dataclass(frozen=True, slots=True)
class CorrectableReport:
    """A report ready to be corrected: its questions and its typed answers."""

    diary_id: int
    form: Questionnaire
    answers: Answers


def get_correctable_report(session: Session, *, actor: Actor, diary_id: int, now: datetime) -> CorrectableReport:
    """Raises NotFound for somebody else's report, Conflict when its time is over or a newer version exists."""
    diary = _own(session, actor, diary_id)
    _check_open(session, diary, now)
    form = form_asked_on(diary.questionnaire, diary.diary_on, weight="weight" in diary.answers)
    answers = {**answers_from_json(form, diary.answers), **(diary.free_text or {})}
    return CorrectableReport(diary.id, form, answers)


def may_correct(session: Session, *, actor: Actor, diary_id: int, now: datetime) -> bool:
    diary = _own(session, actor, diary_id)
    return diary.superseded_at is None and _is_open(session, diary, now)


def correct_report(
    session: Session, *, actor: Actor, diary_id: int, answers: Mapping[str, Any], reason: str, now: datetime
) -> int:
    """Store the whole report again with other answers; the id of the new version.

    Raises Invalid with problems by linkId or for ``reason``, Conflict as ``correctable`` does. Where the day's data are
    closed, the version stays as it is: what was written is kept as a later report of that day, and judged as one.
    """
    participant = judging.lock_participant(session, actor)
    old = _own(session, actor, diary_id)
    session.refresh(old)
    _check_open(session, old, now)
    reason = reason_of(reason, longest=REASON_MAX)
    if locking.is_closed(session, participant_id=participant.id, day=old.diary_on):
        return _as_report(session, actor, participant, old, answers, now)
    form = form_asked_on(old.questionnaire, old.diary_on, weight="weight" in old.answers)
    new = _version(old, actor, participant, form, questionnaire.clean_answers(form, answers), reason, now)
    if (new.answers, new.free_text) == (old.answers, old.free_text):
        raise Invalid(problems={"unchanged": N_("Nothing has been changed yet. Change an answer, then send it.")})
    audit.begin(session, actor=actor, action="diary:correct", now=now, participant_id=participant.id, reason=reason)
    old.superseded_at = now
    _judge(session, participant, old, new, now)
    for later in _later(session, new):
        _judge(session, participant, later, later, now)
    return new.id


def _as_report(
    session: Session, actor: Actor, participant: Participant, old: Diary, answers: Mapping[str, Any], now: datetime
) -> int:
    later = submitting.Submission(
        client_id=drafts.new_client_id(),
        diary_on=old.diary_on,
        answers=dict(answers),
        entered_at=now,
        offset_minutes=old.entered_offset_minutes,
        language=old.language,
        infusion_check=INFUSION_SIGNS in answers,
    )
    known = submitting.known_before(session, actor, participant, later)
    return submitting.store_report(
        session, actor=actor, participant=participant, submission=later, known=known, now=now
    ).id


def _own(session: Session, actor: Actor, diary_id: int) -> Diary:
    statement = select(Diary).where(Diary.id == diary_id, Diary.participant_id == actor.participant_id)
    diary = session.execute(statement).scalar_one_or_none()
    if diary is None:
        raise NotFound
    return diary


def _check_open(session: Session, diary: Diary, now: datetime) -> None:
    if diary.superseded_at is not None:
        raise Conflict(CHANGED_MEANWHILE)
    if not _is_open(session, diary, now):
        raise Conflict(TOO_LATE)


def _is_open(session: Session, diary: Diary, now: datetime) -> bool:
    """Within the hours after it was sent, or while staff wait for an answer about it."""
    if now < diary.received_at + timedelta(hours=protocols.load_protocol().diary.correction_hours):
        return True
    asked = (
        select(DiaryQuestion.id)
        .where(DiaryQuestion.diary_id == (diary.first_id or diary.id), DiaryQuestion.state == QuestionState.OPEN)
        .limit(1)
    )
    return session.execute(asked).first() is not None


def _version(
    old: Diary,
    actor: Actor,
    participant: Participant,
    form: Questionnaire,
    record: DiaryAnswers,
    reason: str,
    now: datetime,
) -> Diary:
    in_words = {item.link_id for item in form.items if item.kind == "text"}
    answers = {key: value for key, value in record.answers.items() if key not in in_words}
    free_text = {key: value for key, value in record.answers.items() if key in in_words}
    usual = participant.weight_kg if "weight" in old.answers else old.weight_kg
    return Diary(
        participant_id=old.participant_id,
        account_id=actor.id,
        answered_by=actor.role,
        client_id=drafts.new_client_id(),
        diary_on=old.diary_on,
        study_day=old.study_day,
        questionnaire=old.questionnaire,
        protocol_version=protocols.load_protocol().version,
        language=old.language,
        entered_at=old.entered_at,
        entered_offset_minutes=old.entered_offset_minutes,
        received_at=old.received_at,
        timing=old.timing,
        answers=questionnaire.answers_to_json(answers),
        skipped=sorted(record.skipped),
        free_text=free_text or None,
        weight_kg=_usable(answers.get("weight"), usual),
        version=old.version + 1,
        first_id=old.first_id or old.id,
        corrected_at=now,
        correction_reason=reason,
    )


def _usable(weighed: Any, usual: Decimal | None) -> Decimal | None:
    return usual if weighed is None or (usual is not None and is_far_off(weighed, usual)) else weighed


def _judge(session: Session, participant: Participant, before: Diary, after: Diary, now: datetime) -> None:
    """Judge a report against what stood before it, with what was known when it came, and hand over what changes."""
    earlier = rejudging.list_reports_before(session, participant, after)
    flags, stages = judge_report(session, participant, after, earlier, after.received_at)
    session.add(after)
    session.flush()
    raised = triage.correct_flags(
        session, participant=participant, before=before, after=after, flags=flags, stages=stages, now=now
    )
    triage.alert_reds(session, raised=raised, participant=participant, now=now)


def _later(session: Session, diary: Diary) -> list[Diary]:
    """The reports after it whose judgement may lean on it."""
    statement = select(Diary).where(
        Diary.participant_id == diary.participant_id,
        Diary.superseded_at.is_(None),
        or_(Diary.entered_at > diary.entered_at, Diary.diary_on > diary.diary_on),
        Diary.diary_on <= diary.diary_on + rejudging.NEWER_REPORT,
    )
    return list(session.scalars(statement.order_by(Diary.entered_at)))
