"""Reports that are judged again because something about an earlier time has come: a late day, a record of an infusion.

Each with what was known at its own time; a late report tells about its day, and so stands before the reports of later
days. Nothing that was raised is taken away: a report can only get more flags, and never milder.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.alert_rules import find_worst_severity
from portal.domain.diary import diary_window, local_day
from portal.domain.reports import Report
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.services import triage
from portal.services.diary import history
from portal.services.diary.judged_reports import judge_report

NEWER_REPORT: Final = timedelta(days=7)  # no rule looks further back
JUST_BEFORE: Final = timedelta(microseconds=1)


def judge_later_days(
    session: Session, participant: Participant, diary: Diary, *, newest_entry_at: datetime | None, now: datetime
) -> int:
    """Judge again what was sent before about later days, or later hours of the day; how many. Part of sending."""
    today = local_day(now, participant.timezone)
    if diary.diary_on >= today and (newest_entry_at is None or newest_entry_at <= diary.entered_at):
        return 0
    later = or_(Diary.diary_on > diary.diary_on, Diary.entered_at > diary.entered_at)
    return _judge_again(session, participant, [later, Diary.id != diary.id, *_near(diary)], now)


def judge_hours_after(
    session: Session, participant: Participant, *, began_at: datetime, ended_at: datetime, now: datetime
) -> int:
    """Judge again the reports entered between these times, or about a day that ended between them; how many."""
    since, until = (local_day(at, participant.timezone) for at in (began_at, ended_at))
    entered = (Diary.entered_at >= began_at) & (Diary.entered_at <= ended_at)
    return _judge_again(session, participant, [or_(entered, Diary.diary_on.between(since, until))], now)


def list_reports_before(session: Session, participant: Participant, current: Diary) -> list[Report]:
    """What the report is held against: what was entered before it, and what is known now of the days before its own."""
    plan = protocols.load_protocol().diary
    recent = history.list_recent_reports(session, participant_id=participant.id, until_on=current.diary_on)
    found = []
    for one in recent:
        if one.entered_at < current.entered_at:
            found.append(one)
        elif one.on < current.diary_on:
            day_ends_at = diary_window(one.on, plan, participant.timezone).closes_at
            found.append(replace(one, entered_at=min(day_ends_at, current.entered_at - JUST_BEFORE)))
    return found


def _near(diary: Diary) -> list[ColumnElement[bool]]:
    return [Diary.diary_on >= diary.diary_on, Diary.diary_on <= diary.diary_on + NEWER_REPORT]


def _judge_again(
    session: Session, participant: Participant, which: Sequence[ColumnElement[bool]], now: datetime
) -> int:
    """The caller holds the participant's row and has begun the audit event."""
    statement = select(Diary).where(
        Diary.participant_id == participant.id, Diary.superseded_at.is_(None), *which
    )  # fmt: skip
    reports = list(session.scalars(statement.order_by(Diary.diary_on, Diary.entered_at)))
    for one in reports:
        before = list_reports_before(session, participant, one)
        severity = one.severity
        flags, stages = judge_report(session, participant, one, before, one.received_at)
        one.severity = find_worst_severity((severity, one.severity))
        raised = triage.add_flags(session, participant=participant, diary=one, flags=flags, stages=stages, now=now)
        triage.alert_reds(session, raised=raised, participant=participant, now=now)
    return len(reports)
