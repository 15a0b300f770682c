"""When infusions and visits are, what may become of an infusion, and how many cells it has."""

from portal.domain.infusions.numbers import dose_cells, is_outside_tolerance, study_day
from portal.domain.infusions.planning import (
    MONDAY_AND_THURSDAY,
    check_weekdays,
    dates_after_move,
    list_weekday_patterns,
    propose_dates,
)
from portal.domain.infusions.rules import BrokenRule, PlanRule, broken_rules, find_off_pattern
from portal.domain.infusions.states import (
    AHEAD,
    TRANSITIONS,
    UNSETTLED,
    InfusionState,
    InfusionStep,
    is_possible,
    next_state,
)
from portal.domain.infusions.visits import (
    VISIT_TRANSITIONS,
    PlannedVisit,
    VisitState,
    VisitStep,
    is_visit_step_possible,
    next_visit_state,
    plan_visit_days,
)
from portal.domain.infusions.vital_signs import MEASURES, MOMENTS, VitalSign, VitalSigns, sign_problems

__all__ = [
    "AHEAD",
    "MEASURES",
    "MOMENTS",
    "MONDAY_AND_THURSDAY",
    "TRANSITIONS",
    "UNSETTLED",
    "VISIT_TRANSITIONS",
    "BrokenRule",
    "InfusionState",
    "InfusionStep",
    "PlanRule",
    "PlannedVisit",
    "VisitState",
    "VisitStep",
    "VitalSign",
    "VitalSigns",
    "broken_rules",
    "check_weekdays",
    "dates_after_move",
    "dose_cells",
    "find_off_pattern",
    "is_outside_tolerance",
    "is_possible",
    "is_visit_step_possible",
    "list_weekday_patterns",
    "next_state",
    "next_visit_state",
    "plan_visit_days",
    "propose_dates",
    "sign_problems",
    "study_day",
]
