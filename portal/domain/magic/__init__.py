"""MAGIC criteria: organ stages, the overall grade, and the provisional estimate from diaries."""

from portal.domain.magic.assessment import MagicAssessment, MagicFindings, assess_findings
from portal.domain.magic.liver import (
    BilirubinResult,
    LiverAssessment,
    is_jaundice_settled,
    liver_estimate,
    newest_bilirubin,
)
from portal.domain.magic.organs import OrganEstimate, lower_gi_stage_4_possible, skin_stage_4_possible
from portal.domain.magic.provisional import MagicEstimate, estimate_stages
from portal.domain.magic.stages import (
    CITATION,
    BilirubinUnit,
    Grade,
    at_least,
    liver_near_boundary,
    liver_stage,
    lower_gi_near_boundary,
    lower_gi_stage,
    overall_grade,
    skin_near_boundary,
    skin_stage,
    upper_gi_stage,
)
from portal.domain.magic.symptom_persistence import is_weight_lost

__all__ = [
    "CITATION",
    "BilirubinResult",
    "BilirubinUnit",
    "Grade",
    "LiverAssessment",
    "MagicAssessment",
    "MagicEstimate",
    "MagicFindings",
    "OrganEstimate",
    "assess_findings",
    "at_least",
    "estimate_stages",
    "is_jaundice_settled",
    "is_weight_lost",
    "liver_estimate",
    "liver_near_boundary",
    "liver_stage",
    "lower_gi_near_boundary",
    "lower_gi_stage",
    "lower_gi_stage_4_possible",
    "newest_bilirubin",
    "overall_grade",
    "skin_near_boundary",
    "skin_stage",
    "skin_stage_4_possible",
    "upper_gi_stage",
]
