"""Which questions a day has, and its answers in words."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from sqlalchemy.orm import Session

from portal import protocols, questionnaires
from portal.domain.protocol import LocalizedText
from portal.domain.questionnaire import (
    ANY_DAY,
    Answers,
    Questionnaire,
    compose_diary,
    review_rows,
    word_questionnaire,
)
from portal.services import infusions

WEIGHT = "weight"
INFUSION_SIGNS = "infusion-signs"
ANSWER_LABELS = {
    "en": {"yes": "Yes", "no": "No", "unanswered": "Not answered"},
    "zh-CN": {"yes": "是", "no": "否", "unanswered": "未填写"},
}


class AnswerSection(NamedTuple):
    """One topic: its page's linkId and title, (question, answer) pairs as text, and the audit field of each."""

    page_id: str
    title: str
    rows: tuple[tuple[str, str], ...]
    fields: tuple[str, ...] = ()


def compose_form(
    session: Session,
    *,
    participant_id: int,
    diary_on: date,
    at: datetime,
    infusion_check: bool | None = None,
    weight: bool = False,
    day: LocalizedText = ANY_DAY,
    for_another: bool = False,
) -> Questionnaire:
    """The pages of one day: the weight on its weekday, the post-infusion check within its hours after an infusion.

    ``infusion_check`` says whether a phone without a network, which cannot know, has asked the latter. ``weight``: it
    is asked on another day, too. ``day`` and ``for_another`` are for the words of the questions.
    """
    protocol = protocols.load_protocol()
    watched = infusion_check
    if watched is None:
        since = at - timedelta(hours=protocol.infusions.watch_hours)
        watched = infusions.is_watched(session, participant_id=participant_id, since=since, until=at)
    parts = [protocol.diary.questionnaire, *([protocol.diary.post_infusion_questionnaire] if watched else [])]
    weight = weight or diary_on.isoweekday() == protocol.diary.weight_weekday
    return worded_form(" ".join(parts), weight=weight, day=day, for_another=for_another)


def newest_names() -> str:
    """The questions that are asked now, with those after an infusion."""
    plan = protocols.load_protocol().diary
    return f"{plan.questionnaire} {plan.post_infusion_questionnaire}"


def form_name(form: Questionnaire) -> str:
    """How a stored diary names its questions: every released part with its version."""
    return " ".join(form.sources)


def form_asked_on(name: str, diary_on: date, *, weight: bool = False) -> Questionnaire:
    """The questions that were asked on a day by a stored diary; ``weight``: it was asked beside its weekday."""
    weekday = protocols.load_protocol().diary.weight_weekday
    return worded_form(name, weight=weight or diary_on.isoweekday() == weekday)


def form_by_name(name: str) -> Questionnaire:
    """The questions that a stored diary could have answered."""
    return worded_form(name, weight=True)


@lru_cache(maxsize=512)
def worded_form(name: str, *, weight: bool, day: LocalizedText = ANY_DAY, for_another: bool = False) -> Questionnaire:
    """The questions of these parts, always in words, so that no page ever shows the place of a day."""
    daily, *extra = (questionnaires.load_source(source) for source in name.split())
    form = compose_diary(daily, extra[0] if extra else None, weight=weight)
    return word_questionnaire(form, day, for_another=for_another)


def answer_sections(form: Questionnaire, answers: Answers, *, language: str) -> tuple[AnswerSection, ...]:
    rows = review_rows(form, answers, language, **ANSWER_LABELS[language])
    texts = {item.link_id for item in form.items if item.kind == "text"}
    topics = [(topic, list(group)) for topic, group in groupby(rows, key=lambda row: (row.page_id, row.page))]
    return tuple(
        AnswerSection(
            *topic,
            tuple((row.question, row.answer) for row in group),
            tuple(f"{'free_text' if row.link_id in texts else 'answers'}.{row.link_id}" for row in group),
        )
        for topic, group in topics
    )
