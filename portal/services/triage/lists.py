"""The triage list: open episodes, red first, then by deadline; filtered, paged by key. A fixed number of statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, case, func, select, tuple_
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.alert_rules import Evidence, Severity
from portal.domain.infusions import study_day
from portal.domain.triage import EpisodeState
from portal.models.people import Participant, Staff
from portal.models.triage import Episode, Flag
from portal.services.scope import within_sites
from portal.services.triage.strips import DATES, DiarySpan, StripDay, Strips, list_strips

NO_OWNER: Final = 0
MANY: Final = 10_000
TOLD: Final = 50


@dataclass(frozen=True, slots=True)
class TakenBackRed:
    """A red answer that the participant took back, of an episode that nobody has claimed since."""

    evidence: Evidence
    answered_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenEpisodeRow:
    """``evidence`` is what the newest report added, most severe first; ``strip`` the organ's last days.

    ``unsent_since_at``: the oldest red answer of a diary that is not sent yet, None without one.
    """

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
    close_by_at: datetime
    waiting_for: str | None
    unsent_since_at: datetime | None = None
    taken_back: tuple[TakenBackRed, ...] = ()


@dataclass(frozen=True, slots=True)
class EpisodeFilter:
    """Which of the open episodes are asked for; None: any. ``owner_id`` ``NOBODY``: those without an owner."""

    site: str | None = None
    severity: str | None = None
    organ: str | None = None
    state: str | None = None
    owner_id: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted = {
            Episode.site: self.site,
            Episode.severity: self.severity,
            Episode.organ: self.organ,
            Episode.state: self.state,
        }
        found: list[ColumnElement[bool]] = [column == value for column, value in wanted.items() if value is not None]
        if self.owner_id is not None:
            found.append(Episode.owner_id.is_(None) if self.owner_id == NO_OWNER else Episode.owner_id == self.owner_id)
        return found


@dataclass(frozen=True, slots=True)
class UnseenRed:
    """A red that nobody has looked at."""

    episode_id: int
    study_number: str
    organ: str


@dataclass(frozen=True, slots=True)
class OpenEpisodePage:
    """``total`` counts all that were asked for; ``elsewhere`` are unseen reds that this page does not show.

    ``next_after``: the last episode of the page, to be asked for next; None on the last page.
    """

    rows: tuple[OpenEpisodeRow, ...]
    total: int
    elsewhere: tuple[UnseenRed, ...]
    next_after: int | None


# Red before amber, what nobody has looked at before what somebody has, then by the clock that runs.
ORDER: Final = (
    case((Episode.severity == Severity.RED, 0), else_=1),
    case((Episode.seen_at.is_(None), 0), else_=1),
    case((Episode.seen_at.is_(None), Episode.acknowledge_by_at), else_=Episode.close_by_at),
    Episode.id,
)


def list_open_episodes(session: Session, *, actor: Actor, now: datetime) -> tuple[OpenEpisodeRow, ...]:
    """Everything that is open, on one page."""
    return list_open_page(session, actor=actor, now=now, limit=MANY).rows


def list_open_page(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    limit: int,
    narrowed: EpisodeFilter | None = None,
    after: int | None = None,
) -> OpenEpisodePage:
    """A page of what is open at the actor's sites, from behind the episode ``after`` on (unknown: from the start)."""
    wanted = [
        within_sites(actor, Episode.site),
        Episode.state != EpisodeState.CLOSED,
        *(narrowed or EpisodeFilter()).conditions(),
    ]
    statement = (
        select(Episode, Participant.study_number, Staff.name, *DATES)
        .join(Participant, Participant.id == Episode.participant_id)
        .outerjoin(Staff, Staff.id == Episode.owner_id)
        .where(*wanted)
        .order_by(*ORDER)
        .limit(limit + 1)
    )
    anchor = session.execute(select(*ORDER).where(Episode.id == after, within_sites(actor, Episode.site))).one_or_none()
    if anchor is not None:
        statement = statement.where(tuple_(*ORDER) > tuple_(*anchor))
    found = session.execute(statement).all()
    shown = found[:limit]
    total = int(session.execute(select(func.count()).where(*wanted)).scalar_one())
    rows = _rows(session, shown, now)
    return OpenEpisodePage(
        rows=rows,
        total=total,
        elsewhere=_elsewhere(session, actor, {row.episode_id for row in rows}),
        next_after=rows[-1].episode_id if len(found) > limit else None,
    )


