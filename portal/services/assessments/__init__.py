"""Laboratory values, and the clinician's signed assessment, which alone is the stage and the grade."""

from portal.services.assessments.assessing import (
    AssessmentSeen,
    SignatureSeen,
    assessment,
    change,
    create,
    listing,
    sign,
)
from portal.services.assessments.laboratory import Entered, ResultSeen, enter, results, void

__all__ = [
    "AssessmentSeen",
    "Entered",
    "ResultSeen",
    "SignatureSeen",
    "assessment",
    "change",
    "create",
    "enter",
    "listing",
    "results",
    "sign",
    "void",
]
