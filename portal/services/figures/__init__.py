"""How the follow-up itself is doing: completion, silence, answers in time, alert load, both arms watched alike."""

from portal.services.figures.completion_rates import ARMS
from portal.services.figures.drilldown import KINDS, DrilldownPage, list_drilldown_rows
from portal.services.figures.filters import DrilldownFilter, DrilldownRow
from portal.services.figures.metrics import compute_metrics
from portal.services.figures.values import ArmParity, MonthEnrolment, ResponseTimes, StudyMetrics, WeekCompletion

__all__ = [
    "ARMS",
    "KINDS",
    "ArmParity",
    "DrilldownFilter",
    "DrilldownPage",
    "DrilldownRow",
    "MonthEnrolment",
    "ResponseTimes",
    "StudyMetrics",
    "WeekCompletion",
    "compute_metrics",
    "list_drilldown_rows",
]
