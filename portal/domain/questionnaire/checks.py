"""Validation of one typed answer, with messages that tell the person what to correct."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from portal.domain.msgid import N_
from portal.domain.questionnaire.items import Answers, ItemKind, QuestionItem


@dataclass(frozen=True, slots=True)
class AnswerProblem:
    """``msgid`` is English with ``%(name)s`` places, which ``params`` fills."""

    msgid: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def english(self) -> str:
        return self.msgid % self.params


AnswerProblems = dict[str, AnswerProblem]

YES_OR_NO: Final = AnswerProblem(N_("Choose yes or no."))
ONE_ANSWER: Final = AnswerProblem(N_("Choose one answer."))
SOME_ANSWER: Final = AnswerProblem(N_("Choose at least one answer, or “None of these”."))
NONE_AND_MORE: Final = AnswerProblem(N_("You chose “None of these” and something else. Keep one or the other."))
SOME_AREA: Final = AnswerProblem(N_("Mark at least one area."))
WHOLE_NUMBER: Final = AnswerProblem(N_("Enter a whole number in figures, for example 3."))
NUMBER: Final = AnswerProblem(N_("Enter a number in figures, for example 37.5."))
WORDS: Final = AnswerProblem(N_("Write a few words."))
UNREADABLE: Final = AnswerProblem(N_("Some of these characters cannot be saved. Please take them out."))
NOT_BY_FORM: Final = AnswerProblem(N_("This cannot be sent with the form."))
RANGE: Final = N_("Enter a number from %(minimum)s to %(maximum)s.")
PLACES: Final = N_("Too many figures after the decimal point: at most %(places)s.")
TOO_LONG: Final = N_("This is too long: at most %(maximum)s characters.")
MORE_THAN: Final = N_("This cannot be more than the %(count)s that you counted.")

MISSING: Final[Mapping[ItemKind, AnswerProblem]] = {
    "boolean": YES_OR_NO,
    "integer": WHOLE_NUMBER,
    "decimal": NUMBER,
    "score": ONE_ANSWER,
    "choice": ONE_ANSWER,
    "multi-choice": SOME_ANSWER,
    "body-map": SOME_AREA,
    "text": WORDS,
    "attachment": NOT_BY_FORM,
}

# What a phone without a network calls each of them; it is given their words.
FAULT_MSGIDS: Final[Mapping[str, str]] = {
    "yes-or-no": YES_OR_NO.msgid,
    "one-answer": ONE_ANSWER.msgid,
    "some-answer": SOME_ANSWER.msgid,
    "none-and-more": NONE_AND_MORE.msgid,
    "some-area": SOME_AREA.msgid,
    "whole-number": WHOLE_NUMBER.msgid,
    "number": NUMBER.msgid,
    "some-words": WORDS.msgid,
    "range": RANGE,
    "places": PLACES,
    "too-long": TOO_LONG,
    "more-than": MORE_THAN,
}

# The first number can be no more than the second, which counts the same things.
NO_MORE_THAN: Final = (("stool-unmeasured-count", "loose-stool-count"),)

# Neither a PostgreSQL text nor an XML export can hold these.
UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def answer_fault(item: QuestionItem, value: object) -> AnswerProblem | None:
    """What is wrong with ``value`` as an answer to ``item``; None when it is a good one. Any value may be given."""
    return _FAULTS[item.kind](item, value)


def cross_check(answers: Answers) -> Iterator[tuple[str, AnswerProblem]]:
    """Problems between two answers, at the one to mend."""
    for part, whole in NO_MORE_THAN:
        some, every = answers.get(part), answers.get(whole)
        if isinstance(some, int) and isinstance(every, int) and some > every:
            yield part, AnswerProblem(MORE_THAN, {"count": str(every)})


def _boolean(_: QuestionItem, value: object) -> AnswerProblem | None:
    return None if isinstance(value, bool) else YES_OR_NO


def _integer(item: QuestionItem, value: object) -> AnswerProblem | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return WHOLE_NUMBER
    return _beyond(item, Decimal(value))


def _decimal(item: QuestionItem, value: object) -> AnswerProblem | None:
    if not isinstance(value, Decimal) or not value.is_finite():
        return NUMBER
    return _beyond(item, value) or _finer(item, value)


def _beyond(item: QuestionItem, value: Decimal) -> AnswerProblem | None:
    if item.minimum <= value <= item.maximum:
        return None
    return AnswerProblem(RANGE, {"minimum": str(item.minimum), "maximum": str(item.maximum)})


def _finer(item: QuestionItem, value: Decimal) -> AnswerProblem | None:
    return None if value == value.quantize(item.step) else AnswerProblem(PLACES, {"places": str(item.max_decimals)})


def _score(item: QuestionItem, value: object) -> AnswerProblem | None:
    known = isinstance(value, int) and not isinstance(value, bool) and value in item.scores
    return None if known else ONE_ANSWER


def _choice(item: QuestionItem, value: object) -> AnswerProblem | None:
    return None if isinstance(value, str) and value in item.codes else ONE_ANSWER


def _multi_choice(item: QuestionItem, value: object) -> AnswerProblem | None:
    if not isinstance(value, tuple) or not value or any(code not in item.codes for code in value):
        return SOME_ANSWER
    return NONE_AND_MORE if len(value) > 1 and item.exclusive.intersection(value) else None


def _body_map(item: QuestionItem, value: object) -> AnswerProblem | None:
    good = (
        isinstance(value, Mapping)
        and bool(value)
        and all(region in item.region_codes and extent in item.codes for region, extent in value.items())
    )
    return None if good else SOME_AREA


def _text(item: QuestionItem, value: object) -> AnswerProblem | None:
    if not isinstance(value, str) or not value:
        return WORDS
    if UNSTORABLE.search(value):
        return UNREADABLE
    return AnswerProblem(TOO_LONG, {"maximum": str(item.max_length)}) if len(value) > item.max_length else None


def _attachment(_: QuestionItem, __: object) -> AnswerProblem | None:
    return NOT_BY_FORM


_FAULTS: Final[Mapping[ItemKind, Callable[[QuestionItem, object], AnswerProblem | None]]] = {
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
