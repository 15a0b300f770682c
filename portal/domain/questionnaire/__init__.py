"""Questions as data and answers as typed values: what is asked, when, within which bounds, and what is stored.

``items`` says what a question is, ``fhir`` reads one from a FHIR resource, ``typed`` turns what was typed into values,
``checks`` judges values, ``answers`` puts a whole page or diary together, ``review`` puts it into words.
"""

from portal.domain.questionnaire.answers import (
    Record,
    clean,
    enabled_items,
    from_json,
    read,
    reread,
    settle,
    to_json,
    validate,
)
from portal.domain.questionnaire.checks import Problem, Problems
from portal.domain.questionnaire.fhir import QuestionnaireFault, from_fhir
from portal.domain.questionnaire.items import (
    Answers,
    BodyPart,
    Condition,
    Item,
    Kind,
    Option,
    Page,
    Picture,
    Questionnaire,
    Region,
    Value,
    compose,
    enabled,
)
from portal.domain.questionnaire.review import ReviewRow, answer_words, review_rows
from portal.domain.questionnaire.typed import Raw, as_typed, parse

__all__ = [
    "Answers",
    "BodyPart",
    "Condition",
    "Item",
    "Kind",
    "Option",
    "Page",
    "Picture",
    "Problem",
    "Problems",
    "Questionnaire",
    "QuestionnaireFault",
    "Raw",
    "Record",
    "Region",
    "ReviewRow",
    "Value",
    "answer_words",
    "as_typed",
    "clean",
    "compose",
    "enabled",
    "enabled_items",
    "from_fhir",
    "from_json",
    "parse",
    "read",
    "reread",
    "review_rows",
    "settle",
    "to_json",
    "validate",
]
