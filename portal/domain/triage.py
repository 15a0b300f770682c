"""Episodes: what opens and worsens one, who may do what in which state, and by when somebody must have looked.

There is one open episode a participant and organ; a further day joins it and alerts again only if it is worse. States,
verbs and outcomes are literal tables; ``docs/states.md`` is drawn from them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from portal.domain.alert_rules import Flag, Severity, find_worst_severity
from portal.domain.errors import Conflict
from portal.domain.protocol import Deadlines

LONGEST_PAUSE_DAYS = 60


class EpisodeState(StrEnum):
    NEW = "new"
    CLAIMED = "claimed"
    CONTACTED = "contacted"
    WAITING = "waiting"
    CLOSED = "closed"


class EpisodeStepKind(StrEnum):
    """The steps of ``SYSTEM_STEPS`` come from reports and corrections, all others from a member of the team."""

    OPEN = "open"
    JOIN = "join"
    CORRECT = "correct"
    TAKE_BACK = "take-back"
    CLAIM = "claim"
    CONTACT = "contact"
    WAIT = "wait"
    NOTE = "note"
    HAND_OVER = "hand-over"
    CLOSE = "close"
    REOPEN = "reopen"
    WORSEN = "worsen"
    RECUR = "recur"


class EpisodeOutcome(StrEnum):
    AGVHD_SUSPECTED = "agvhd-suspected"
    OTHER_CAUSE = "other-cause"
    ADVICE_GIVEN = "advice-given"
    FALSE_ALARM = "false-alarm"
    DUPLICATE = "duplicate"
    UNREACHABLE = "unreachable"


class WaitingFor(StrEnum):
    """What has to come before an episode can go on."""

    VISIT = "visit"
    LABORATORY = "laboratory"
    PARTICIPANT = "participant"


S, V = EpisodeState, EpisodeStepKind
TRANSITIONS: Mapping[tuple[EpisodeState, EpisodeStepKind], EpisodeState] = MappingProxyType(
    {
        (S.NEW, V.CLAIM): S.CLAIMED,
        (S.NEW, V.NOTE): S.NEW,
        (S.NEW, V.WORSEN): S.NEW,
        (S.CLAIMED, V.CONTACT): S.CONTACTED,
        (S.CLAIMED, V.WAIT): S.WAITING,
        (S.CLAIMED, V.NOTE): S.CLAIMED,
        (S.CLAIMED, V.HAND_OVER): S.CLAIMED,
        (S.CLAIMED, V.CLOSE): S.CLOSED,
        (S.CLAIMED, V.WORSEN): S.NEW,
        (S.CONTACTED, V.CONTACT): S.CONTACTED,
        (S.CONTACTED, V.WAIT): S.WAITING,
        (S.CONTACTED, V.NOTE): S.CONTACTED,
        (S.CONTACTED, V.HAND_OVER): S.CONTACTED,
        (S.CONTACTED, V.CLOSE): S.CLOSED,
        (S.CONTACTED, V.WORSEN): S.NEW,
        (S.WAITING, V.CONTACT): S.CONTACTED,
        (S.WAITING, V.NOTE): S.WAITING,
        (S.WAITING, V.HAND_OVER): S.WAITING,
        (S.WAITING, V.CLOSE): S.CLOSED,
        (S.WAITING, V.WORSEN): S.NEW,
        (S.CLOSED, V.NOTE): S.CLOSED,
        (S.CLOSED, V.REOPEN): S.CLAIMED,
        (S.CLOSED, V.RECUR): S.NEW,
    }
)
SYSTEM_STEPS = frozenset({V.OPEN, V.JOIN, V.CORRECT, V.TAKE_BACK, V.WORSEN, V.RECUR})


def next_state(state: str, verb: EpisodeStepKind) -> EpisodeState:
    """Where ``verb`` leads from ``state``. Conflict: the table has no such way."""
    try:
        return TRANSITIONS[EpisodeState(state), verb]
    except KeyError:
        raise Conflict from None


def allowed_verbs(state: str) -> tuple[EpisodeStepKind, ...]:
    """What a person may do in this state, in the order of the table."""
    return tuple(verb for (at, verb) in TRANSITIONS if at == state and verb not in SYSTEM_STEPS)


class AlertReason(StrEnum):
    """Why staff are alerted."""

    OPENED = "opened"
    SEVERITY = "severity"
    STAGE = "stage"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class OpenEpisode:
    """An open episode as it was before this report.

    ``rules`` are the ids of the rules that it has met; one that alerts daily counts only if it was met on the same day.
    """

    severity: Severity
    stage: int | None
    rules: frozenset[str]


@dataclass(frozen=True, slots=True)
class EpisodeUpdate:
    """An episode after a report's flags of its organ. ``why`` is empty when they only join it."""

    severity: Severity
    stage: int | None
    why: tuple[AlertReason, ...]

    @property
    def alert(self) -> bool:
        return bool(self.why)


