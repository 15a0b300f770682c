"""What withdrawal and return change in infusions and visits. The caller has begun the audit event."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import infusions
from portal.domain.diary import local_day
from portal.domain.infusions import UNSETTLED, InfusionState, VisitState, VisitStep
from portal.models.infusions import Infusion, Visit
from portal.models.people import Participant
from portal.services.infusions import revision


def cancel_upcoming(session: Session, *, participant_id: int, now: datetime) -> int:
    """Cancel every infusion and visit that nobody has recorded yet; how many. No deviation: the person left.

    Infusions cancelled so may be planned again: ``plan``. The caller plans the texts anew.
    """
    theirs = select(Infusion).where(Infusion.participant_id == participant_id, Infusion.state.in_(UNSETTLED))
    infusion_rows = session.scalars(theirs.order_by(Infusion.number).with_for_update()).all()
    for row in infusion_rows:
        row.state, row.reason, row.deviations = InfusionState.CANCELLED, None, None
        revision.mark_changed(row, now)
    visits = select(Visit).where(Visit.participant_id == participant_id, Visit.state == VisitState.PLANNED)
    visit_rows = session.scalars(visits.order_by(Visit.id).with_for_update()).all()
    for visit in visit_rows:
        visit.state, visit.reason = infusions.next_visit_state(visit.state, VisitStep.CANCEL), None
        revision.mark_changed(visit, now)
    session.flush()
    return len(infusion_rows) + len(visit_rows)


def reopen_visits(session: Session, *, participant_id: int, now: datetime) -> int:
    """Plan cancelled visits again whose window has not passed, for a participant who has come back; how many."""
    participant = session.get_one(Participant, participant_id)
    today = local_day(now, participant.timezone)
    cancelled = select(Visit).where(
        Visit.participant_id == participant_id, Visit.state == VisitState.CANCELLED, Visit.window_until_on >= today
    )
    rows = session.scalars(cancelled.order_by(Visit.id).with_for_update()).all()
    for visit in rows:
        visit.state = infusions.next_visit_state(visit.state, VisitStep.REPLAN)
        revision.mark_changed(visit, now)
    session.flush()
    return len(rows)
