"""Open or update episodes from flags, inside diary submission: the caller has begun the event and the transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Date, bindparam, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import alert_rules as rules
from portal.domain import triage
from portal.domain.alert_rules import Flag, Organ, Severity
from portal.domain.tasks import TaskKind, due_in_working_time
from portal.domain.triage import EpisodeState, EpisodeStepKind, EpisodeUpdate
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.models.triage import Episode, EpisodeStep
from portal.models.triage import Flag as FlagRow
from portal.services import tasks

ALERTS = (EpisodeStepKind.OPEN, EpisodeStepKind.WORSEN, EpisodeStepKind.RECUR)
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
class WaitingAlert:
    """An alert of an episode that tells of an unsent red and has not gone yet."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class UnsentAnswers:
    """The draft whose answers are red: ``pages`` by rule, and when staff are told of what no alert tells yet.

    ``waiting``: by episode, what tells them already; a further red of the draft goes with it.
    """

    client_id: str
    diary_on: date
    day_link: bool
    pages: Mapping[str, str | None]
    alert_at: datetime
    waiting: Mapping[int, WaitingAlert]


@dataclass(frozen=True, slots=True)
class FlagCause:
    """The report, or the draft (``unsent``), behind the flags of one organ.

    ``adopted`` are flags of this organ that the report's draft has raised: what they told is not told again.
    """

    participant: Participant
    organ: Organ
    flags: tuple[Flag, ...]
    stage: int | None
    now: datetime
    unsent: UnsentAnswers | None = None
    adopted: tuple[FlagRow, ...] = ()

    @property
    def fresh(self) -> tuple[Flag, ...]:
        """The flags that no adopted one tells already."""
        known = {_key(row.rule_id, row.evidence) for row in self.adopted}
        return tuple(flag for flag in self.flags if _key(flag.rule_id, flag.evidence.to_json()) not in known)

    def is_told(self, episode: Episode, met: frozenset[str]) -> bool:
        """Whether an alert of this episode tells of these flags already: one that waits, or that of the draft."""
        if self.unsent:
            return episode.id in self.unsent.waiting and episode.state == EpisodeState.NEW
        reds = {flag.rule_id for flag in self.fresh if flag.severity is Severity.RED}
        return bool(self.adopted) and (episode.state == EpisodeState.NEW or reds <= met)

    @property
    def report(self) -> EpisodeUpdate:
        """The update that these flags make without an open episode."""
        return triage.update_episode(None, self.flags, self.stage)


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
) -> tuple[RaisedEpisode, ...]:
    """Open, join, worsen or reopen one episode an organ, and store every flag.

    ``diary`` is in the session and stored here, together with the episodes that open; None: a draft (``unsent``) or
    silence raised the flags. ``adopted``: the flags that the diary's draft has raised, which become the diary's.
    ``stages`` are the provisional stages by organ. The caller holds the participant's row, so that nobody else opens an
    episode at the same time.
    """
    organs = tuple(dict.fromkeys(flag.organ for flag in flags))
    if not organs:
        session.flush()
        return ()
    with session.no_autoflush:
        about_on = diary.diary_on if diary else unsent.diary_on if unsent else None
        standing = _standing(session, participant.id, organs, about_on, now)
    episodes = {episode.organ: episode for episode, _, _ in standing}
    alerts = {episode.id: count for episode, count, _ in standing}
    met = {episode.id: rules_met for episode, _, rules_met in standing}
    causes = [_cause(participant, organ, flags, stages.get(organ), now, unsent, adopted) for organ in organs]
    opened = {cause.organ: _opened(session, cause) for cause in causes if cause.organ not in episodes}
    session.flush()
    diary_id = diary.id if diary else None
    if any(flag.rule_id in rules.BILIRUBIN_WANTED for cause in causes for flag in cause.fresh):
        _want_bilirubin(session, participant, f"draft:{unsent.client_id}" if unsent else f"diary:{diary_id}", now)
    raised = []
    for cause in causes:
        episode = opened.get(cause.organ) or episodes[cause.organ]
        kind = EpisodeStepKind.OPEN if cause.organ in opened else _met_again(session, episode, cause, met)
        if kind is EpisodeStepKind.OPEN:
            _step(session, episode, EpisodeStepKind.OPEN, None, now)
        one = _raised(episode, cause, kind, alerts)
        _store_flags(session, cause, one, diary_id)
        raised.append(one)
    session.flush()
    return tuple(raised)


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


def _want_bilirubin(session: Session, participant: Participant, dedupe_key: str, now: datetime) -> None:
    """Jaundice and dark urine ask for a result; the task stays until there is one, or a reason."""
    protocol = protocols.load_protocol()
    tasks.open_task(
        session,
        kind=TaskKind.BILIRUBIN_WANTED,
        participant_id=participant.id,
        site=participant.site,
        dedupe_key=dedupe_key,
        due_at=due_in_working_time(now, clocks=protocol.clocks, timezone=protocol.timezone),
        now=now,
    )


