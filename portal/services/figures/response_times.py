"""How fast alerts were answered, against the deadline that applied to each."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.alert_rules import Severity
from portal.domain.proportions import MedianInterval, Share, median_interval
from portal.domain.triage import EpisodeOutcome, EpisodeStepKind, acknowledge_by, close_by
from portal.models.people import Participant
from portal.models.triage import Episode, EpisodeStep, Flag
from portal.services.figures.values import EpisodeAlert, ResponseTimes
from portal.services.triage.memory import ALERTS

NO_ACTION: Final = (EpisodeOutcome.FALSE_ALARM, EpisodeOutcome.DUPLICATE)


def read_alerts(session: Session, here: Sequence[ColumnElement[bool]]) -> tuple[EpisodeAlert, ...]:
    """Every alert with the level of the flags that raised it, and the steps that answered it."""
    rows = session.execute(
        select(Participant.arm, EpisodeStep.episode_id, EpisodeStep.at, func.max(Flag.severity))
        .join(Participant, Participant.id == EpisodeStep.participant_id)
        .join(Flag, (Flag.episode_id == EpisodeStep.episode_id) & (Flag.raised_at == EpisodeStep.at))
        .where(*here, EpisodeStep.kind.in_(ALERTS))
        .group_by(Participant.arm, EpisodeStep.episode_id, EpisodeStep.at)
    )
    answers = _answers(session, here)
    return tuple(
        EpisodeAlert(
            arm=arm,
            severity=severity,
            episode_id=episode_id,
            at=at,
            claimed_at=_next(answers.get((episode_id, EpisodeStepKind.CLAIM), ()), at),
            closed_at=_next(answers.get((episode_id, EpisodeStepKind.CLOSE), ()), at),
        )
        for arm, episode_id, at, severity in rows
    )


def _answers(session: Session, here: Sequence[ColumnElement[bool]]) -> dict[tuple[int, str], list[datetime]]:
    """By episode and verb when it was claimed and closed, oldest first."""
    rows = session.execute(
        select(EpisodeStep.episode_id, EpisodeStep.kind, EpisodeStep.at)
        .join(Participant, Participant.id == EpisodeStep.participant_id)
        .where(*here, EpisodeStep.kind.in_((EpisodeStepKind.CLAIM, EpisodeStepKind.CLOSE)))
        .order_by(EpisodeStep.at)
    )
    found: dict[tuple[int, str], list[datetime]] = {}
    for episode_id, kind, at in rows:
        found.setdefault((episode_id, kind), []).append(at)
    return found


def _next(moments: Sequence[datetime], at: datetime) -> datetime | None:
    place = bisect_left(moments, at)
    return moments[place] if place < len(moments) else None


def count_outcomes(session: Session, here: ColumnElement[bool]) -> dict[tuple[str, str], int]:
    """Closed episodes by severity and outcome."""
    rows = session.execute(
        select(Episode.severity, Episode.outcome, func.count())
        .join(Participant, Participant.id == Episode.participant_id)
        .where(here, Episode.outcome.is_not(None))
        .group_by(Episode.severity, Episode.outcome)
    )
    return {(severity, str(outcome)): int(count) for severity, outcome, count in rows}


def response_times(
    severity: str, alerts: Sequence[EpisodeAlert], outcomes: Mapping[tuple[str, str], int], now: datetime
) -> ResponseTimes:
    """An alert whose time is not up yet, and that nobody has answered, counts neither for nor against."""
    protocol = protocols.load_protocol()
    of_level = [one for one in alerts if one.severity == severity]
    by = {
        one: acknowledge_by(Severity(severity), at=one.at, clocks=protocol.clocks, timezone=protocol.timezone)
        for one in of_level
    }
    judged = [one for one in of_level if one.claimed_at or by[one] < now]
    ends = {one: close_by(Severity(severity), at=one.at, clocks=protocol.clocks) for one in of_level}
    old = [one for one in of_level if one.closed_at or ends[one] < now]
    ended = {outcome: count for (level, outcome), count in outcomes.items() if level == severity}
    acted = sum(count for outcome, count in ended.items() if outcome not in NO_ACTION)
    return ResponseTimes(
        severity=severity,
        raised=len(of_level),
        seen_in_time=_count(judged, lambda one: one.claimed_at is not None and one.claimed_at <= by[one]),
        closed_in_time=_count(old, lambda one: one.closed_at is not None and one.closed_at <= ends[one]),
        minutes=minutes_until_seen(of_level),
        led_to_action=Share(acted, sum(ended.values())),
    )


def _count(alerts: Sequence[EpisodeAlert], meets: Callable[[EpisodeAlert], bool]) -> Share:
    return Share(sum(map(meets, alerts)), len(alerts))


def minutes_until_seen(alerts: Iterable[EpisodeAlert]) -> MedianInterval:
    return median_interval([one.minutes for one in alerts if one.minutes is not None])
