"""The alert rules: they turn a report and those before it into flags that say which rule, which version, which answers.

``kinds`` says what a rule and a flag are, ``comparison`` what a condition is, ``reading`` what a rule can ask of a
report; each organ has a module with its rules, ``evaluation`` applies them all, ``device`` is their data for phones.
"""

from portal.domain.alert_rules.evaluation import RULES, Evaluation, day_severity, evaluate_report
from portal.domain.alert_rules.facts import NOTHING_KNOWN, ClinicalFacts
from portal.domain.alert_rules.general import evaluate_temperature
from portal.domain.alert_rules.infusion import evaluate_reaction
from portal.domain.alert_rules.kinds import (
    FLAGGED,
    AlertRule,
    Evidence,
    Flag,
    Organ,
    Severity,
    find_worst_severity,
    is_flagged,
)
from portal.domain.alert_rules.liver import BILIRUBIN_WANTED, evaluate_bilirubin
from portal.domain.alert_rules.missed_days import (
    MISSED_IN_A_ROW,
    MissedDiaryVerdict,
    evaluate_missed_diaries,
    missed_in_row,
)
from portal.domain.alert_rules.upper_gi import asks_weight

__all__ = [
    "BILIRUBIN_WANTED",
    "FLAGGED",
    "MISSED_IN_A_ROW",
    "NOTHING_KNOWN",
    "RULES",
    "AlertRule",
    "ClinicalFacts",
    "Evaluation",
    "Evidence",
    "Flag",
    "MissedDiaryVerdict",
    "Organ",
    "Severity",
    "asks_weight",
    "day_severity",
    "evaluate_bilirubin",
    "evaluate_missed_diaries",
    "evaluate_reaction",
    "evaluate_report",
    "evaluate_temperature",
    "find_worst_severity",
    "is_flagged",
    "missed_in_row",
]
