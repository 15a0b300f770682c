"""A red that the participant took back: it stays on the list as an amber until somebody has seen it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import triage
from portal.domain.alert_rules import Severity
from portal.domain.triage import EpisodeState, EpisodeStepKind
from portal.models.triage import Episode, EpisodeStep, Flag

BEGINNINGS: Final = (EpisodeStepKind.OPEN, EpisodeStepKind.RECUR)
SEEN: Final = (EpisodeStepKind.CLAIM, EpisodeStepKind.CLOSE)
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def take_back_flags(session: Session, *, flags: Sequence[Flag], now: datetime) -> None:
    """The flags lose their ground; an episode that only they made red is amber, unseen, with amber's clock.

    The caller holds the participant's row and has begun the audit event.
    """
    for flag in flags:
        flag.corrected_at = flag.taken_back_at = now
    session.flush()
    for episode_id in sorted({flag.episode_id for flag in flags}):
        episode = session.get_one(Episode, episode_id)
        _step(session, episode, now)
        if episode.severity == Severity.RED and not _is_red_still(session, episode):
            _lower(session, episode, now)
    session.flush()


def _step(session: Session, episode: Episode, now: datetime) -> None:
    session.add(
        EpisodeStep(
            participant_id=episode.participant_id,
            episode_id=episode.id,
            kind=EpisodeStepKind.TAKE_BACK,
            from_state=None,
            to_state=episode.state,
            at=now,
        )
    )


def _is_red_still(session: Session, episode: Episode) -> bool:
    """Whether another red stands since the episode was opened or last reopened."""
    since = (
        select(func.max(EpisodeStep.at))
        .where(EpisodeStep.episode_id == episode.id, EpisodeStep.kind.in_(BEGINNINGS))
        .scalar_subquery()
    )
    statement = select(Flag.id).where(
        Flag.episode_id == episode.id,
        Flag.severity == Severity.RED,
        Flag.corrected_at.is_(None),
        Flag.raised_at >= func.coalesce(since, episode.opened_at),
    )
    return session.execute(statement.limit(1)).first() is not None


def _lower(session: Session, episode: Episode, now: datetime) -> None:
    """An older amber that nobody has seen keeps its time."""
    protocol = protocols.load_protocol()
    episode.severity = Severity.AMBER
    if episode.state != EpisodeState.NEW:
        return
    at = min(now, _oldest_unseen(session, episode) or now)
    episode.acknowledge_by_at = triage.acknowledge_by(
        Severity.AMBER, at=at, clocks=protocol.clocks, timezone=protocol.timezone
    )
    episode.close_by_at = triage.close_by(Severity.AMBER, at=at, clocks=protocol.clocks)


def _oldest_unseen(session: Session, episode: Episode) -> datetime | None:
    seen = (
        select(func.max(EpisodeStep.at))
        .where(EpisodeStep.episode_id == episode.id, EpisodeStep.kind.in_(SEEN))
        .scalar_subquery()
    )
    statement = select(func.min(Flag.raised_at)).where(
        Flag.episode_id == episode.id, Flag.corrected_at.is_(None), Flag.raised_at > func.coalesce(seen, LONG_AGO)
    )
    return session.execute(statement).scalar_one_or_none()
