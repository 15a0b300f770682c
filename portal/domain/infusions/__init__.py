"""When infusions and visits are, what may become of an infusion, and how many cells it has."""

from portal.domain.infusions.numbers import dose_cells, study_day
from portal.domain.infusions.planning import MONDAY_AND_THURSDAY, check_weekdays, moved, patterns, propose
from portal.domain.infusions.rules import Broken, PlanRule, broken_rules, off_pattern
from portal.domain.infusions.states import AHEAD, TRANSITIONS, UNSETTLED, InfusionState, InfusionStep, after, can
from portal.domain.infusions.visits import (
    VISIT_TRANSITIONS,
    PlannedVisit,
    VisitState,
    VisitStep,
    planned_visits,
    visit_after,
    visit_can,
)
from portal.domain.infusions.vital_signs import MEASURES, MOMENTS, Measure, Signs, sign_problems

__all__ = [
    "AHEAD",
    "MEASURES",
    "MOMENTS",
    "MONDAY_AND_THURSDAY",
    "TRANSITIONS",
    "UNSETTLED",
    "VISIT_TRANSITIONS",
    "Broken",
    "InfusionState",
    "InfusionStep",
    "Measure",
    "PlanRule",
    "PlannedVisit",
    "Signs",
    "VisitState",
    "VisitStep",
    "after",
    "broken_rules",
    "can",
    "check_weekdays",
    "dose_cells",
    "moved",
    "off_pattern",
    "patterns",
    "planned_visits",
    "propose",
    "sign_problems",
    "study_day",
    "visit_after",
    "visit_can",
]
