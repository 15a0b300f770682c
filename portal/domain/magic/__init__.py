"""MAGIC criteria: organ stages, the overall grade, and the provisional estimate from diaries."""

from portal.domain.magic.assessment import MagicAssessment, MagicFindings, assess_findings
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

__all__ = [
    "CITATION",
    "BilirubinUnit",
    "Grade",
    "MagicAssessment",
    "MagicEstimate",
    "MagicFindings",
    "OrganEstimate",
    "assess_findings",
    "at_least",
    "estimate_stages",
    "liver_near_boundary",
    "liver_stage",
    "lower_gi_near_boundary",
    "lower_gi_stage",
    "lower_gi_stage_4_possible",
    "overall_grade",
    "skin_near_boundary",
    "skin_stage",
    "skin_stage_4_possible",
    "upper_gi_stage",
]
