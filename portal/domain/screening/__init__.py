"""Screening step by step: which questions each step asks, what is wrong with an answer, what the answers amount to.

Answers are kept as they were typed, by field; what was not asked yet is not there. ``eligibility`` judges the facts.
"""

from portal.domain.screening.checks import problems, tidy
from portal.domain.screening.questions import (
    SAMPLES,
    YES,
    ConsentKind,
    Field,
    QuestionKind,
    ScreeningState,
    ScreeningStep,
    fields_of,
    findings_of,
)
from portal.domain.screening.reading import (
    band,
    check_open,
    enrolment_day,
    facts,
    is_minor,
    read_day,
    read_number,
    standing,
)

__all__ = [
    "SAMPLES",
    "YES",
    "ConsentKind",
    "Field",
    "QuestionKind",
    "ScreeningState",
    "ScreeningStep",
    "band",
    "check_open",
    "enrolment_day",
    "facts",
    "fields_of",
    "findings_of",
    "is_minor",
    "problems",
    "read_day",
    "read_number",
    "standing",
    "tidy",
]
