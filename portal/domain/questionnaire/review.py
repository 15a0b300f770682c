"""Answers in words, for the page before sending, the participant's record and the staff's page."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from portal.domain.questionnaire.answers import enabled_items
from portal.domain.questionnaire.items import Answers, AnswerValue, QuestionItem, Questionnaire


class ReviewRow(NamedTuple):
    """``page_id`` and ``link_id`` lead back to the question; ``answer`` is in words of the chosen language."""

    page_id: str
    link_id: str
    page: str
    question: str
    answer: str


def review_rows(
    questionnaire: Questionnaire, answers: Answers, language: str, *, yes: str, no: str, unanswered: str
) -> list[ReviewRow]:
    """A row for each question that was asked, in the order of the pages. Photographs have a place of their own."""
    asked = {item.link_id for item in enabled_items(questionnaire, answers) if item.kind != "attachment"}
    return [
        ReviewRow(
            page.link_id,
            item.link_id,
            page.title.in_(language),
            item.text.in_(language),
            _row_words(item, answers.get(item.link_id), language, yes, no) or unanswered,
        )
        for page in questionnaire.pages
        for item in page.items
        if item.link_id in asked
    ]


def _row_words(item: QuestionItem, value: AnswerValue | None, language: str, yes: str, no: str) -> str:
    return "" if value is None else answer_label(item, value, language, yes=yes, no=no)


def answer_label(item: QuestionItem, value: AnswerValue, language: str, *, yes: str, no: str) -> str:
    """One answer in words: ``36.8 °C``, ``Mild``, ``Head, front: Some; Back: Most or all``."""
    if isinstance(value, bool):
        own = item.yes if value else item.no
        return own.in_(language) if own else (yes if value else no)
    if isinstance(value, Mapping):
        return _joined([_region_words(item, code, value[code], language) for code in value], language)
    if isinstance(value, tuple):
        return _joined([item.option(code).words.in_(language) for code in value], language)
    if item.kind == "score":
        return next(option.words.in_(language) for option in item.options if option.score == value)
    if isinstance(value, int | Decimal):
        return f"{value} {item.unit.in_(language)}" if item.unit else str(value)
    return item.option(value).words.in_(language) if item.options else value


def _region_words(item: QuestionItem, code: str, extent: str, language: str) -> str:
    region = next(region for region in item.regions if region.code == code)
    colon = "：" if language.startswith("zh") else ": "
    return f"{region.words.in_(language)}{colon}{item.option(extent).words.in_(language)}"


def _joined(words: list[str], language: str) -> str:
    return ("；" if language.startswith("zh") else "; ").join(words)
