"""A participant's whole page at once: what its parts have in common is read once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.locking import ClosedPeriod
from portal.services import locking, triage
from portal.services.participants.calls import CallView, calls_about
from portal.services.participants.course import DiseaseCourse, get_disease_course
from portal.services.participants.page import ParticipantPage, build_participant_page
from portal.services.participants.shared_queries import SharedRows
from portal.services.participants.timeline import LIMIT, Timeline, get_timeline
from portal.services.scope import find_participant


@dataclass(frozen=True, slots=True)
class ParticipantOverview:
    page: ParticipantPage
    past: Timeline
    course: DiseaseCourse
    calls: tuple[CallView, ...]
    locks: tuple[ClosedPeriod, ...]


def get_participant_overview(
    session: Session,
    *,
    actor: Actor,
    study_number: str,
    now: datetime,
    before: datetime | None = None,
    limit: int = LIMIT,
    show: str | None = None,
) -> ParticipantOverview:
    """As ``page`` and ``timeline``. Raises NotFound for a participant of another site. A fixed number of statements."""
    participant = find_participant(session, actor, study_number)
    id_, rows = participant.id, SharedRows(session, participant.id)
    newest = rows.reports[0] if rows.reports else None
    estimate = triage.read_stored_estimate(newest.diary_on, newest.estimate) if newest and newest.estimate else None
    if estimate:
        estimate = triage.with_liver(session, estimate, participant_id=id_, now=now)
    return ParticipantOverview(
        page=build_participant_page(session, participant, now=now, estimate=estimate, slots=rows.slots),
        past=get_timeline(session, participant_id=id_, now=now, before=before, limit=limit, show=show, rows=rows),
        course=get_disease_course(session, participant_id=id_, now=now, rows=rows),
        calls=calls_about(session, participant_id=id_),
        locks=locking.list_active_locks(session, participant_id=id_),
    )
