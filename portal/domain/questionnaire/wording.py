"""Questions worded for a day and for who answers: ``{day}`` becomes the time they are about, "you" the patient."""

from dataclasses import replace
from datetime import date
from typing import Final

from portal.domain.protocol import LocalizedText
from portal.domain.questionnaire.items import QuestionItem, Questionnaire, QuestionnairePage

DAY: Final = "{day}"
SAME_DAY: Final = LocalizedText("In the past 24 hours", "过去24小时内")
PLACE: Final = LocalizedText(DAY, DAY)
ANY_DAY: Final = LocalizedText("On that day", "当天")
WEEKDAYS: Final = (
    LocalizedText("Monday", "星期一"),
    LocalizedText("Tuesday", "星期二"),
    LocalizedText("Wednesday", "星期三"),
    LocalizedText("Thursday", "星期四"),
    LocalizedText("Friday", "星期五"),
    LocalizedText("Saturday", "星期六"),
    LocalizedText("Sunday", "星期日"),
)
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day_phrase(on: date, *, today: date) -> LocalizedText:
    """What a diary about ``on`` asks about when it is filled in on ``today`` (local days): the past 24 hours, or that
    day by its name. Made from the parts of the date, so that a phone can make the same without a network.
    """
    if on == today:
        return SAME_DAY
    weekday = WEEKDAYS[on.weekday()]
    return LocalizedText(f"On {weekday.en} {on.day} {MONTHS[on.month - 1]}", f"{on.month}月{on.day}日（{weekday.zh}）")


def word_questionnaire(
    form: Questionnaire, day: LocalizedText = ANY_DAY, *, for_another: bool = False
) -> Questionnaire:
    """The same questions in the words for that day, and for somebody who writes for the participant.

    A questionnaire without ``{day}`` and without a wording in the third person stays as it is.
    """
    return replace(form, pages=tuple(_worded_page(page, day, for_another) for page in form.pages))


def _worded_page(page: QuestionnairePage, day: LocalizedText, for_another: bool) -> QuestionnairePage:
    return replace(page, items=tuple(_worded_item(item, day, for_another) for item in page.items))


def _worded_item(item: QuestionItem, day: LocalizedText, for_another: bool) -> QuestionItem:
    text = (item.third_person if for_another else None) or item.text
    hint = (item.third_person_hint if for_another else None) or item.hint
    return replace(item, text=_filled_in(text, day), hint=_filled_in(hint, day) if hint else None)


def _filled_in(text: LocalizedText, day: LocalizedText) -> LocalizedText:
    return LocalizedText(text.en.replace(DAY, day.en), text.zh.replace(DAY, day.zh))
