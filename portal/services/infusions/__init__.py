"""Infusions and visits: making the plan, what staff do with it, and what the participant sees of it."""

from portal.services.infusions.acts import Moved, cancel, confirm, hold, miss, move
from portal.services.infusions.calendar import Calendar, CalendarDay, Entry, month
from portal.services.infusions.giving import Given, Reckoning, mark_given, reckon
from portal.services.infusions.leaving import cancel_ahead, reopen_visits
from portal.services.infusions.moving import Preview, Shift, preview_move
from portal.services.infusions.news import Outlook, mark_seen, outlook
from portal.services.infusions.plans import Draft, draft, plan
from portal.services.infusions.reading import Appointment, given_times, next_appointment
from portal.services.infusions.visits import attend, miss_visit, move_visit, plan_visits

__all__ = [
    "Appointment",
    "Calendar",
    "CalendarDay",
    "Draft",
    "Entry",
    "Given",
    "Moved",
    "Outlook",
    "Preview",
    "Reckoning",
    "Shift",
    "attend",
    "cancel",
    "cancel_ahead",
    "confirm",
    "draft",
    "given_times",
    "hold",
    "mark_given",
    "mark_seen",
    "miss",
    "miss_visit",
    "month",
    "move",
    "move_visit",
    "next_appointment",
    "outlook",
    "plan",
    "plan_visits",
    "preview_move",
    "reckon",
    "reopen_visits",
]
