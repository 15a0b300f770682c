"""A participant's upcoming appointments, and the changes of them that are not yet marked as seen."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.infusions import AHEAD
from portal.models.infusions import Infusion, Visit
from portal.services import audit
from portal.services.infusions.calendar import CalendarEntry, list_calendar_entries
from portal.services.infusions.reading import STILL_NEXT, AppointmentView
from portal.services.scope import find_own_participant


@dataclass(frozen=True, slots=True)
class AppointmentOutlook:
    """``next``: one that began within the last hour is still the next. ``news``: soonest first."""

    next: AppointmentView | None
    news: tuple[CalendarEntry, ...]


def get_appointment_outlook(session: Session, *, actor: Actor, now: datetime) -> AppointmentOutlook:
    """Of the actor's own participant."""
    participant = find_own_participant(session, actor)
    known = sorted(
        list_calendar_entries(session, participant, protocols.load_protocol(), now),
        key=lambda entry: entry.appointment.at,
    )
    ahead = (entry for entry in known if entry.state in AHEAD and entry.appointment.at >= now - STILL_NEXT)
    coming = next(ahead, None)
    return AppointmentOutlook(
        next=coming.appointment if coming else None,
        news=tuple(entry for entry in known if entry.changed_at is not None),
    )


def mark_changes_seen(session: Session, *, actor: Actor, until: datetime, now: datetime) -> None:
    """The participant, or who answers for them, has seen every change up to ``until``; a later one stays news."""
    audit.begin(session, actor=actor, action="calendar:seen", now=now, participant_id=actor.participant_id)
    infusions = select(Infusion).where(Infusion.participant_id == actor.participant_id, Infusion.changed_at <= until)
    visits = select(Visit).where(Visit.participant_id == actor.participant_id, Visit.changed_at <= until)
    for row in (*session.scalars(infusions.with_for_update()), *session.scalars(visits.with_for_update())):
        row.seen_at = max(row.seen_at or now, now)
    session.flush()
