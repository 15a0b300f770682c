"""A participant's whole page at once: what its parts have in common is read once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.locking import Lock
from portal.services import locking, triage
from portal.services.participants.calls import CallSeen, calls_about
from portal.services.participants.course import Course, course
from portal.services.participants.page import ParticipantPage, page_of
from portal.services.participants.shared_queries import Rows
from portal.services.participants.timeline import LIMIT, Timeline, timeline
from portal.services.scope import find_participant


@dataclass(frozen=True, slots=True)
class Whole:
    page: ParticipantPage
    past: Timeline
    course: Course
    calls: tuple[CallSeen, ...]
    locks: tuple[Lock, ...]


def whole(
    session: Session,
    *,
    actor: Actor,
    study_number: str,
    now: datetime,
    before: datetime | None = None,
    limit: int = LIMIT,
    show: str | None = None,
) -> Whole:
    """As ``page`` and ``timeline``. Raises NotFound for a participant of another site. A fixed number of statements."""
    participant = find_participant(session, actor, study_number)
    id_, rows = participant.id, Rows(session, participant.id)
    newest = rows.reports[0] if rows.reports else None
    estimate = triage.of_diary(newest.diary_on, newest.estimate) if newest and newest.estimate else None
    return Whole(
        page=page_of(session, participant, now=now, estimate=estimate, slots=rows.slots),
        past=timeline(session, participant_id=id_, now=now, before=before, limit=limit, show=show, rows=rows),
        course=course(session, participant_id=id_, now=now, rows=rows),
        calls=calls_about(session, participant_id=id_),
        locks=locking.standing(session, participant_id=id_),
    )
