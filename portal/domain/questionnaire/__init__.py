"""Questions as data and answers as typed values: what is asked, when, within which bounds, and what is stored.

``items`` says what a question is, ``fhir`` reads one from a FHIR resource, ``typed`` turns what was typed into values,
``checks`` judges values, ``answers`` puts a whole page or diary together, ``review`` puts it into words.
"""

from portal.domain.questionnaire.answers import (
    DiaryAnswers,
    answers_from_json,
    answers_to_json,
    clean_answers,
    enabled_items,
    find_problems,
    normalize_answer,
    read_answers,
    stored_answers,
)
from portal.domain.questionnaire.checks import FAULT_MSGIDS, NO_MORE_THAN, AnswerProblem, AnswerProblems
from portal.domain.questionnaire.fhir import QuestionnaireFault, parse_questionnaire
from portal.domain.questionnaire.items import (
    AnswerOption,
    Answers,
    AnswerValue,
    BodyPart,
    EnableCondition,
    ItemKind,
    MarkedRegion,
    Picture,
    QuestionItem,
    Questionnaire,
    QuestionnairePage,
    compose_diary,
    is_enabled,
)
from portal.domain.questionnaire.partial import read_partly
from portal.domain.questionnaire.review import ReviewRow, answer_label, review_rows
from portal.domain.questionnaire.typed import RawAnswer, format_answer, parse_answer, units_of
from portal.domain.questionnaire.wording import ANY_DAY, day_phrase, word_questionnaire

__all__ = [
    "ANY_DAY",
    "FAULT_MSGIDS",
    "NO_MORE_THAN",
    "AnswerOption",
    "AnswerProblem",
    "AnswerProblems",
    "AnswerValue",
    "Answers",
    "BodyPart",
    "DiaryAnswers",
    "EnableCondition",
    "ItemKind",
    "MarkedRegion",
    "Picture",
    "QuestionItem",
    "Questionnaire",
    "QuestionnaireFault",
    "QuestionnairePage",
    "RawAnswer",
    "ReviewRow",
    "answer_label",
    "answers_from_json",
    "answers_to_json",
    "clean_answers",
    "compose_diary",
    "day_phrase",
    "enabled_items",
    "find_problems",
    "format_answer",
    "is_enabled",
    "normalize_answer",
    "parse_answer",
    "parse_questionnaire",
    "read_answers",
    "read_partly",
    "review_rows",
    "stored_answers",
    "units_of",
    "word_questionnaire",
]
