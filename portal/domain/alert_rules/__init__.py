"""The alert rules: a report and its history -> flags that say which rule, which version, which answers."""

from portal.domain.alert_rules.evaluation import RULES, Evaluation, day_severity, evaluate
from portal.domain.alert_rules.kinds import FLAGGED, Evidence, Flag, Organ, Rule, Severity, is_flagged, worst
from portal.domain.alert_rules.liver import BILIRUBIN_WANTED
from portal.domain.alert_rules.missed_days import Silence, missed_in_row, silence

__all__ = [
    "BILIRUBIN_WANTED",
    "FLAGGED",
    "RULES",
    "Evaluation",
    "Evidence",
    "Flag",
    "Organ",
    "Rule",
    "Severity",
    "Silence",
    "day_severity",
    "evaluate",
    "is_flagged",
    "missed_in_row",
    "silence",
    "worst",
]
