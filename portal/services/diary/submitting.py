"""Diary submission: validate, store, grade, flag and alert, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import questionnaire
from portal.domain.access import Actor, ActorKind
from portal.domain.alert_rules import Severity
from portal.domain.diary import Timing, diary_window, first_due_day, local_day
from portal.domain.errors import Invalid
from portal.domain.infusions import study_day
from portal.domain.questionnaire import DiaryAnswers, Questionnaire
from portal.domain.tasks import TaskKind
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.models.triage import Flag
from portal.services import audit, locking, messages, tasks, triage
from portal.services.diary import drafts, rejudging, unsent, weighing
from portal.services.diary.forms import WEIGHT, compose_form, form_asked_on, form_by_name, form_name, newest_names
from portal.services.diary.judged_reports import judge_report
from portal.services.diary.judging import lock_participant
from portal.services.diary.known import Known, Stored, read

ON_WARD: Final = "ward"
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
BY_CLIENT_ID: Final = select(Diary).where(
    Diary.participant_id == bindparam("participant_id"), Diary.client_id == bindparam("client_id")
)


@dataclass(frozen=True, slots=True)
class Submission:
    """What arrives: typed answers by linkId, the device's id of this report, and when it was entered there.

    ``infusion_check``: whether a phone without a network asked the post-infusion page; None leaves it to the calendar.
    ``questionnaire`` names the questions that were asked, where they were before the form changed. ``unread``: what
    was typed that cannot be read, or that no question asks.
    """

    client_id: str
    diary_on: date
    answers: dict[str, Any]
    entered_at: datetime
    offset_minutes: int
    language: str
    infusion_check: bool | None = None
    questionnaire: str | None = None
    unread: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SubmissionReceipt:
    """The result of a submission. ``again`` is true when this client id had been stored before.

    ``newest_entry_at``: when the newest of the day's other reports was entered, None without one.
    """

    diary_id: int
    diary_on: date
    timing: Timing
    severity: str | None
    again: bool
    newest_entry_at: datetime | None = None


def submit_diary(session: Session, *, actor: Actor, submission: Submission, now: datetime) -> SubmissionReceipt:
    """Validate, judge the window, store, stage, flag, raise, alert and cancel the reminder: all or nothing.

    A client id that is already stored returns the first receipt and changes nothing. Where the day's data are closed,
    it is kept as a report beside them and judged all the same. Raises ``Invalid`` with problems by linkId.
    """
    participant = lock_participant(session, actor)
    known = known_before(session, actor, participant, submission)
    if known.stored is not None:
        return first_receipt(known.stored)
    diary = store_report(session, actor=actor, participant=participant, submission=submission, known=known, now=now)
    return new_receipt(diary, known)


def first_receipt(one: Stored) -> SubmissionReceipt:
    return SubmissionReceipt(one.diary_id, one.diary_on, Timing(one.timing), one.severity, again=True)


def new_receipt(diary: Diary, known: Known) -> SubmissionReceipt:
    newest = known.newest_entry_at
    return SubmissionReceipt(
        diary.id, diary.diary_on, diary.timing, diary.severity, again=False, newest_entry_at=newest
    )


def known_before(session: Session, actor: Actor, participant: Participant, submission: Submission) -> Known:
    """What is known before the report is stored. The caller has locked the participant's row."""
    return read(
        session,
        actor=actor,
        participant_id=participant.id,
        client_id=submission.client_id,
        diary_on=submission.diary_on,
        entered_at=submission.entered_at,
    )


def store_report(
    session: Session, *, actor: Actor, participant: Participant, submission: Submission, known: Known, now: datetime
) -> Diary:
    """A new report, judged and told to whom it concerns. The caller has locked the participant's row before ``known``
    was read.
    """
    _check_day(participant, submission.diary_on, now)
    form = _form(session, participant, submission)
    record = questionnaire.clean_answers(form, submission.answers)
    audit.begin(session, actor=actor, action="diary:submit", now=now, participant_id=participant.id)
    diary = _diary(actor, participant, form, record, submission, now)
    if locking.is_closed(session, participant_id=participant.id, day=diary.diary_on):
        diary.timing = Timing.BEYOND
    return _store(session, actor, participant, diary, submission, known, now)


def store_partly(
    session: Session,
    *,
    actor: Actor,
    participant: Participant,
    submission: Submission,
    known: Known,
    now: datetime,
    by: Actor | None = None,
) -> Diary:
    """As ``store_report``, what cannot be a diary: kept as a report beside the diaries and judged alike.

    The answers are good ones, one by one, and need not be all. A draft of the day stays, unless it has this client id.
    ``by``: who stores it, if not its author.
    """
    form = form_by_name(submission.questionnaire or newest_names())
    record = DiaryAnswers(answers=submission.answers, skipped=frozenset(), unanswered=frozenset())
    audit.begin(session, actor=by or actor, action="diary:keep", now=now, participant_id=participant.id)
    diary = _diary(actor, participant, form, record, submission, now)
    diary.timing = Timing.BEYOND
    return _store(session, actor, participant, diary, submission, known, now, whole=False)


