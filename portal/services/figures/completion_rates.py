"""Diaries received out of diaries due, by study day and arm; and enrolment against its plan."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Final

from sqlalchemy import ColumnElement, Subquery, case, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.diary import Timing, local_day
from portal.domain.participation import ParticipationStatus as Standing
from portal.domain.proportions import Cohort, Share
from portal.domain.protocol import Protocol
from portal.models.diary import Diary
from portal.models.participation import ParticipationStep
from portal.models.people import Participant
from portal.services.figures.values import Arm, MonthEnrolment, WeekCompletion

LEFT: Final = tuple(str(state) for state in (Standing.WITHDRAWN, Standing.LOST, Standing.DIED, Standing.COMPLETED))
ARMS: Final = ("imsc", "control")


def participation_ends() -> tuple[Subquery, ColumnElement[datetime | None]]:
    """What to join by ``participant_id``, and when who has left did so."""
    ended = (
        select(ParticipationStep.participant_id, func.max(ParticipationStep.at).label("at"))
        .where(ParticipationStep.to_state.in_(LEFT))
        .group_by(ParticipationStep.participant_id)
        .subquery()
    )
    return ended, case((Participant.status.in_(LEFT), ended.c.at), else_=None)


def read_cohorts(session: Session, here: ColumnElement[bool], timezone: str) -> tuple[Cohort, ...]:
    ended, left_at = participation_ends()
    columns = (Participant.arm, Participant.transplant_on, Participant.enrolled_on, left_at)
    rows = session.execute(
        select(*columns, func.count())
        .outerjoin(ended, ended.c.participant_id == Participant.id)
        .where(here)
        .group_by(*columns)
    )
    return tuple(
        Cohort(arm, transplant_on, enrolled_on, local_day(at, timezone) if at else None, int(people))
        for arm, transplant_on, enrolled_on, at, people in rows
    )


def completion_by_day(
    session: Session, here: ColumnElement[bool], owed: Mapping[tuple[Arm, int], int], until_on: date
) -> dict[tuple[str, int], Share]:
    rows = session.execute(
        select(Participant.arm, Diary.study_day, func.count(Diary.participant_id.distinct()))
        .join(Participant, Participant.id == Diary.participant_id)
        .where(here, Diary.timing != Timing.BEYOND, Diary.diary_on <= until_on)
        .group_by(Participant.arm, Diary.study_day)
    )
    sent = {(arm, day): int(count) for arm, day, count in rows}
    return {
        (str(arm), day): Share(min(sent.get((arm, day), 0), of), of) for (arm, day), of in sorted(owed.items(), key=str)
    }


def completion_by_week(by_day: Mapping[tuple[str, int], Share]) -> Iterable[WeekCompletion]:
    for number in sorted({(day - 1) // 7 + 1 for _, day in by_day}):
        of_week = {key: share for key, share in by_day.items() if (key[1] - 1) // 7 + 1 == number}
        yield WeekCompletion(
            number, {arm: total_share(share for (one, _), share in of_week.items() if one == arm) for arm in ARMS}
        )


def total_share(shares: Iterable[Share]) -> Share:
    return sum(shares, Share(0, 0))


def enrolment_by_month(cohorts: Iterable[Cohort], until_on: date) -> Iterable[MonthEnrolment]:
    """From the first enrolment on; the plan is a straight line over the study's own time."""
    protocol = protocols.load_protocol()
    counts: dict[date, int] = {}
    for cohort in cohorts:
        first = cohort.enrolled_on.replace(day=1)
        counts[first] = counts.get(first, 0) + cohort.people
    if not counts:
        return
    months = list(_month_starts(min(counts), until_on))
    for first, so_far in zip(months, accumulate(counts.get(month, 0) for month in months), strict=True):
        yield MonthEnrolment(first, counts.get(first, 0), so_far, _planned(protocol, _next_month(first)))


def _month_starts(first: date, until_on: date) -> Iterable[date]:
    while first <= until_on:
        yield first
        first = _next_month(first)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _planned(protocol: Protocol, by_on: date) -> int:
    """How many of the planned participants by a day, so that the last still has the whole follow-up."""
    planned = sum(arm.planned for arm in protocol.arms)
    last_visit = max(visit.study_day for visit in protocol.visits)
    start, end = protocol.registry.start_on, protocol.registry.completion_on - timedelta(days=last_visit)
    gone = min(max((by_on - start).days / (end - start).days, 0), 1)
    return round(planned * gone)
