"""Episodes: what opens and worsens one, who may do what in which state, and by when somebody must have looked.

There is one open episode a participant and organ; a further day joins it and alerts again only if it is worse or its
red sign is new. States, verbs and outcomes are literal tables; ``docs/states.md`` is drawn from them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from portal.domain.alert_rules import Flag, Severity, find_worst_severity
from portal.domain.alert_rules.steps import flag_value, step_of
from portal.domain.errors import Conflict
from portal.domain.protocol import Deadlines

LONGEST_PAUSE_DAYS = 60
HOLDS_FREE_DAYS = 3  # a signed assessment holds until the organ has been free for so many known days


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
    CONTINUE = "continue"


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
        (S.CLOSED, V.CONTINUE): S.CONTACTED,
    }
)
SYSTEM_STEPS = frozenset({V.OPEN, V.JOIN, V.CORRECT, V.TAKE_BACK, V.WORSEN, V.RECUR, V.CONTINUE})
# Closed without anybody having judged it: what was there before is as new as anything.
UNSETTLED = frozenset({EpisodeOutcome.DUPLICATE, EpisodeOutcome.UNREACHABLE})


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
    NEW_RED = "new-red"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class OpenEpisode:
    """An open episode as it was before this report.

    ``rules`` are the ids of the rules that it has met; one that alerts daily counts only if it was met on the same day.
    ``last_reds`` are the red rules of the last report, None where there is nothing to compare with. ``told`` are the
    mildest values, by red rule, since staff were last alerted.
    """

    severity: Severity
    stage: int | None
    rules: frozenset[str]
    last_reds: frozenset[str] | None = None
    told: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EpisodeUpdate:
    """An episode after a report's flags of its organ. ``why`` is empty when they only join it."""

    severity: Severity
    stage: int | None
    why: tuple[AlertReason, ...]

    @property
    def alert(self) -> bool:
        return bool(self.why)


def update_episode(
    episode: OpenEpisode | None, flags: Iterable[Flag], stage: int | None, *, fever_step_cel: Decimal = Decimal(1)
) -> EpisodeUpdate:
    """Open (``episode`` is None) or join: the highest severity and stage so far, and what is worse than before.

    A red sign that was not in the last report is new, also to an episode that has met it before. An unknown stage is
    neither better nor worse than a known one. ValueError without flags.
    """
    flags = tuple(flags)
    severity = _worst(flag.severity for flag in flags)
    if episode is None:
        return EpisodeUpdate(severity, stage, (AlertReason.OPENED,))
    reds = tuple(flag for flag in flags if flag.severity is Severity.RED)
    worse = {
        AlertReason.SEVERITY: severity.rank > episode.severity.rank,
        AlertReason.STAGE: stage is not None and stage > (episode.stage or 0),
        AlertReason.RULE: any(flag.rule_id not in episode.rules for flag in flags),
        AlertReason.NEW_RED: episode.last_reds is not None
        and any(flag.rule_id not in episode.last_reds for flag in reds),
        AlertReason.STEP: any(is_step_worse(flag, episode.told, fever_step_cel=fever_step_cel) for flag in reds),
    }
    return EpisodeUpdate(
        severity=_worst((severity, episode.severity)),
        stage=max((known for known in (stage, episode.stage) if known is not None), default=None),
        why=tuple(why for why, is_worse in worse.items() if is_worse),
    )


def is_step_worse(flag: Flag, before: Mapping[str, Decimal], *, fever_step_cel: Decimal) -> bool:
    """Whether the value of a red is a step above the one ``before`` by its rule: a degree, the next stage or score."""
    value, known = flag_value(flag.rule_id, flag.evidence), before.get(flag.rule_id)
    return value is not None and known is not None and value - known >= step_of(flag.rule_id, fever_step_cel)


class AfterClosing(StrEnum):
    """What a report does to an episode that was closed a few days ago."""

    JOIN = "join"
    CONTINUE = "continue"
    RECUR = "recur"


@dataclass(frozen=True, slots=True)
class ClosedEpisode:
    """An episode that was closed, as this report finds it.

    ``last_met``: by rule of the last report the value there, None for a sign without one. ``contact_at``: when staff
    last spoke with the participant about it; ``answered``: the red rules that had been met by then, with the mildest
    value of each since staff were alerted (None for a sign without one).
    """

    stage: int | None
    outcome: EpisodeOutcome | None
    last_met: Mapping[str, Decimal | None]
    contact_at: datetime | None
    answered: Mapping[str, Decimal | None]


def meet_closed_episode(
    episode: ClosedEpisode, flags: Iterable[Flag], stage: int | None, *, now: datetime, clocks: Deadlines
) -> AfterClosing:
    """A red always comes back to the list: quietly within hours of a contact about the same, else with an alert.

    An amber of the last report does not reopen what staff have closed; one that is new or worse does.
    """
    flags = tuple(flags)
    reds = tuple(flag for flag in flags if flag.severity is Severity.RED)
    if episode.outcome in UNSETTLED or (stage is not None and stage > (episode.stage or 0)):
        return AfterClosing.RECUR
    if reds:
        hours = timedelta(hours=clocks.contact_holds_hours)
        recent = episode.contact_at is not None and now - episode.contact_at <= hours
        answered = recent and all(_is_answered(flag, episode.answered, clocks) for flag in reds)
        return AfterClosing.CONTINUE if answered else AfterClosing.RECUR
    known = all(flag.rule_id in episode.last_met and not _has_risen(flag, episode.last_met) for flag in flags)
    return AfterClosing.JOIN if known else AfterClosing.RECUR


def _is_answered(flag: Flag, answered: Mapping[str, Decimal | None], clocks: Deadlines) -> bool:
    values = {rule_id: value for rule_id, value in answered.items() if value is not None}
    return flag.rule_id in answered and not is_step_worse(flag, values, fever_step_cel=clocks.fever_step_cel)


def _has_risen(flag: Flag, last_met: Mapping[str, Decimal | None]) -> bool:
    """Whether an amber of the last report is worse by a score, a stage, a degree or a per cent of a growing rash."""
    value, before = flag_value(flag.rule_id, flag.evidence), last_met[flag.rule_id]
    return value is not None and before is not None and value >= before + 1


def _worst(severities: Iterable[Severity]) -> Severity:
    severity = find_worst_severity(severities)
    if severity is None:
        raise ValueError("an episode needs a flag")
    return severity


def sign_began_at(
    reports: Iterable[tuple[date, datetime, bool]], *, free_days: int = HOLDS_FREE_DAYS
) -> datetime | None:
    """When a sign that may still be there was first reported; None when it was never there or is long gone.

    Of (day, time of entry, whether the sign was there). Only so many known days without it end it: a missed day says
    nothing.
    """
    by_day: dict[date, list[tuple[datetime, bool]]] = {}
    for on, at, present in reports:
        by_day.setdefault(on, []).append((at, present))
    began, free = None, 0
    for on in sorted(by_day, reverse=True):
        reported = [at for at, there in by_day[on] if there]
        began, free = (min(reported), 0) if reported else (began, free + 1)
        if free >= free_days:
            break
    return began


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