def _form(session: Session, participant: Participant, submission: Submission) -> Questionnaire:
    if submission.questionnaire is not None:
        weighed = WEIGHT in submission.answers
        return form_asked_on(submission.questionnaire, submission.diary_on, weight=weighed)
    return compose_form(
        session,
        participant_id=participant.id,
        diary_on=submission.diary_on,
        at=submission.entered_at,
        infusion_check=submission.infusion_check,
        weight=WEIGHT in submission.answers,
    )


def _store(
    session: Session,
    actor: Actor,
    participant: Participant,
    diary: Diary,
    submission: Submission,
    known: Known,
    now: datetime,
    *,
    whole: bool = True,
) -> Diary:
    """Judge the row and deal with everything that it settles. The caller has begun the audit event."""
    weighed: Any = submission.answers.get("weight")
    diary.weight_kg = weighing.weight_to_use(session, participant, weighed, usual=known.last_weight, now=now)
    replaced = _replaced_drafts(session, actor, submission, known, whole=whole)
    adopted = (
        unsent.list_adoptable(session, participant_id=participant.id, client_ids=replaced) if known.unsent_reds else []
    )
    _judge(session, participant, diary, known, now, adopted)
    if known.reminder_planned:
        messages.cancel_diary_reminder(session, participant_id=participant.id, diary_on=diary.diary_on, now=now)
    if known.call_open:
        tasks.settle_task(session, participant_id=participant.id, kind=TaskKind.CALL_NO_DIARY, now=now)
    return diary


def find_by_client_id(session: Session, *, actor: Actor, client_id: str) -> Diary | None:
    """The report of the actor's own participant that was sent under this id."""
    given = {"participant_id": actor.participant_id, "client_id": client_id}
    return session.execute(BY_CLIENT_ID, given).scalar_one_or_none()


def _check_day(participant: Participant, diary_on: date, now: datetime) -> None:
    plan = protocols.load_protocol().diary
    earliest = first_due_day(plan, transplant_on=participant.transplant_on, enrolled_on=participant.enrolled_on)
    if not earliest <= diary_on <= local_day(now, participant.timezone):
        raise Invalid("There is no diary for this day.")


def _diary(
    actor: Actor,
    participant: Participant,
    form: Questionnaire,
    record: DiaryAnswers,
    submission: Submission,
    now: datetime,
) -> Diary:
    """The row, not yet judged and not yet in the session."""
    protocol = protocols.load_protocol()
    in_words = {item.link_id for item in form.items if item.kind == "text"}
    answers = {key: value for key, value in record.answers.items() if key not in in_words}
    free_text = {key: value for key, value in record.answers.items() if key in in_words}
    span = diary_window(submission.diary_on, protocol.diary, participant.timezone)
    on_ward = actor.kind == ActorKind.STAFF
    return Diary(
        participant_id=participant.id,
        account_id=None if on_ward else actor.id,
        staff_id=actor.id if on_ward else None,
        answered_by=ON_WARD if on_ward else str(actor.role),
        client_id=submission.client_id,
        diary_on=submission.diary_on,
        study_day=study_day(submission.diary_on, participant.transplant_on),
        questionnaire=form_name(form),
        protocol_version=protocol.version,
        language=submission.language,
        entered_at=submission.entered_at,
        entered_offset_minutes=submission.offset_minutes,
        received_at=now,
        timing=span.judge(submission.entered_at),
        answers=questionnaire.answers_to_json(answers),
        skipped=sorted(record.skipped),
        free_text=free_text or None,
        unread=submission.unread or None,
    )


def _replaced_drafts(session: Session, actor: Actor, submission: Submission, known: Known, *, whole: bool) -> set[str]:
    """The client ids of this report and of the draft that it replaces, which is deleted."""
    if not known.draft_kept:
        return {submission.client_id}
    return {submission.client_id} | drafts.delete_replaced(
        session,
        actor=actor,
        diary_on=submission.diary_on,
        client_id=submission.client_id,
        entered_at=submission.entered_at if whole else LONG_AGO,
    )


def _judge(
    session: Session, participant: Participant, diary: Diary, known: Known, now: datetime, adopted: Sequence[Flag]
) -> None:
    """Stage and flag against what was sent before, then raise what must be raised.

    ``adopted``: the reds of its draft become the report's, also those whose answers were changed and not taken back.
    What was to be told of them later is told now.
    """
    met, stages = judge_report(
        session,
        participant,
        diary,
        known.recent,
        now,
        infusion_given=known.infusion_given,
        assessment_signed=known.assessment_signed,
        records=None if known.recorded else (),
    )
    if adopted:
        diary.severity = Severity.RED
    session.add(diary)
    raised = triage.raise_flags(
        session, participant=participant, diary=diary, flags=met, stages=stages, now=now, adopted=adopted
    )
    for flag in adopted:
        flag.diary_id = diary.id
    unsent.hasten(session, adopted, now)
    triage.alert_reds(session, raised=raised, participant=participant, now=now)
    rejudging.judge_later_days(session, participant, diary, newest_entry_at=known.newest_entry_at, now=now)
