"""A page's or a diary's answers as a whole: what is asked, what is wrong, what is kept, and how it is stored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from portal.domain.errors import Invalid
from portal.domain.questionnaire.checks import MISSING, AnswerProblem, AnswerProblems, answer_fault, cross_check
from portal.domain.questionnaire.items import (
    Answers,
    AnswerValue,
    QuestionItem,
    Questionnaire,
    QuestionnairePage,
    is_enabled,
)
from portal.domain.questionnaire.typed import RawAnswer, parse_answer

NO_ANSWERS: Final[Answers] = {}
AskedItems = tuple[QuestionItem, Any, AnswerProblem | None]
"""An item that is asked, its answer or None, and what is wrong with that answer."""


@dataclass(frozen=True, slots=True)
class DiaryAnswers:
    """What is stored of a diary. ``skipped``: not asked, by an earlier answer; ``unanswered``: asked and left empty."""

    answers: Answers
    skipped: frozenset[str]
    unanswered: frozenset[str]


def enabled_items(
    of: QuestionnairePage | Questionnaire, answers: Answers, *, known: Answers = NO_ANSWERS
) -> tuple[QuestionItem, ...]:
    """The items of ``of`` that are asked. An answer to a question that is not asked itself opens nothing.

    ``known`` are answers of other pages.
    """
    return tuple(item for item, _, _ in _asked(of, answers, known))


def _asked(of: QuestionnairePage | Questionnaire, answers: Mapping[str, Any], known: Answers) -> Iterator[AskedItems]:
    """Each item that is asked, with its answer (None: empty). What is not a good answer opens nothing either."""
    kept = dict(known)
    for item in of.items:
        if not is_enabled(item, kept):
            continue
        value = answers.get(item.link_id)
        value = None if value in ("", (), {}) else value
        found = None if value is None else answer_fault(item, value)
        if value is not None and found is None:
            kept[item.link_id] = value
        yield item, value, found


def find_problems(
    of: QuestionnairePage | Questionnaire, answers: Mapping[str, Any], *, known: Answers = NO_ANSWERS
) -> AnswerProblems:
    """What is wrong or missing, by linkId; empty when all is well. Answers that are not asked for are passed over."""
    return _problems(tuple(_asked(of, answers, known)))


def _problems(asked: Sequence[AskedItems]) -> AnswerProblems:
    problems: AnswerProblems = {}
    for item, value, found in asked:
        if found is not None:
            problems[item.link_id] = found
        elif value is None and item.required:
            problems[item.link_id] = MISSING[item.kind]
    good = {item.link_id: value for item, value, _ in asked if item.link_id not in problems}
    return {**dict(cross_check(good)), **problems}


def read_answers(
    page: QuestionnairePage | Questionnaire, raw: Mapping[str, RawAnswer], *, known: Answers = NO_ANSWERS
) -> tuple[Answers, AnswerProblems]:
    """Typed answers of the items that are asked, and what is wrong with the others."""
    kept, answers = dict(known), dict[str, AnswerValue]()
    problems: AnswerProblems = {}
    for item in page.items:
        if not is_enabled(item, kept):
            continue
        value = parse_answer(item, raw.get(item.link_id))
        if isinstance(value, AnswerProblem):
            problems[item.link_id] = value
        elif value is not None:
            kept[item.link_id] = answers[item.link_id] = normalize_answer(item, value)
        elif item.required:
            problems[item.link_id] = MISSING[item.kind]
    return answers, {**dict(cross_check(answers)), **problems}


def clean_answers(of: QuestionnairePage | Questionnaire, answers: Mapping[str, Any]) -> DiaryAnswers:
    """What is stored of good answers. Raises Invalid with every problem: a record never holds a wrong answer."""
    asked = tuple(_asked(of, answers, NO_ANSWERS))
    if problems := _problems(asked):
        raise Invalid("Some answers need another look.", {link: found.english for link, found in problems.items()})
    return DiaryAnswers(
        answers={item.link_id: normalize_answer(item, value) for item, value, _ in asked if value is not None},
        skipped=frozenset(of.by_link).difference(item.link_id for item, _, _ in asked),
        unanswered=frozenset(item.link_id for item, value, _ in asked if value is None),
    )


def normalize_answer(item: QuestionItem, value: AnswerValue) -> AnswerValue:
    """A good value in its one form: ``max_decimals`` places, choices in the order of the options, regions likewise."""
    if isinstance(value, Decimal):
        return value.quantize(item.step)
    if isinstance(value, tuple):
        return tuple(code for code in item.codes if code in value)
    if isinstance(value, Mapping):
        return {region.code: value[region.code] for region in item.regions if region.code in value}
    return value


def answers_to_json(answers: Answers) -> dict[str, Any]:
    """Answers as JSON can hold them: decimals as text, choices as a list."""
    return {link_id: _plain(value) for link_id, value in answers.items()}


def _plain(value: AnswerValue) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


def answers_from_json(of: QuestionnairePage | Questionnaire, data: Mapping[str, Any]) -> Answers:
    """The inverse of ``to_json``. Raises Invalid for what is not an answer of this questionnaire.

    Read an old diary with ``compose(daily, post_infusion, weight=True)``, which knows every question.
    """
    items = of.by_link
    typed = {link_id: _typed(items.get(link_id), value) for link_id, value in data.items()}
    wrong = {
        link: "not an answer" for link, value in typed.items() if link not in items or answer_fault(items[link], value)
    }
    if wrong:
        raise Invalid("These are not answers of this questionnaire.", wrong)
    return typed


def stored_answers(of: QuestionnairePage | Questionnaire, data: Mapping[str, Any]) -> Answers:
    """``from_json`` for answers that were checked as they were stored: not checked again."""
    items = of.by_link
    return {link_id: _typed(items[link_id], value) for link_id, value in data.items()}


def _typed(item: QuestionItem | None, value: Any) -> Any:
    if item is not None and item.kind == "decimal":
        return _decimal(value)
    if item is not None and item.kind == "multi-choice" and isinstance(value, list):
        return tuple(value)
    return value


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
