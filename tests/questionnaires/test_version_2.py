"""Version 2 of the diary: what is new, how it is worded for a day and for somebody who writes for the patient."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from portal import protocols, questionnaires
from portal.domain.protocol import LocalizedText
from portal.domain.questionnaire import (
    Questionnaire,
    clean_answers,
    day_phrase,
    review_rows,
    word_questionnaire,
)
from portal.domain.questionnaire.wording import PLACE

NEW_CODES = {"shaking-chills"}
MONDAY = date(2026, 11, 30)


@pytest.fixture(scope="module")
def versions() -> Iterator[tuple[Questionnaire, Questionnaire]]:
    """Version 1 and version 2, each with every question."""
    first = questionnaires.load_diary(post_infusion=True, weight=True, day=PLACE)
    protocols.run_draft("2.0")
    yield first, questionnaires.load_diary(post_infusion=True, weight=True, day=PLACE)
    protocols.run_draft(None)


@pytest.fixture(scope="module")
def second(versions: tuple[Questionnaire, Questionnaire]) -> Questionnaire:
    return versions[1]


def test_version_2_asks_the_same_questions_and_one_more_warning_sign(
    versions: tuple[Questionnaire, Questionnaire],
) -> None:
    first, second = versions
    assert [page.link_id for page in second.pages] == [page.link_id for page in first.pages]
    for before, now in zip(first.items, second.items, strict=True):
        kept = ("link_id", "kind", "required", "minimum", "maximum", "max_decimals", "enable_when", "scores", "regions")
        assert all(getattr(before, name) == getattr(now, name) for name in kept)
        assert set(now.codes) - set(before.codes) == (NEW_CODES if now.link_id == "warning-signs" else set())
        assert set(before.codes) <= set(now.codes)
    assert second.item("warning-signs").codes[-2:] == ("shaking-chills", "none")
    assert second.draft
    assert not first.draft


def test_an_answer_to_version_1_is_an_answer_to_version_2(versions: tuple[Questionnaire, Questionnaire]) -> None:
    answers = {
        "temperature-taken": False,
        "warning-signs": ("chest-pain",),
        "skin-change": False,
        "stomach-trouble": False,
        "bowel-trouble": False,
        "liver-signs": ("none",),
        "immunosuppressant": "all-taken",
        "infusion-signs": ("none",),
    }
    first, second = versions
    assert clean_answers(first, answers).answers == clean_answers(second, answers).answers


def texts(form: Questionnaire) -> list[LocalizedText]:
    hints = [item.hint for item in form.items if item.hint]
    return [*(item.text for item in form.items), *hints, *(page.title for page in form.pages)]


def test_every_time_is_a_place_that_is_filled_in(second: Questionnaire) -> None:
    assert not any("past 24 hours" in one.en or "过去24" in one.zh for one in texts(second))
    asked = [item.link_id for item in second.items if "{day}" in item.text.en]
    assert asked == [item.link_id for item in second.items if "{day}" in item.text.zh]
    assert set(asked) == {
        "temperature-taken",
        "warning-signs",
        "infusion-signs",
        "skin-change",
        "stomach-trouble",
        "bowel-trouble",
        "liver-signs",
        "immunosuppressant",
    }
    assert not any("today" in one.en or "今天的" in one.zh for one in texts(second))


def test_a_diary_of_the_same_day_asks_about_the_past_24_hours_and_a_later_one_about_the_day_by_its_name(
    second: Questionnaire,
) -> None:
    words = {
        today: word_questionnaire(second, day_phrase(MONDAY, today=today)).item("skin-change").text
        for today in (MONDAY, MONDAY + timedelta(days=1))
    }
    assert words[MONDAY].en.startswith("In the past 24 hours, has your skin")
    assert words[MONDAY].zh.startswith("过去24小时内，您的皮肤")
    assert words[MONDAY + timedelta(days=1)].en.startswith("On Monday 30 November, has your skin")
    assert words[MONDAY + timedelta(days=1)].zh.startswith("11月30日（星期一），您的皮肤")


@pytest.mark.usefixtures("versions")
def test_a_page_that_knows_no_day_speaks_of_that_day() -> None:
    shown = questionnaires.load_diary(post_infusion=False, weight=True)
    assert shown.item("skin-change").text.zh == "当天，您的皮肤有发红或皮疹吗？新出现的和还没消退的都算。"
    assert not any("{" in one.en or "{" in one.zh for one in texts(shown))


@pytest.mark.parametrize("for_another", [False, True])
def test_no_place_is_left_in_the_words(second: Questionnaire, for_another: bool) -> None:
    worded = word_questionnaire(second, for_another=for_another)
    assert not any("{" in one.en or "{" in one.zh for one in texts(worded))


def test_whoever_writes_for_somebody_is_never_addressed_as_the_patient(second: Questionnaire) -> None:
    worded = word_questionnaire(second, for_another=True)
    about_the_writer = {"liver-signs", "note"}
    for item in worded.items:
        if item.link_id not in about_the_writer:
            assert "your" not in item.text.en.lower()
            assert "you " not in item.text.en.lower()
            assert "您" not in item.text.zh
    assert word_questionnaire(second).item("note").hint != worded.item("note").hint


def test_whether_fluids_stay_down_cannot_be_answered_the_wrong_way_round(second: Questionnaire) -> None:
    item = second.item("fluids-kept")
    assert item.kind == "boolean"
    assert item.yes == LocalizedText("Yes, it stays down", "能留住，没有吐")
    assert item.no == LocalizedText("No, it comes back up", "留不住，会吐出来")
    rows = review_rows(
        second, {"stomach-trouble": True, "fluids-kept": False}, "zh-CN", yes="是", no="否", unanswered="未填写"
    )
    assert next(row.answer for row in rows if row.link_id == "fluids-kept") == "留不住，会吐出来"


def test_dizziness_is_not_faintness(second: Questionnaire) -> None:
    assert second.item("infusion-signs").option("faintness").words.zh == "眼前发黑、快要晕倒"


def test_words_of_version_1_stay_as_they_are(versions: tuple[Questionnaire, Questionnaire]) -> None:
    first, _ = versions
    assert word_questionnaire(first, for_another=True) == first
