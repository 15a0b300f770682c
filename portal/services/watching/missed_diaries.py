"""Silence is a symptom: every missed diary is judged once, when its day can no longer be late."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import alert_rules
from portal.domain.access import SYSTEM
from portal.domain.alert_rules import MissedDiaryVerdict, Severity
from portal.domain.diary import diary_window, first_due_day, local_day
from portal.domain.participation import ParticipationStatus
from portal.domain.tasks import TaskKind, due_in_working_time
from portal.models.base import Transaction
from portal.models.diary import Diary
from portal.models.missed_diaries import MissedDiary
from portal.models.people import Participant
from portal.services import audit, infusions, tasks, triage

LOOK_BACK_DAYS: Final = 3
ROUND: Final = 500


def judge_missed_diaries(transaction: Transaction, *, now: datetime, limit: int = ROUND) -> int:
    """Judge up to ``limit`` missed diaries of the last days, the oldest first; how many.

    Each is judged in a transaction of its own that holds the participant's row, as a report does, and leaves a row: a
    second process, or a second round, finds it done.
    """
    judged = 0
    with transaction() as session:
        timezones = session.scalars(select(Participant.timezone).distinct()).all()
    for timezone in timezones:
        for on in _days(timezone, now):
            with transaction() as session:
                ids = _silent_on(session, timezone, on, limit - judged)
            for participant_id in ids:
                with transaction() as session:
                    judged += judge_missed_day(session, participant_id=participant_id, on=on, now=now)
    return judged


def _days(timezone: str, now: datetime) -> list[date]:
    """The last local days whose diary can no longer be on time or late, oldest first."""
    plan, today = protocols.load_protocol().diary, local_day(now, timezone)
    days = [today - timedelta(days=back) for back in range(LOOK_BACK_DAYS + 1, 0, -1)]
    return [on for on in days if diary_window(on, plan, timezone).late_until_at <= now][-LOOK_BACK_DAYS:]


def _silent_on(session: Session, timezone: str, on: date, limit: int) -> Sequence[int]:
    plan = protocols.load_protocol().diary
    sent = select(Diary.id).where(Diary.participant_id == Participant.id, Diary.diary_on == on).exists()
    judged = (
        select(MissedDiary.id).where(MissedDiary.participant_id == Participant.id, MissedDiary.missed_on == on).exists()
    )
    statement = (
        select(Participant.id)
        .where(
            Participant.timezone == timezone,
            Participant.status == ParticipationStatus.ACTIVE,
            Participant.enrolled_on <= on,
            Participant.transplant_on >= on - timedelta(days=plan.last_study_day),
            Participant.transplant_on <= on - timedelta(days=plan.first_study_day),
            ~sent,
            ~judged,
        )
        .order_by(Participant.id)
        .limit(max(limit, 0))
    )
    return session.scalars(statement).all()


def judge_missed_day(session: Session, *, participant_id: int, on: date, now: datetime) -> int:
    """What one missed day means: 1, or 0 where a diary has come or somebody has judged it meanwhile."""
    participant = session.scalars(select(Participant).where(Participant.id == participant_id).with_for_update()).one()
    if _settled(session, participant_id, on):
        return 0
    missed, last = _before(session, participant, on)
    verdict = _verdict(session, participant, on, missed, last)
    audit.begin(session, actor=SYSTEM, action="diary:missed", now=now, participant_id=participant_id)
    session.add(
        MissedDiary(
            participant_id=participant_id,
            missed_on=on,
            in_row=missed,
            severity=verdict.severity and str(verdict.severity),
            judged_at=now,
        )
    )
    session.flush()
    if verdict.call_task and not _sent_since(session, participant_id, on):
        _call(session, participant, on, missed, now)
    raised = triage.raise_flags(session, participant=participant, diary=None, flags=verdict.flags, stages={}, now=now)
    triage.alert_reds(session, raised=raised, participant=participant, now=now)
    return 1


def _settled(session: Session, participant_id: int, on: date) -> bool:
    sent = select(Diary.id).where(Diary.participant_id == participant_id, Diary.diary_on == on)
    judged = select(MissedDiary.id).where(MissedDiary.participant_id == participant_id, MissedDiary.missed_on == on)
    return session.execute(sent.limit(1)).first() is not None or session.execute(judged).first() is not None


def _sent_since(session: Session, participant_id: int, on: date) -> bool:
    """Whether a later day's diary is there already: then nobody has to be rung for this one."""
    statement = select(Diary.id).where(Diary.participant_id == participant_id, Diary.diary_on > on).limit(1)
    return session.execute(statement).first() is not None


def _before(session: Session, participant: Participant, on: date) -> tuple[int, Severity | None]:
    """How many days in a row are missing up to this one, and the highest severity of the last day with a report."""
    plan = protocols.load_protocol().diary
    first = first_due_day(plan, transplant_on=participant.transplant_on, enrolled_on=participant.enrolled_on)
    rows = session.execute(
        select(Diary.diary_on, Diary.severity).where(Diary.participant_id == participant.id, Diary.diary_on < on)
    ).all()
    reported = {day for day, _ in rows}
    due = [first + timedelta(days=ahead) for ahead in range((on - first).days + 1)]
    last_on = max(reported, default=None)
    severity = alert_rules.find_worst_severity(Severity(worst) for day, worst in rows if day == last_on and worst)
    return alert_rules.missed_in_row(due, reported), severity


def _verdict(
    session: Session, participant: Participant, on: date, missed: int, last: Severity | None
) -> MissedDiaryVerdict:
    protocol = protocols.load_protocol()
    missed_at = diary_window(on, protocol.diary, participant.timezone).closes_at
    since = missed_at - timedelta(hours=protocol.thresholds.after_infusion_hours)
    return alert_rules.evaluate_missed_diaries(
        missed=missed,
        last_severity=last,
        missed_at=missed_at,
        infusions_given_at=infusions.list_given_times(session, participant_id=participant.id, since=since),
        thresholds=protocol.thresholds,
    )


def _call(session: Session, participant: Participant, on: date, missed: int, now: datetime) -> None:
    """One task a run of missed days: ``missed`` names its first day, however long it gets."""
    protocol = protocols.load_protocol()
    first = on - timedelta(days=missed - 1)
    tasks.open_task(
        session,
        kind=TaskKind.CALL_NO_DIARY,
        participant_id=participant.id,
        site=participant.site,
        dedupe_key=f"{participant.id}:{first.isoformat()}",
        due_at=due_in_working_time(now, clocks=protocol.clocks, timezone=protocol.timezone),
        now=now,
    )
