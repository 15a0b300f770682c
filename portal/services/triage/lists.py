"""The ward's list: open episodes by clock, red first, and who has gone silent. The number of statements is fixed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.diary import local_day
from portal.domain.flags import Evidence, Severity
from portal.domain.infusions import study_day
from portal.domain.triage import State
from portal.models.diary import Diary
from portal.models.people import Participant, Staff
from portal.models.triage import Episode, Flag
from portal.services.triage.strips import Span, StripDay, strips

SILENT_DAYS = 2


@dataclass(frozen=True, slots=True)
class OpenRow:
    """``evidence`` is what the newest report added, most severe first; ``strip`` the organ's last days."""

    episode_id: int
    study_number: str
    study_day: int
    organ: str
    severity: str
    state: str
    stage: int | None
    evidence: tuple[Evidence, ...]
    strip: tuple[StripDay, ...]
    last_flag_at: datetime
    acknowledge_by_at: datetime
    seen_at: datetime | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class SilentRow:
    """``last_on`` None: no diary yet."""

    study_number: str
    study_day: int
    last_on: date | None


def open_list(session: Session, *, sites: Collection[str], now: datetime) -> tuple[OpenRow, ...]:
    """Red before amber, what nobody has looked at before what somebody has, then by clock."""
    found = session.execute(
        select(Episode, Participant, Staff.name)
        .join(Participant, Participant.id == Episode.participant_id)
        .outerjoin(Staff, Staff.id == Episode.owner_id)
        .where(Episode.site.in_(sites), Episode.state != State.CLOSED)
        .order_by(Episode.severity.desc(), Episode.seen_at.is_not(None), Episode.acknowledge_by_at, Episode.id)
    ).all()
    spans = {participant.id: Span.of(participant, now) for _, participant, _ in found}
    days = strips(session, spans=spans.values(), organs=[episode.organ for episode, _, _ in found])
    newest = _newest_evidence(session, [episode.id for episode, _, _ in found])
    return tuple(
        OpenRow(
            episode_id=episode.id,
            study_number=participant.study_number,
            study_day=study_day(spans[participant.id].today_on, participant.transplant_on),
            organ=episode.organ,
            severity=episode.severity,
            state=episode.state,
            stage=episode.stage,
            evidence=newest.get(episode.id, ()),
            strip=days[participant.id][episode.organ],
            last_flag_at=episode.last_flag_at,
            acknowledge_by_at=episode.acknowledge_by_at,
            seen_at=episode.seen_at,
            owner=owner,
        )
        for episode, participant, owner in found
    )


def _newest_evidence(session: Session, episode_ids: Sequence[int]) -> dict[int, tuple[Evidence, ...]]:
    newest = (
        select(Flag.episode_id, func.max(Flag.raised_at).label("raised_at"))
        .where(Flag.episode_id.in_(episode_ids))
        .group_by(Flag.episode_id)
        .subquery()
    )
    rows = session.execute(
        select(Flag.episode_id, Flag.severity, Flag.evidence)
        .join(newest, (newest.c.episode_id == Flag.episode_id) & (newest.c.raised_at == Flag.raised_at))
        .order_by(Flag.id)
    )
    gathered: dict[int, list[Any]] = {}
    for episode_id, _, evidence in sorted(rows, key=lambda row: -Severity(row[1]).rank):
        gathered.setdefault(episode_id, []).append(evidence)
    return {key: tuple(map(Evidence.from_json, stored)) for key, stored in gathered.items()}


def silent_list(session: Session, *, sites: Collection[str], now: datetime) -> tuple[SilentRow, ...]:
    """Active participants whose diaries of the last two days are both missing, longest silence first."""
    newest = (
        select(Diary.participant_id, func.max(Diary.diary_on).label("on")).group_by(Diary.participant_id).subquery()
    )
    today = local_day(now, protocols.load().timezone)
    silent_since = today - timedelta(days=SILENT_DAYS)
    rows = session.execute(
        select(Participant, newest.c.on)
        .outerjoin(newest, newest.c.participant_id == Participant.id)
        .where(
            Participant.site.in_(sites),
            Participant.status == "active",
            newest.c.on.is_(None) | (newest.c.on < silent_since),
        )
        .order_by(newest.c.on.nulls_first(), Participant.study_number)
    )
    return tuple(
        SilentRow(participant.study_number, study_day(today, participant.transplant_on), last_on)
        for participant, last_on in rows
        if _owed(Span.of(participant, now), silent_since)
    )


def _owed(span: Span, silent_since: date) -> bool:
    return span.first_on <= silent_since and silent_since + timedelta(days=SILENT_DAYS - 1) <= span.last_on
