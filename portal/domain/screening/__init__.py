"""Screening step by step: which questions each step asks, what is wrong with an answer, what the answers amount to.

Answers are kept as they were typed, by field; what was not asked yet is not there. ``eligibility`` judges the facts.
"""

from portal.domain.screening.checks import answer_problems, trim_answers
from portal.domain.screening.questions import (
    SAMPLES,
    YES,
    ConsentKind,
    QuestionKind,
    ScreeningField,
    ScreeningState,
    ScreeningStep,
    list_fields,
    select_findings,
)
from portal.domain.screening.reading import (
    check_open,
    eligibility_facts,
    eligibility_standing,
    enrolment_day,
    is_minor,
    map_band,
    read_day,
    read_number,
)

__all__ = [
    "SAMPLES",
    "YES",
    "ConsentKind",
    "QuestionKind",
    "ScreeningField",
    "ScreeningState",
    "ScreeningStep",
    "answer_problems",
    "check_open",
    "eligibility_facts",
    "eligibility_standing",
    "enrolment_day",
    "is_minor",
    "list_fields",
    "map_band",
    "read_day",
    "read_number",
    "select_findings",
    "trim_answers",
]
