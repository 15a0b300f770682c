"""Infusions and visits: making the plan, what staff do with it, and what the participant sees of it."""

from portal.services.infusions.acts import Given, Moved, cancel, confirm, hold, mark_given, miss, move
from portal.services.infusions.calendar import Calendar, CalendarDay, Entry, month
from portal.services.infusions.news import Outlook, mark_seen, outlook
from portal.services.infusions.plans import close_visit, plan, plan_visits
from portal.services.infusions.reading import Appointment, given_times, next_appointment

__all__ = [
    "Appointment",
    "Calendar",
    "CalendarDay",
    "Entry",
    "Given",
    "Moved",
    "Outlook",
    "cancel",
    "close_visit",
    "confirm",
    "given_times",
    "hold",
    "mark_given",
    "mark_seen",
    "miss",
    "month",
    "move",
    "next_appointment",
    "outlook",
    "plan",
    "plan_visits",
]
