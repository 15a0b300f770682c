"""Open or update episodes from flags, inside diary submission: the caller has begun the event and the transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Date, bindparam, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import alert_rules as rules
from portal.domain.alert_rules import Flag, Organ, Severity, find_worst_severity
from portal.domain.diary import local_day
from portal.domain.tasks import TaskKind, due_in_working_time, start_of_day
from portal.domain.triage import EpisodeState, EpisodeStepKind
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.models.triage import Episode, EpisodeStep
from portal.models.triage import Flag as FlagRow
from portal.services import tasks
from portal.services.triage.memory import ALERTS, NOTHING, EpisodeMemory, recall_episodes
from portal.services.triage.moving import FlagCause, UnsentAnswers, meet_again, new_episode, new_step

DAILY = frozenset(rule.id for rule in rules.RULES if rule.daily)
ALERTS_SO_FAR: Final = (
    select(func.count()).where(EpisodeStep.episode_id == Episode.id, EpisodeStep.kind.in_(ALERTS)).scalar_subquery()
)
# The rules that an episode has met; one that alerts daily only if it was met by a report of this day.
RULES_MET: Final = (
    select(func.aggregate_strings(FlagRow.rule_id, " "))
    .outerjoin(Diary, Diary.id == FlagRow.diary_id)
    .where(
        FlagRow.episode_id == Episode.id,
        FlagRow.corrected_at.is_(None),
        FlagRow.rule_id.not_in(DAILY)
        | func.coalesce(Diary.diary_on, FlagRow.diary_on).is_not_distinct_from(bindparam("diary_on", type_=Date)),
    )
    .correlate(Episode)
    .scalar_subquery()
)
STANDING: Final = (
    select(Episode, ALERTS_SO_FAR, RULES_MET)
    .where(
        Episode.participant_id == bindparam("participant_id"),
        Episode.organ.in_(bindparam("organs", expanding=True)),
        (Episode.state != EpisodeState.CLOSED) | (Episode.closed_at >= bindparam("closed_since")),
    )
    .order_by((Episode.state != EpisodeState.CLOSED).asc(), Episode.closed_at, Episode.id)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class RaisedEpisode:
    """What one report did to one organ's episode.

    ``severity`` is that of this report, ``alert_number`` counts the episode's alerts with this one.
    """

    episode_id: int
    organ: str
    severity: Severity
    alert: bool
    alert_number: int
    acknowledge_by_at: datetime


@dataclass(frozen=True, slots=True)
class StandingEpisode:
    """An episode before this report, with the alerts that it has given and the rules that it has met."""

    episode: Episode
    alerts: int
    rules: frozenset[str]


def raise_flags(
    session: Session,
    *,
    participant: Participant,
    diary: Diary | None,
    flags: Sequence[Flag],
    stages: Mapping[str, int | None],
    now: datetime,
    unsent: UnsentAnswers | None = None,
    adopted: Sequence[FlagRow] = (),
    last_reds: frozenset[str] | None = None,
) -> tuple[RaisedEpisode, ...]:
    """Open, join, worsen or reopen one episode an organ, and store every flag.

    ``diary`` is in the session and stored here, together with the episodes that open; None: a draft (``unsent``), staff
    or silence raised the flags. ``adopted``: the flags that the diary's draft has raised, which become the diary's.
    ``stages`` are the provisional stages by organ. ``last_reds``: the red rules that silence had met the day before; of
    everything else the last report says that. The caller holds the participant's row, so that nobody else opens an
    episode at the same time.
    """
    organs = tuple(dict.fromkeys(flag.organ for flag in flags))
    if not organs:
        session.flush()
        return ()
    with session.no_autoflush:
        about_on = diary.diary_on if diary else unsent.diary_on if unsent else None
        standing = _standing(session, participant.id, organs, about_on, now)
        memories = _recall(session, participant.id, [one.episode for one in standing.values()], flags, diary, now)
    causes = [_cause(participant, organ, flags, stages.get(organ), now, unsent, adopted) for organ in organs]
    opened = {cause.organ: _opened(session, cause) for cause in causes if cause.organ not in standing}
    session.flush()
    diary_id = diary.id if diary else None
    if any(flag.rule_id in rules.BILIRUBIN_WANTED for cause in causes for flag in cause.fresh):
        dedupe_key = f"draft:{unsent.client_id}" if unsent else f"diary:{diary_id}"
        _want_bilirubin(session, participant, dedupe_key, find_worst_severity(one.severity for one in flags), now)
    raised = []
    for cause in causes:
        episode = opened.get(cause.organ)
        one = _open(session, cause, episode) if episode else _join(session, cause, standing, memories, last_reds)
        _store_flags(session, cause, one, diary_id)
        raised.append(one)
    session.flush()
    return tuple(raised)


def _opened(session: Session, cause: FlagCause) -> Episode:
    """Its row, in the session and not yet stored."""
    episode = new_episode(cause)
    session.add(episode)
    return episode


def _open(session: Session, cause: FlagCause, episode: Episode) -> RaisedEpisode:
    session.add(new_step(episode, EpisodeStepKind.OPEN, None, EpisodeState.NEW, cause.now))
    return _raised(episode, cause, EpisodeStepKind.OPEN, 0)


def _join(
    session: Session,
    cause: FlagCause,
    standing: Mapping[str, StandingEpisode],
    memories: Mapping[int, EpisodeMemory],
    last_reds: frozenset[str] | None,
) -> RaisedEpisode:
    found = standing[cause.organ]
    memory = memories.get(found.episode.id, NOTHING)
    if last_reds is not None:
        memory = replace(memory, last_reds=last_reds)
    kind = meet_again(session, found.episode, cause, found.rules, memory)
    return _raised(found.episode, cause, kind, found.alerts)


def _cause(
    participant: Participant,
    organ: Organ,
    flags: Sequence[Flag],
    stage: int | None,
    now: datetime,
    unsent: UnsentAnswers | None,
    adopted: Sequence[FlagRow],
) -> FlagCause:
    of_organ = tuple(flag for flag in flags if flag.organ == organ)
    known = tuple(row for row in adopted if row.organ == organ)
    return FlagCause(participant, organ, of_organ, stage, now, unsent, known)


def _want_bilirubin(
    session: Session, participant: Participant, dedupe_key: str, worst: Severity | None, now: datetime
) -> None:
    """Jaundice and dark urine ask for a result, with a red on the same day; the task stays until there is one, or a
    reason.
    """
    protocol = protocols.load_protocol()
    tomorrow = local_day(now, participant.timezone) + timedelta(days=1)
    in_working_time = due_in_working_time(now, clocks=protocol.clocks, timezone=protocol.timezone)
    tasks.open_task(
        session,
        kind=TaskKind.BILIRUBIN_WANTED,
        participant_id=participant.id,
        site=participant.site,
        dedupe_key=dedupe_key,
        due_at=start_of_day(tomorrow, participant.timezone) if worst is Severity.RED else in_working_time,
        now=now,
    )


def _standing(
    session: Session, participant_id: int, organs: Sequence[str], diary_on: date | None, now: datetime
) -> dict[str, StandingEpisode]:
    """By organ the episode that is open, else the newest that was closed not too long ago."""
    since = now - timedelta(days=protocols.load_protocol().clocks.episode_reopen_days)
    given = {"participant_id": participant_id, "organs": list(organs), "closed_since": since, "diary_on": diary_on}
    return {
        episode.organ: StandingEpisode(episode, count, frozenset((rules_met or "").split()))
        for episode, count, rules_met in session.execute(STANDING, given)
    }


def _recall(
    session: Session,
    participant_id: int,
    episodes: Sequence[Episode],
    flags: Sequence[Flag],
    diary: Diary | None,
    now: datetime,
) -> dict[int, EpisodeMemory]:
    """By episode what this report is compared with. An amber in an open episode needs no comparison: most are that."""
    reds = {flag.organ for flag in flags if flag.severity is Severity.RED}
    ids = [one.id for one in episodes if one.state == EpisodeState.CLOSED or one.organ in reds]
    if not ids:
        return {}
    return recall_episodes(session, participant_id=participant_id, episode_ids=ids, diary=diary, now=now)


def _raised(episode: Episode, cause: FlagCause, kind: EpisodeStepKind, alerts: int) -> RaisedEpisode:
    alert = kind in ALERTS
    return RaisedEpisode(
        episode_id=episode.id,
        organ=cause.organ,
        severity=cause.report.severity,
        alert=alert,
        alert_number=alerts + alert,
        acknowledge_by_at=episode.acknowledge_by_at,
    )


def _store_flags(session: Session, cause: FlagCause, raised: RaisedEpisode, diary_id: int | None) -> None:
    session.add_all(
        FlagRow(
            participant_id=cause.participant.id,
            diary_id=diary_id,
            episode_id=raised.episode_id,
            rule_id=flag.rule_id,
            rule_version=flag.rule_version,
            organ=cause.organ,
            severity=flag.severity,
            evidence=flag.evidence.to_json(),
            raised_at=cause.now,
            protocol_version=protocols.load_protocol().version,
            **_of_draft(cause.unsent, flag, raised),
        )
        for flag in cause.fresh
    )


def _of_draft(unsent: UnsentAnswers | None, flag: Flag, raised: RaisedEpisode) -> dict[str, Any]:
    if unsent is None:
        return {}
    waiting = None if raised.alert else unsent.waiting.get(raised.episode_id)
    number = raised.alert_number if raised.alert else waiting.number if waiting else None
    return {
        "draft_client_id": unsent.client_id,
        "diary_on": unsent.diary_on,
        "day_link": unsent.day_link,
        "page": unsent.pages.get(flag.rule_id),
        "alert_number": number,
        "alert_at": waiting.at if waiting else unsent.alert_at,
    }
