"""The list of participants, paged by study number. One statement, and nothing is decrypted."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.diary import local_day
from portal.domain.infusions import study_day
from portal.domain.triage import EpisodeState
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.models.triage import Episode
from portal.services.scope import within_sites

PAGE = 50


@dataclass(frozen=True, slots=True)
class ParticipantListRow:
    """``severity`` is the highest of the open episodes; ``last_on`` the day of the newest report."""

    study_number: str
    site: str
    arm: str | None
    status: str
    study_day: int
    last_on: date | None
    severity: str | None


@dataclass(frozen=True, slots=True)
class ParticipantListPage:
    """``next_after`` is what to ask for next, None on the last page."""

    rows: tuple[ParticipantListRow, ...]
    next_after: str | None


def list_participants(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    matching: str = "",
    after: str = "",
    limit: int = PAGE,
) -> ParticipantListPage:
    """Participants of the actor's sites whose study number contains ``matching``, from the one behind ``after`` on."""
    last_on = select(func.max(Diary.diary_on)).where(Diary.participant_id == Participant.id).scalar_subquery()
    severity = (
        select(func.max(Episode.severity))
        .where(Episode.participant_id == Participant.id, Episode.state != EpisodeState.CLOSED)
        .scalar_subquery()
    )
    statement = (
        select(
            Participant.study_number,
            Participant.site,
            Participant.arm,
            Participant.status,
            Participant.transplant_on,
            Participant.timezone,
            last_on,
            severity,
        )
        .where(within_sites(actor), Participant.study_number > after)
        .order_by(Participant.study_number)
        .limit(limit + 1)
    )
    if matching:
        statement = statement.where(Participant.study_number.icontains(matching, autoescape=True))
    found = session.execute(statement).all()
    rows = tuple(
        ParticipantListRow(
            number, site, arm, status, study_day(local_day(now, timezone), transplant_on), newest, highest
        )
        for number, site, arm, status, transplant_on, timezone, newest, highest in found[:limit]
    )
    return ParticipantListPage(rows, rows[-1].study_number if len(found) > limit else None)
