"""The participants behind a number: their diaries owed and sent, their enrolment, calls and reminders."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.diary import Timing, local_day
from portal.domain.messages import DIARY_KINDS
from portal.domain.proportions import Cohort
from portal.domain.triage import EpisodeStepKind
from portal.models.calls import PhoneCall
from portal.models.diary import Diary
from portal.models.messages import Message
from portal.models.people import Participant
from portal.models.triage import EpisodeStep
from portal.services.figures.completion_rates import participation_ends
from portal.services.figures.filters import DrilldownFilter, DrilldownRow, KeyedRows


def _people(session: Session, actor: Actor, asked: DrilldownFilter, *more: ColumnElement[bool]) -> Sequence[Any]:
    columns = (Participant.id, Participant.study_number, Participant.arm, Participant.transplant_on)
    ended, at = participation_ends()
    return session.execute(
        select(*columns, Participant.enrolled_on, at.label("ended_at"))
        .outerjoin(ended, ended.c.participant_id == Participant.id)
        .where(*asked.conditions(actor), Participant.id > asked.after_id, *more)
        .order_by(Participant.id)
        .limit(asked.limit + 1)
    ).all()


def list_completion_rows(session: Session, actor: Actor, asked: DrilldownFilter) -> KeyedRows:
    """By participant how many diaries were received of those due on the study days asked for."""
    protocol = protocols.load_protocol()
    until_on = local_day(asked.now, protocol.timezone) - timedelta(days=1)
    people = _people(session, actor, asked)
    sent: dict[int, set[int]] = {}
    days = session.execute(
        select(Diary.participant_id, Diary.study_day).where(
            Diary.participant_id.in_([one.id for one in people]),
            Diary.timing != Timing.BEYOND,
            Diary.diary_on <= until_on,
        )
    )
    for participant_id, day in days:
        sent.setdefault(participant_id, set()).add(day)
    found: KeyedRows = []
    for one in people:
        left_on = local_day(one.ended_at, protocol.timezone) if one.ended_at else None
        cohort = Cohort(one.arm, one.transplant_on, one.enrolled_on, left_on, 1)
        owed = {day for day in cohort.days_owed(protocol.diary, until_on=until_on) if _within(day, asked)}
        came = len(owed & sent.get(one.id, set()))
        found.append((one.id, DrilldownRow(one.study_number, one.arm, count=came, of=len(owed))))
    return found


def _within(day: int, asked: DrilldownFilter) -> bool:
    return asked.first_day <= day <= asked.last_day


def list_enrolled_rows(session: Session, actor: Actor, asked: DrilldownFilter) -> KeyedRows:
    month = asked.month_on or date.min
    following = (month.replace(day=1) + timedelta(days=31)).replace(day=1)
    people = _people(session, actor, asked, Participant.enrolled_on >= month, Participant.enrolled_on < following)
    return [(one.id, DrilldownRow(one.study_number, one.arm, on=one.enrolled_on)) for one in people]


def list_call_rows(session: Session, actor: Actor, asked: DrilldownFilter) -> KeyedRows:
    steps = select(EpisodeStep.participant_id).where(EpisodeStep.kind == EpisodeStepKind.CONTACT)
    return _counted(session, actor, asked, steps.union_all(select(PhoneCall.participant_id)).subquery())


def list_reminder_rows(session: Session, actor: Actor, asked: DrilldownFilter) -> KeyedRows:
    kinds = [str(kind) for kind in DIARY_KINDS]
    sent = select(Message.participant_id).where(Message.kind.in_(kinds), Message.sent_at.is_not(None))
    return _counted(session, actor, asked, sent.subquery())


def _counted(session: Session, actor: Actor, asked: DrilldownFilter, events: Any) -> KeyedRows:
    """How many by participant."""
    found = session.execute(
        select(Participant.id, Participant.study_number, Participant.arm, func.count())
        .join(events, events.c.participant_id == Participant.id)
        .where(*asked.conditions(actor), Participant.id > asked.after_id)
        .group_by(Participant.id, Participant.study_number, Participant.arm)
        .order_by(Participant.id)
        .limit(asked.limit + 1)
    )
    return [(id_, DrilldownRow(number, arm, count=int(count))) for id_, number, arm, count in found]
