"""Reading diaries back, as frozen values that a template cannot load more from."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor, ActorKind
from portal.domain.alert_rules import Severity
from portal.domain.diary import diary_window, first_due_day, last_due_day, local_day
from portal.domain.errors import NotFound
from portal.domain.questionnaire import answers_from_json
from portal.models.diary import Diary
from portal.models.triage import Episode, Flag
from portal.services.diary import drafts
from portal.services.diary.forms import AnswerSection, answer_sections, form_by_name
from portal.services.scope import find_own_participant, ids_visible_to

SEVERITIES = [str(severity) for severity in Severity]


@dataclass(frozen=True, slots=True)
class TodayStatus:
    """The participant's diary status today. ``due`` is false before the first and after the last diary day.

    ``severity`` is the highest of the day's reports; ``last_diary_id`` the newest of them.
    """

    today_on: date
    study_day: int
    due: bool
    sent: bool
    severity: str | None
    last_diary_id: int | None
    yesterday_on: date
    yesterday_open: bool
    draft_open: bool


@dataclass(frozen=True, slots=True)
class DiaryRow:
    id: int
    diary_on: date
    study_day: int
    timing: str
    severity: str | None
    entered_at: datetime
    received_at: datetime
    answered_by: str
    version: int = 1


@dataclass(frozen=True, slots=True)
class ReportVersion:
    """One version of a report: when it was written, by whom and (from the second on) why."""

    diary_id: int
    version: int
    written_at: datetime
    answered_by: str
    reason: str | None
    current: bool


@dataclass(frozen=True, slots=True)
class DiaryPage:
    """One report, read-only. ``sections`` are in the language asked for; ``versions`` oldest first, all of them.

    ``corrected`` is the evidence of flags that a correction has taken the ground from. ``unread``: what was typed and
    could not be read, for staff.
    """

    row: DiaryRow
    participant_id: int
    sections: tuple[AnswerSection, ...]
    estimate: dict[str, Any]
    evidence: tuple[dict[str, Any], ...]
    corrected: tuple[dict[str, Any], ...] = ()
    versions: tuple[ReportVersion, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SubmissionOutcome:
    """What the participant is shown after sending.

    ``acknowledge_by_at``: the response deadline, while nobody has looked. ``seen_at``: when this report was looked at.
    ``known``: it joined an episode that the ward had been looking at before it came.
    """

    row: DiaryRow
    acknowledge_by_at: datetime | None
    seen_at: datetime | None
    known: bool


def get_today_status(session: Session, *, actor: Actor, now: datetime) -> TodayStatus:
    participant = find_own_participant(session, actor)
    plan = protocols.load_protocol().diary
    today = local_day(now, participant.timezone)
    yesterday = today - timedelta(days=1)
    first = first_due_day(plan, transplant_on=participant.transplant_on, enrolled_on=participant.enrolled_on)
    last = last_due_day(plan, transplant_on=participant.transplant_on)
    recent = _reports_of_days(session, participant.id, (today, yesterday))
    sent = recent.get(today, [])
    late_until = diary_window(yesterday, plan, participant.timezone).late_until_at
    return TodayStatus(
        today_on=today,
        study_day=(today - participant.transplant_on).days,
        due=first <= today <= last,
        sent=bool(sent),
        severity=max((report.severity for report in sent if report.severity), key=SEVERITIES.index, default=None),
        last_diary_id=sent[-1].id if sent else None,
        yesterday_on=yesterday,
        yesterday_open=first <= yesterday <= last and yesterday not in recent and now < late_until,
        draft_open=drafts.find_row(session, actor, today) is not None,
    )


def _reports_of_days(session: Session, participant_id: int, days: tuple[date, ...]) -> dict[date, list[Diary]]:
    statement = (
        select(Diary)
        .where(Diary.participant_id == participant_id, Diary.diary_on.in_(days), Diary.superseded_at.is_(None))
        .order_by(Diary.entered_at, Diary.id)
    )
    reports: dict[date, list[Diary]] = {}
    for diary in session.scalars(statement):
        reports.setdefault(diary.diary_on, []).append(diary)
    return reports


def list_diaries(
    session: Session, *, actor: Actor, before: tuple[date, int] | None = None, limit: int = 30
) -> tuple[DiaryRow, ...]:
    """The actor's own, newest day first; the next page begins after ``before`` = (day, id) of the last row seen."""
    statement = select(Diary).where(Diary.participant_id == actor.participant_id, Diary.superseded_at.is_(None))
    if before is not None:
        day, last_id = before
        statement = statement.where((Diary.diary_on < day) | ((Diary.diary_on == day) & (Diary.id < last_id)))
    rows = session.scalars(statement.order_by(Diary.diary_on.desc(), Diary.id.desc()).limit(limit))
    return tuple(_row(diary) for diary in rows)


