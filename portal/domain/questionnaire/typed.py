"""What was typed or tapped -> a typed value. Numbers are read by ``domain/typed_entry``, the one reader."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from portal.domain.questionnaire.checks import NUMBER, UNSTORABLE, WHOLE_NUMBER, YES_OR_NO, AnswerProblem, answer_fault
from portal.domain.questionnaire.items import AnswerValue, ItemKind, QuestionItem
from portal.domain.typed_entry import SPACES, read_decimal, read_whole_number, unit_words

RawAnswer = str | list[str] | Mapping[str, str]
"""Radios and boxes to write in: str; check boxes: list of codes; body map: region code -> "none", "some" or "most"."""

YES_NO: Final[Mapping[str, bool]] = {"yes": True, "no": False}
UNMARKED: Final = "none"


def parse_answer(item: QuestionItem, raw: RawAnswer | None) -> AnswerValue | AnswerProblem | None:
    """The value that ``raw`` means, None where nothing was entered, or what is wrong with it."""
    value = _READ[item.kind](item, raw)
    if value is None or isinstance(value, AnswerProblem):
        return value
    return answer_fault(item, value) or value


def format_answer(item: QuestionItem, value: AnswerValue) -> RawAnswer:
    """The raw form of a value, to show again what was saved. ``parse`` takes it back."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    if item.kind == "score":
        return next(option.code for option in item.options if option.score == value)
    return str(value)


def _line(raw: RawAnswer | None) -> str:
    return raw.strip(SPACES) if isinstance(raw, str) else ""


def _boolean(_: QuestionItem, raw: RawAnswer | None) -> AnswerValue | AnswerProblem | None:
    line = _line(raw)
    return YES_NO.get(line, YES_OR_NO) if line else None


def _integer(item: QuestionItem, raw: RawAnswer | None) -> AnswerValue | AnswerProblem | None:
    line = _line(raw)
    number = read_whole_number(line, units_of(item))
    return None if not line else WHOLE_NUMBER if number is None else number


def _decimal(item: QuestionItem, raw: RawAnswer | None) -> AnswerValue | AnswerProblem | None:
    line = _line(raw)
    number = read_decimal(line, units_of(item))
    return None if not line else NUMBER if number is None else number


def units_of(item: QuestionItem) -> tuple[str, ...]:
    """How people may write the unit of a number behind it."""
    return unit_words(item.unit.en if item.unit else "")


def _score(item: QuestionItem, raw: RawAnswer | None) -> AnswerValue | AnswerProblem | None:
    line = _line(raw)
    return next((option.score for option in item.options if option.code == line), line) if line else None


def _choice(_: QuestionItem, raw: RawAnswer | None) -> AnswerValue | AnswerProblem | None:
    return _line(raw) or None


def _multi_choice(item: QuestionItem, raw: RawAnswer | None) -> AnswerValue | AnswerProblem | None:
    ticked = {raw} if isinstance(raw, str) else set(raw or ())
    unknown = sorted(ticked - {*item.codes, ""})
    return (*(code for code in item.codes if code in ticked), *unknown) or None


def _body_map(_: QuestionItem, raw: RawAnswer | None) -> AnswerValue | AnswerProblem | None:
    marks = raw if isinstance(raw, Mapping) else {}
    return {region: extent for region, extent in marks.items() if extent not in ("", UNMARKED)} or None


def _text(_: QuestionItem, raw: RawAnswer | None) -> AnswerValue | AnswerProblem | None:
    lines = re.sub("\r\n?", "\n", raw) if isinstance(raw, str) else ""
    return UNSTORABLE.sub("", lines).strip(SPACES) or None


def _attachment(_: QuestionItem, __: RawAnswer | None) -> AnswerValue | AnswerProblem | None:
    return None


_READ: Final[Mapping[ItemKind, Callable[[QuestionItem, RawAnswer | None], AnswerValue | AnswerProblem | None]]] = {
    "boolean": _boolean,
    "integer": _integer,
    "decimal": _decimal,
    "score": _score,
    "choice": _choice,
    "multi-choice": _multi_choice,
    "body-map": _body_map,
    "text": _text,
    "attachment": _attachment,
}
