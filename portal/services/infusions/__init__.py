"""Infusions and visits: making the plan, what staff do with it, and what the participant sees of it."""

from portal.services.infusions.acts import (
    MoveResult,
    cancel_infusion,
    confirm_infusion,
    hold_infusion,
    miss_infusion,
    move_infusion,
    take_back_infusion,
)
from portal.services.infusions.calendar import CalendarDay, CalendarEntry, CalendarMonth, get_calendar_month
from portal.services.infusions.giving import GivenInfusion, RecordingPreview, preview_recording, record_infusion
from portal.services.infusions.lists import InfusionListPage, InfusionListRow, Key, list_deviations, list_due
from portal.services.infusions.moving import InfusionShift, MovePreview, preview_move
from portal.services.infusions.participant_changes import AppointmentOutlook, get_appointment_outlook, mark_changes_seen
from portal.services.infusions.plans import PlanDraft, draft_plan, plan_infusions
from portal.services.infusions.reading import (
    AppointmentView,
    Slot,
    find_next_appointment,
    given_times_of,
    is_watched,
    list_given_times,
    list_slots,
    next_appointment_of,
)
from portal.services.infusions.staff_queries import (
    InfusionPlanView,
    InfusionView,
    VisitView,
    get_infusion_plan,
    get_plan_of_infusion,
    get_visit,
)
from portal.services.infusions.visits import attend_visit, miss_visit, move_visit, plan_visits, take_back_visit
from portal.services.infusions.weights import find_last_weight
from portal.services.infusions.withdrawal import cancel_upcoming, reopen_visits

__all__ = [
    "AppointmentOutlook",
    "AppointmentView",
    "CalendarDay",
    "CalendarEntry",
    "CalendarMonth",
    "GivenInfusion",
    "InfusionListPage",
    "InfusionListRow",
    "InfusionPlanView",
    "InfusionShift",
    "InfusionView",
    "Key",
    "MovePreview",
    "MoveResult",
    "PlanDraft",
    "RecordingPreview",
    "Slot",
    "VisitView",
    "attend_visit",
    "cancel_infusion",
    "cancel_upcoming",
    "confirm_infusion",
    "draft_plan",
    "find_last_weight",
    "find_next_appointment",
    "get_appointment_outlook",
    "get_calendar_month",
    "get_infusion_plan",
    "get_plan_of_infusion",
    "get_visit",
    "given_times_of",
    "hold_infusion",
    "is_watched",
    "list_deviations",
    "list_due",
    "list_given_times",
    "list_slots",
    "mark_changes_seen",
    "miss_infusion",
    "miss_visit",
    "move_infusion",
    "move_visit",
    "next_appointment_of",
    "plan_infusions",
    "plan_visits",
    "preview_move",
    "preview_recording",
    "record_infusion",
    "reopen_visits",
    "take_back_infusion",
    "take_back_visit",
]
