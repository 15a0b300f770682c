"""The ways of an episode when flags meet it: it opens, is joined, gets worse, comes back or is listed again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import triage
from portal.domain.alert_rules import Flag, Organ, Severity
from portal.domain.triage import AfterClosing, EpisodeState, EpisodeStepKind, EpisodeUpdate
from portal.models.people import Participant
from portal.models.triage import Episode, EpisodeStep
from portal.models.triage import Flag as FlagRow
from portal.services.triage.memory import EpisodeMemory


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

    def is_told(self, episode: Episode, met: frozenset[str], memory: EpisodeMemory) -> bool:
        """Whether an alert of this episode tells of these flags already: one that waits, or that of the draft."""
        if self.unsent:
            return episode.id in self.unsent.waiting and episode.state == EpisodeState.NEW
        step = protocols.load_protocol().clocks.fever_step_cel
        reds = [flag for flag in self.fresh if flag.severity is Severity.RED]
        no_news = all(
            flag.rule_id in met and not triage.is_step_worse(flag, memory.told, fever_step_cel=step) for flag in reds
        )
        return bool(self.adopted) and (episode.state == EpisodeState.NEW or no_news)

    @property
    def report(self) -> EpisodeUpdate:
        """The update that these flags make without an open episode."""
        return triage.update_episode(None, self.flags, self.stage)


def meet_again(
    session: Session,
    episode: Episode,
    cause: FlagCause,
    known: frozenset[str],
    memory: EpisodeMemory,
) -> EpisodeStepKind:
    """What the flags do to an episode that stands; ``known`` are the rules that it has met."""
    if cause.is_told(episode, known, memory):
        return _joined_quietly(session, episode, cause, known)
    if episode.state == EpisodeState.CLOSED:
        return _met_closed(session, episode, cause, memory)
    return _joined(session, episode, cause, cause.report, known, memory)


def _met_closed(session: Session, episode: Episode, cause: FlagCause, memory: EpisodeMemory) -> EpisodeStepKind:
    """What staff have closed a few days ago: reopened, listed as continuing, or joined without coming back."""
    before = triage.ClosedEpisode(episode.stage, episode.outcome, memory.last_met, memory.contact_at, memory.answered)
    clocks = protocols.load_protocol().clocks
    what = triage.meet_closed_episode(before, cause.flags, cause.stage, now=cause.now, clocks=clocks)
    if what is AfterClosing.RECUR:
        return _recurred(session, episode, cause, cause.report)
    episode.last_flag_at = cause.now
    if what is AfterClosing.JOIN:
        _step(session, episode, EpisodeStepKind.JOIN, EpisodeState.CLOSED, cause.now)
        return EpisodeStepKind.JOIN
    _continued(session, episode, cause)
    return EpisodeStepKind.CONTINUE


def _continued(session: Session, episode: Episode, cause: FlagCause) -> None:
    """On the list again, as one that has been spoken about."""
    state = triage.next_state(episode.state, EpisodeStepKind.CONTINUE)
    _step(session, episode, EpisodeStepKind.CONTINUE, state, cause.now)
    episode.severity = cause.report.severity
    episode.closed_at = episode.outcome = None
    episode.close_by_at = _close_by(cause.report, cause)


def new_episode(cause: FlagCause) -> Episode:
    """The row of an episode that opens."""
    report = cause.report
    return Episode(
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


def _recurred(session: Session, episode: Episode, cause: FlagCause, report: EpisodeUpdate) -> EpisodeStepKind:
    """The same trouble again soon after closing: the report's own severity, and a new clock."""
    _step(session, episode, EpisodeStepKind.RECUR, triage.next_state(episode.state, EpisodeStepKind.RECUR), cause.now)
    episode.severity, episode.stage = report.severity, report.stage
    episode.closed_at = episode.outcome = episode.seen_at = episode.seen_by_id = None
    episode.last_flag_at, episode.acknowledge_by_at = cause.now, _deadline(report, cause)
    episode.close_by_at = _close_by(report, cause)
    return EpisodeStepKind.RECUR


def _joined(
    session: Session,
    episode: Episode,
    cause: FlagCause,
    report: EpisodeUpdate,
    met: frozenset[str],
    memory: EpisodeMemory,
) -> EpisodeStepKind:
    before = triage.OpenEpisode(episode.severity, episode.stage, met, memory.last_reds, memory.told)
    after = triage.update_episode(
        before, cause.flags, cause.stage, fever_step_cel=protocols.load_protocol().clocks.fever_step_cel
    )
    is_older_worse = episode.severity.rank >= report.severity.rank
    episode.severity, episode.stage, episode.last_flag_at = after.severity, after.stage, cause.now
    if not after.alert:
        _step(session, episode, EpisodeStepKind.JOIN, episode.state, cause.now)
        return EpisodeStepKind.JOIN
    deadline, closing = _deadline(report, cause), _close_by(report, cause)
    # What nobody has looked at keeps its time, unless it was milder and its time is over: then the red's clock begins.
    if episode.state == EpisodeState.NEW and (is_older_worse or episode.acknowledge_by_at > cause.now):
        deadline, closing = min(deadline, episode.acknowledge_by_at), min(closing, episode.close_by_at)
    episode.acknowledge_by_at, episode.close_by_at = deadline, closing
    episode.seen_at = episode.seen_by_id = episode.waiting_for = None
    _step(session, episode, EpisodeStepKind.WORSEN, triage.next_state(episode.state, EpisodeStepKind.WORSEN), cause.now)
    return EpisodeStepKind.WORSEN


def _joined_quietly(session: Session, episode: Episode, cause: FlagCause, met: frozenset[str]) -> EpisodeStepKind:
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


def _step(session: Session, episode: Episode, kind: EpisodeStepKind, to_state: EpisodeState, now: datetime) -> None:
    session.add(new_step(episode, kind, episode.state, to_state, now))
    episode.state = to_state


def new_step(
    episode: Episode, kind: EpisodeStepKind, from_state: EpisodeState | None, to_state: EpisodeState, now: datetime
) -> EpisodeStep:
    """The row of a step."""
    return EpisodeStep(
        participant_id=episode.participant_id,
        episode_id=episode.id,
        kind=kind,
        from_state=from_state,
        to_state=to_state,
        at=now,
    )


def _key(rule_id: str, evidence: Mapping[str, Any]) -> tuple[str, str]:
    return rule_id, json.dumps(evidence, sort_keys=True)
