"""All figures of some sites. Each is a statement or two over whole tables; days of a pause count as owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.alert_rules import FLAGGED, Severity
from portal.domain.diary import local_day
from portal.domain.messages import DIARY_KINDS
from portal.domain.proportions import Rate, Share, owed_by_day
from portal.domain.triage import EpisodeStepKind
from portal.models.calls import PhoneCall
from portal.models.diary import Diary
from portal.models.messages import Message
from portal.models.missed_diaries import MissedDiary
from portal.models.people import Participant
from portal.models.triage import EpisodeStep
from portal.services.figures.completion_rates import (
    ARMS,
    completion_by_day,
    completion_by_week,
    enrolment_by_month,
    read_cohorts,
    total_share,
)
from portal.services.figures.response_times import count_outcomes, minutes_until_seen, read_alerts, response_times
from portal.services.figures.values import Arm, ArmParity, EpisodeAlert, StudyMetrics
from portal.services.scope import within_sites


def compute_metrics(session: Session, *, actor: Actor, now: datetime) -> StudyMetrics:
    """Everything for the actor's sites, up to yesterday for diaries and up to now for the rest. Nine statements."""
    protocol = protocols.load_protocol()
    here = within_sites(actor)
    until_on = local_day(now, protocol.timezone) - timedelta(days=1)
    cohorts = read_cohorts(session, here, protocol.timezone)
    by_day = completion_by_day(session, here, owed_by_day(cohorts, protocol.diary, until_on=until_on), until_on)
    alerts, outcomes = read_alerts(session, [here]), count_outcomes(session, here)
    flagged = _flagged(session, here)
    parity = _Surveillance(by_day, alerts, flagged, _calls(session, here), _reminders(session, here))
    return StudyMetrics(
        completion=total_share(by_day.values()),
        by_day=by_day,
        weeks=tuple(completion_by_week(by_day)),
        missed=_missed(session, here),
        answering=tuple(response_times(str(level), alerts, outcomes, now) for level in FLAGGED),
        flagged={str(level): total_share(shares[level] for shares in flagged.values()) for level in FLAGGED},
        parity=tuple(parity.of(arm) for arm in ARMS),
        months=tuple(enrolment_by_month(cohorts, until_on)),
    )


def _missed(session: Session, here: ColumnElement[bool]) -> dict[str, int]:
    """Missed diaries by what they raised: ``red``, ``amber``, or ``listed`` alone."""
    level = func.coalesce(MissedDiary.severity, "listed")
    rows = session.execute(
        select(level, func.count())
        .join(Participant, Participant.id == MissedDiary.participant_id)
        .where(here)
        .group_by(level)
    )
    return {str(severity): int(count) for severity, count in rows}


def _flagged(session: Session, here: ColumnElement[bool]) -> dict[Arm, dict[str, Share]]:
    """By arm the shares of reports at each level of ``FLAGGED``."""
    counts = (func.count(case(((Diary.severity == str(level)) & ~Diary.damped, 1))) for level in FLAGGED)
    rows = session.execute(
        select(Participant.arm, func.count(), *counts)
        .join(Participant, Participant.id == Diary.participant_id)
        .where(here, Diary.superseded_at.is_(None))
        .group_by(Participant.arm)
    )
    return {arm: {level: Share(n, of) for level, n in zip(FLAGGED, found, strict=True)} for arm, of, *found in rows}


def _calls(session: Session, here: ColumnElement[bool]) -> dict[Arm, int]:
    """By arm the calls: those recorded for themselves and those that were a step of an episode."""
    steps = select(EpisodeStep.participant_id).where(EpisodeStep.kind == EpisodeStepKind.CONTACT)
    every = steps.union_all(select(PhoneCall.participant_id)).subquery()
    rows = session.execute(
        select(Participant.arm, func.count())
        .join(every, every.c.participant_id == Participant.id)
        .where(here)
        .group_by(Participant.arm)
    )
    return {arm: int(count) for arm, count in rows}


def _reminders(session: Session, here: ColumnElement[bool]) -> dict[Arm, int]:
    """By arm the reminders and nudges about a diary that were handed over."""
    rows = session.execute(
        select(Participant.arm, func.count())
        .join(Message, Message.participant_id == Participant.id)
        .where(here, Message.kind.in_([str(kind) for kind in DIARY_KINDS]), Message.sent_at.is_not(None))
        .group_by(Participant.arm)
    )
    return {arm: int(count) for arm, count in rows}


@dataclass(frozen=True, slots=True)
class _Surveillance:
    """What is known of every arm, to be read arm by arm."""

    by_day: Mapping[tuple[str, int], Share]
    alerts: Sequence[EpisodeAlert]
    flagged: Mapping[Arm, Mapping[str, Share]]
    calls: Mapping[Arm, int]
    reminders: Mapping[Arm, int]

    def of(self, arm: str) -> ArmParity:
        kept = total_share(share for (one, _), share in self.by_day.items() if one == arm)
        levels = self.flagged.get(arm, {})
        return ArmParity(
            arm=arm,
            completion=kept,
            calls=Rate(self.calls.get(arm, 0), kept.of),
            reminders=Rate(self.reminders.get(arm, 0), kept.of),
            flagged=Share(
                sum(one.count for one in levels.values()), max((one.of for one in levels.values()), default=0)
            ),
            minutes=minutes_until_seen(one for one in self.alerts if one.arm == arm and one.severity == Severity.RED),
        )
