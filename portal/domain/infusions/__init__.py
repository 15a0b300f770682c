"""When infusions and visits are, what may become of an infusion, and how many cells it has."""

from portal.domain.infusions.numbers import dose_cells, study_day
from portal.domain.infusions.planning import MONDAY_AND_THURSDAY, check_weekdays, moved, propose
from portal.domain.infusions.rules import Broken, Rule, broken_rules
from portal.domain.infusions.states import AHEAD, TRANSITIONS, State, Step, after, can
from portal.domain.infusions.visits import PlannedVisit, planned_visits

__all__ = [
    "AHEAD",
    "MONDAY_AND_THURSDAY",
    "TRANSITIONS",
    "Broken",
    "PlannedVisit",
    "Rule",
    "State",
    "Step",
    "after",
    "broken_rules",
    "can",
    "check_weekdays",
    "dose_cells",
    "moved",
    "planned_visits",
    "propose",
    "study_day",
]
