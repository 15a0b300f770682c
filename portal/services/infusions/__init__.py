"""Infusions and visits: making the plan, what staff do with it, and what the participant sees of it."""

from portal.services.infusions.acts import Moved, cancel, confirm, hold, miss, move, take_back
from portal.services.infusions.calendar import Calendar, CalendarDay, Entry, month
from portal.services.infusions.giving import Given, Reckoning, mark_given, reckon
from portal.services.infusions.lists import Key, ListPage, ListRow, deviations, due
from portal.services.infusions.moving import Preview, Shift, preview_move
from portal.services.infusions.participant_changes import Outlook, mark_seen, outlook
from portal.services.infusions.plans import Draft, draft, plan
from portal.services.infusions.reading import (
    Appointment,
    Slot,
    given_of,
    given_times,
    next_appointment,
    next_of,
    slots,
)
from portal.services.infusions.staff_queries import CourseSeen, InfusionSeen, VisitSeen, course_around, course_of, visit
from portal.services.infusions.visits import attend, miss_visit, move_visit, plan_visits, take_back_visit
from portal.services.infusions.withdrawal import cancel_ahead, reopen_visits

__all__ = [
    "Appointment",
    "Calendar",
    "CalendarDay",
    "CourseSeen",
    "Draft",
    "Entry",
    "Given",
    "InfusionSeen",
    "Key",
    "ListPage",
    "ListRow",
    "Moved",
    "Outlook",
    "Preview",
    "Reckoning",
    "Shift",
    "Slot",
    "VisitSeen",
    "attend",
    "cancel",
    "cancel_ahead",
    "confirm",
    "course_around",
    "course_of",
    "deviations",
    "draft",
    "due",
    "given_of",
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
    "next_of",
    "outlook",
    "plan",
    "plan_visits",
    "preview_move",
    "reckon",
    "reopen_visits",
    "slots",
    "take_back",
    "take_back_visit",
    "visit",
]