def _standing(
    session: Session, participant_id: int, organs: Sequence[str], diary_on: date | None, now: datetime
) -> Sequence[tuple[Episode, int, frozenset[str]]]:
    """The organs' episodes with the alerts that each has given and the rules that it has met; last of an organ the one
    that is open, else the newest that was closed not too long ago.
    """
    since = now - timedelta(days=protocols.load_protocol().clocks.episode_reopen_days)
    given = {"participant_id": participant_id, "organs": list(organs), "closed_since": since, "diary_on": diary_on}
    return [
        (episode, count, frozenset((rules_met or "").split()))
        for episode, count, rules_met in session.execute(STANDING, given)
    ]


def _met_again(session: Session, episode: Episode, cause: FlagCause, met: Mapping[int, frozenset[str]]) -> str:
    known = met.get(episode.id, frozenset())
    if cause.is_told(episode, known):
        return _joined_quietly(session, episode, cause, known)
    if episode.state == EpisodeState.CLOSED:
        return _recurred(session, episode, cause, cause.report)
    return _joined(session, episode, cause, cause.report, known)


def _raised(episode: Episode, cause: FlagCause, kind: str, alerts: Mapping[int, int]) -> RaisedEpisode:
    alert = kind in ALERTS
    return RaisedEpisode(
        episode_id=episode.id,
        organ=cause.organ,
        severity=cause.report.severity,
        alert=alert,
        alert_number=alerts.get(episode.id, 0) + alert,
        acknowledge_by_at=episode.acknowledge_by_at,
    )


def _opened(session: Session, cause: FlagCause) -> Episode:
    """Its row, in the session and not yet stored."""
    report = cause.report
    episode = Episode(
        participant_id=cause.participant.id,
        site=cause.participant.site,
        organ=cause.organ,
        severity=report.severity,
        stage=report.stage,
        state=EpisodeState.NEW,
        opened_at=cause.now,
        last_flag_at=cause.now,
        acknowledge_by_at=_deadline(report, cause),
        close_by_at=_close_by(report, cause),
        protocol_version=protocols.load_protocol().version,
    )
    session.add(episode)
    return episode


def _recurred(session: Session, episode: Episode, cause: FlagCause, report: EpisodeUpdate) -> str:
    """The same trouble again soon after closing: the report's own severity, and a new clock."""
    _step(session, episode, EpisodeStepKind.RECUR, triage.next_state(episode.state, EpisodeStepKind.RECUR), cause.now)
    episode.severity, episode.stage = report.severity, report.stage
    episode.closed_at = episode.outcome = episode.seen_at = episode.seen_by_id = None
    episode.last_flag_at, episode.acknowledge_by_at = cause.now, _deadline(report, cause)
    episode.close_by_at = _close_by(report, cause)
    return EpisodeStepKind.RECUR


def _joined(session: Session, episode: Episode, cause: FlagCause, report: EpisodeUpdate, met: frozenset[str]) -> str:
    before = triage.OpenEpisode(episode.severity, episode.stage, met)
    after = triage.update_episode(before, cause.flags, cause.stage)
    episode.severity, episode.stage, episode.last_flag_at = after.severity, after.stage, cause.now
    if not after.alert:
        _step(session, episode, EpisodeStepKind.JOIN, episode.state, cause.now)
        return EpisodeStepKind.JOIN
    deadline, closing = _deadline(report, cause), _close_by(report, cause)
    unseen = episode.state == EpisodeState.NEW
    episode.acknowledge_by_at = min(deadline, episode.acknowledge_by_at) if unseen else deadline
    episode.close_by_at = min(closing, episode.close_by_at) if unseen else closing
    episode.seen_at = episode.seen_by_id = episode.waiting_for = None
    _step(session, episode, EpisodeStepKind.WORSEN, triage.next_state(episode.state, EpisodeStepKind.WORSEN), cause.now)
    return EpisodeStepKind.WORSEN


def _joined_quietly(session: Session, episode: Episode, cause: FlagCause, met: frozenset[str]) -> str:
    """As worse as the flags make it, without a new clock or alert."""
    after = triage.update_episode(triage.OpenEpisode(episode.severity, episode.stage, met), cause.flags, cause.stage)
    if episode.state != EpisodeState.CLOSED:
        episode.severity, episode.stage = after.severity, after.stage
    episode.last_flag_at = cause.now
    _step(session, episode, EpisodeStepKind.JOIN, episode.state, cause.now)
    return EpisodeStepKind.JOIN


def _deadline(report: EpisodeUpdate, cause: FlagCause) -> datetime:
    protocol = protocols.load_protocol()
    return triage.acknowledge_by(report.severity, at=cause.now, clocks=protocol.clocks, timezone=protocol.timezone)


def _close_by(report: EpisodeUpdate, cause: FlagCause) -> datetime:
    return triage.close_by(report.severity, at=cause.now, clocks=protocols.load_protocol().clocks)


def _step(
    session: Session, episode: Episode, kind: EpisodeStepKind, to_state: EpisodeState | None, now: datetime
) -> None:
    session.add(
        EpisodeStep(
            participant_id=episode.participant_id,
            episode_id=episode.id,
            kind=kind,
            from_state=episode.state if to_state else None,
            to_state=to_state or episode.state,
            at=now,
        )
    )
    if to_state:
        episode.state = to_state


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


def _key(rule_id: str, evidence: Mapping[str, Any]) -> tuple[str, str]:
    return rule_id, json.dumps(evidence, sort_keys=True)
