"""Laboratory values, and the clinician's signed assessment, which alone is the stage and the grade."""

from portal.services.assessments.assessing import (
    AssessmentView,
    SignatureView,
    change_assessment,
    create_assessment,
    get_assessment,
    list_assessments,
    sign_assessment,
)
from portal.services.assessments.laboratory import EnteredResult, LabResultView, enter_result, list_results, void_result

__all__ = [
    "AssessmentView",
    "EnteredResult",
    "LabResultView",
    "SignatureView",
    "change_assessment",
    "create_assessment",
    "enter_result",
    "get_assessment",
    "list_assessments",
    "list_results",
    "sign_assessment",
    "void_result",
]