def update_episode(episode: OpenEpisode | None, flags: Iterable[Flag], stage: int | None) -> EpisodeUpdate:
    """Open (``episode`` is None) or join: the highest severity and stage so far, and what is worse than before.

    An unknown stage is neither better nor worse than a known one. ValueError without flags.
    """
    flags = tuple(flags)
    severity = _worst(flag.severity for flag in flags)
    if episode is None:
        return EpisodeUpdate(severity, stage, (AlertReason.OPENED,))
    worse = {
        AlertReason.SEVERITY: severity.rank > episode.severity.rank,
        AlertReason.STAGE: stage is not None and stage > (episode.stage or 0),
        AlertReason.RULE: any(flag.rule_id not in episode.rules for flag in flags),
    }
    return EpisodeUpdate(
        severity=_worst((severity, episode.severity)),
        stage=max((known for known in (stage, episode.stage) if known is not None), default=None),
        why=tuple(why for why, is_worse in worse.items() if is_worse),
    )


def _worst(severities: Iterable[Severity]) -> Severity:
    severity = find_worst_severity(severities)
    if severity is None:
        raise ValueError("an episode needs a flag")
    return severity


def is_reopened_by(closed_at: datetime, *, now: datetime, clocks: Deadlines) -> bool:
    """Whether a new flag still belongs to an episode that was closed then; the last instant counts."""
    return now - closed_at <= timedelta(days=clocks.episode_reopen_days)


def acknowledge_by(severity: Severity, *, at: datetime, clocks: Deadlines, timezone: str) -> datetime:
    """By when (UTC) somebody must have looked: red runs day and night, amber only in working time.

    ValueError when the calendar has no working time for ``LONGEST_PAUSE_DAYS`` days.
    """
    if severity is Severity.RED:
        return at + timedelta(minutes=clocks.red_acknowledge_minutes)
    return _after_working_time(at, timedelta(hours=clocks.amber_acknowledge_working_hours), clocks, ZoneInfo(timezone))


def close_by(severity: Severity, *, at: datetime, clocks: Deadlines) -> datetime:
    """By when (UTC) it has to be closed, counted from the alert; for both levels the hours run day and night."""
    return at + timedelta(hours=clocks.red_close_hours if severity is Severity.RED else clocks.amber_close_hours)


def is_working_day(day: date, clocks: Deadlines) -> bool:
    """A holiday rests even on a weekday; a day worked in exchange works even at the weekend."""
    if day in clocks.extra_working_days:
        return True
    return day.isoweekday() in clocks.working_weekdays and day not in clocks.holidays


def _after_working_time(at: datetime, left: timedelta, clocks: Deadlines, zone: ZoneInfo) -> datetime:
    first = at.astimezone(zone).date()
    for offset in range(LONGEST_PAUSE_DAYS):
        day = first + timedelta(days=offset)
        if not is_working_day(day, clocks):
            continue
        opens, closes = (
            datetime.combine(day, time, zone).astimezone(UTC) for time in (clocks.working_from, clocks.working_until)
        )
        starts = max(at.astimezone(UTC), opens)
        if starts + left <= closes:
            return starts + left
        left -= max(closes - starts, timedelta(0))
    raise ValueError("the hospital calendar has too little working time")