def _elsewhere(session: Session, actor: Actor, shown: Collection[int]) -> tuple[UnseenRed, ...]:
    rows = session.execute(
        select(Episode.id, Participant.study_number, Episode.organ)
        .join(Participant, Participant.id == Episode.participant_id)
        .where(
            within_sites(actor, Episode.site),
            Episode.state != EpisodeState.CLOSED,
            Episode.severity == Severity.RED,
            Episode.seen_at.is_(None),
            Episode.id.not_in(shown),
        )
        .order_by(Episode.acknowledge_by_at, Episode.id)
        .limit(TOLD)
    )
    return tuple(UnseenRed(id_, number, organ) for id_, number, organ in rows)


def _rows(session: Session, found: Sequence[Any], now: datetime) -> tuple[OpenEpisodeRow, ...]:
    """``found``: an episode, a study number, the owner's name and the participant's dates each."""
    spans = {row.Episode.id: DiarySpan.of(row, now) for row in found}
    days = list_strips(session, spans=spans.values(), organs=[row.Episode.organ for row in found])
    told = _told_flags(session, list(spans))
    return tuple(_row(row, spans[row.Episode.id], days, told.get(row.Episode.id, ())) for row in found)


def _row(found: Any, span: DiarySpan, days: Strips, told: Sequence[Row[Any]]) -> OpenEpisodeRow:
    episode: Episode = found.Episode
    seen_at = episode.seen_at
    return OpenEpisodeRow(
        episode_id=episode.id,
        study_number=found.study_number,
        study_day=study_day(span.today_on, found.transplant_on),
        organ=episode.organ,
        severity=episode.severity,
        state=episode.state,
        stage=episode.stage,
        evidence=tuple(Evidence.from_json(one.evidence) for one in told if one.newest),
        strip=days[span.participant_id][episode.organ],
        last_flag_at=episode.last_flag_at,
        acknowledge_by_at=episode.acknowledge_by_at,
        seen_at=episode.seen_at,
        owner=found.name,
        close_by_at=episode.close_by_at,
        waiting_for=episode.waiting_for,
        unsent_since_at=min((one.raised_at for one in told if one.of_draft and not one.corrected_at), default=None),
        taken_back=tuple(
            TakenBackRed(Evidence.from_json(one.evidence), one.raised_at, one.taken_back_at)
            for one in told
            if one.taken_back_at and (seen_at is None or one.taken_back_at > seen_at)
        ),
    )


def _told_flags(session: Session, episode_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """By episode what the newest report added (``newest``), and the red answers of drafts, also those taken back."""
    stands = Flag.taken_back_at.is_(None) | Flag.corrected_at.is_(None)
    newest = (
        select(Flag.episode_id, func.max(Flag.raised_at).label("raised_at"))
        .where(Flag.episode_id.in_(episode_ids), stands)
        .group_by(Flag.episode_id)
        .subquery()
    )
    is_newest, of_draft = Flag.raised_at == newest.c.raised_at, Flag.draft_client_id.is_not(None)
    rows = session.execute(
        select(
            Flag.episode_id, Flag.severity, Flag.evidence, Flag.raised_at, Flag.corrected_at, Flag.taken_back_at,
            and_(is_newest, stands).label("newest"), and_(of_draft, Flag.diary_id.is_(None)).label("of_draft"),
        )
        .outerjoin(newest, newest.c.episode_id == Flag.episode_id)
        .where(Flag.episode_id.in_(episode_ids), and_(is_newest, stands) | and_(of_draft, Flag.diary_id.is_(None)))
        .order_by(Flag.id)
    )  # fmt: skip
    found: dict[int, list[Row[Any]]] = {}
    for row in sorted(rows, key=lambda row: -Severity(row.severity).rank):
        found.setdefault(row.episode_id, []).append(row)
    return found
