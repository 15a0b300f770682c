"""What can be read of answers that are not a whole diary: half a report, a wrong field, another version's question.

Each answer is read for itself. What is out of bounds or means nothing is left out; what is finer than it is stored is
rounded half up, so that 37.95 is not below 38.0. A question counts as asked unless the answer before it says otherwise:
where that answer cannot be read, the one that was given stands.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from portal.domain.questionnaire.answers import normalize_answer
from portal.domain.questionnaire.checks import AnswerProblem, answer_fault, cross_check
from portal.domain.questionnaire.items import Answers, AnswerValue, QuestionItem, Questionnaire, QuestionnairePage
from portal.domain.questionnaire.typed import parse_answer

DECIMALS_READ: Final = 9


def read_partly(form: QuestionnairePage | Questionnaire, raw: Mapping[str, Any]) -> tuple[Answers, dict[str, Any]]:
    """The good answers by linkId, and what was typed and could not be read."""
    answers: dict[str, AnswerValue] = {}
    for item in form.items:
        value = _readable(item, raw.get(item.link_id))
        if value is not None and not _is_closed(item, answers):
            answers[item.link_id] = normalize_answer(item, value)
    for link_id, _ in cross_check(answers):
        del answers[link_id]
    closed = {item.link_id for item in form.items if _is_closed(item, answers)}
    left = {name: typed for name, typed in raw.items() if typed not in ("", None, [], {})}
    return answers, {name: typed for name, typed in left.items() if name not in answers and name not in closed}


def _is_closed(item: QuestionItem, answers: Answers) -> bool:
    """Whether answers that were given say that this question is not asked."""
    known = [condition for condition in item.enable_when if condition.link_id in answers]
    if item.enable_any:
        return len(known) == len(item.enable_when) > 0 and not any(condition.holds(answers) for condition in known)
    return any(not condition.holds(answers) for condition in known)


def _readable(item: QuestionItem, raw: Any) -> AnswerValue | None:
    given = _clean(item, raw)
    value = None if given is None else parse_answer(item, given)
    if not isinstance(value, AnswerProblem):
        return value
    if item.kind == "decimal":
        return _rounded(item, given)
    return None


def _clean(item: QuestionItem, raw: Any) -> Any:
    """Of several choices and of a body map, those that are known; of a text, as much as can be kept."""
    if item.kind == "multi-choice":
        ticked = [raw] if isinstance(raw, str) else raw if isinstance(raw, list) else []
        known = [code for code in item.codes if code in ticked]
        signs = [code for code in known if code not in item.exclusive]
        return signs or known
    if item.kind == "body-map":
        marks = raw if isinstance(raw, Mapping) else {}
        return {key: mark for key, mark in marks.items() if key in item.region_codes and mark in item.codes}
    if isinstance(raw, str):
        return raw[: item.max_length] if item.kind == "text" else raw
    return None


def _rounded(item: QuestionItem, raw: Any) -> AnswerValue | None:
    """Of a decimal that is finer than it is stored."""
    finer = parse_answer(replace(item, max_decimals=DECIMALS_READ), raw)
    if not isinstance(finer, Decimal):
        return None
    value = finer.quantize(item.step, rounding=ROUND_HALF_UP)
    return None if answer_fault(item, value) else value