def read_diary(session: Session, *, actor: Actor, diary_id: int, language: str) -> DiaryPage:
    """One report that the actor may see: a participant their own, staff those of their sites."""
    diary = session.execute(_visible(actor).where(Diary.id == diary_id)).scalar_one_or_none()
    if diary is None:
        raise NotFound
    form = form_by_name(diary.questionnaire)
    answers = {**answers_from_json(form, diary.answers), **(diary.free_text or {})}
    raised = session.scalars(select(Flag).where(Flag.diary_id == diary_id).order_by(Flag.id)).all()
    staff = actor.kind == ActorKind.STAFF
    return DiaryPage(
        row=_row(diary),
        participant_id=diary.participant_id,
        sections=answer_sections(form, answers, language=language),
        estimate=diary.estimate,
        evidence=tuple(flag.evidence for flag in raised if staff and flag.corrected_at is None),
        corrected=tuple(flag.evidence for flag in raised if staff and flag.corrected_at is not None),
        versions=_versions(session, diary),
        unread=tuple((diary.unread or {}).items()) if staff else (),
    )


def _versions(session: Session, diary: Diary) -> tuple[ReportVersion, ...]:
    first_id = diary.first_id or diary.id
    statement = select(Diary).where((Diary.id == first_id) | (Diary.first_id == first_id)).order_by(Diary.version)
    return tuple(
        ReportVersion(
            diary_id=row.id,
            version=row.version,
            written_at=row.corrected_at or row.entered_at,
            answered_by=row.answered_by,
            reason=row.correction_reason,
            current=row.superseded_at is None,
        )
        for row in session.scalars(statement)
    )


def get_submission_outcome(session: Session, *, actor: Actor, diary_id: int) -> SubmissionOutcome:
    """What sending came to, with what has happened on the ward since."""
    diary = session.execute(_visible(actor).where(Diary.id == diary_id)).scalar_one_or_none()
    if diary is None:
        raise NotFound
    touched = select(Flag.episode_id).where(Flag.diary_id == diary_id)
    deadline, unseen, seen = session.execute(
        select(
            func.max(Episode.acknowledge_by_at),
            func.count().filter(Episode.seen_at.is_(None)),
            func.max(Episode.seen_at),
        ).where(Episode.id.in_(touched))
    ).one()
    looked_at = None if unseen else seen
    after = looked_at is not None and looked_at >= diary.received_at
    return SubmissionOutcome(
        row=_row(diary),
        acknowledge_by_at=deadline if unseen else None,
        seen_at=looked_at if after else None,
        known=looked_at is not None and not after,
    )


def _visible(actor: Actor) -> Select[Diary]:
    return select(Diary).where(Diary.participant_id.in_(ids_visible_to(actor)))


def _row(diary: Diary) -> DiaryRow:
    return DiaryRow(
        id=diary.id,
        diary_on=diary.diary_on,
        study_day=diary.study_day,
        timing=diary.timing,
        severity=diary.severity,
        entered_at=diary.entered_at,
        received_at=diary.received_at,
        answered_by=diary.answered_by,
        version=diary.version,
    )
