"""A page of questions as HTML: complete without scripts, honest about errors, and read back as it was typed."""

import json
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel
from werkzeug.datastructures import MultiDict

import portal
from portal import questionnaires
from portal.domain.questionnaire import QuestionnairePage
from portal.web.questionnaire_form import FormPage, decode_all, decode_page, read_form, refill_answers

DIARY = questionnaires.load_diary(post_infusion=True, weight=True)
PAGES = {page.name: page for page in DIARY.pages}
RASH = MultiDict(
    [
        ("skin-change", "yes"),
        ("skin-areas.head-front", "some"),
        ("skin-areas.foot-left-back", "most"),
        ("skin-areas.buttocks", "none"),
        ("skin-itch", "2"),
        ("skin-blisters", "no"),
        ("skin-peeling", "no"),
    ]
)


class Elements(HTMLParser):
    """Start tags with their attributes, and all the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def having(self, name: str) -> list[dict[str, str]]:
        return [attributes for _, attributes in self.tags if name in attributes]

    def fields(self, name: str) -> list[dict[str, str]]:
        return [one for one in self.having("name") if one["name"] == name]

    def ids(self) -> list[str]:
        return [one["id"] for one in self.having("id")]


@pytest.fixture(autouse=True)
def request_context() -> Iterator[None]:
    app = Flask("form", template_folder=str(Path(portal.__file__).parent / "templates"))
    Babel(app)
    with app.test_request_context():
        yield


def draw(
    page: QuestionnairePage, raw: dict[str, Any] | None = None, problems: Any = None, language: str = "en"
) -> Elements:
    form = FormPage(page, raw or {}, problems or {}, language)
    html = render_template_string(
        '{% from "components/questionnaire.html" import questions %}{{ questions(form) }}', form=form
    )
    return Elements(html)


def sent(page: QuestionnairePage, form: MultiDict[str, str]) -> Elements:
    raw = read_form(page, form)
    return draw(page, raw, decode_page(page, raw)[1])


@pytest.mark.parametrize("name", PAGES)
def test_a_fresh_page_has_a_field_for_every_question_and_no_answer_in_any(name: str) -> None:
    drawn = draw(PAGES[name])
    asked = {item.link_id for item in PAGES[name].items if item.kind not in ("attachment", "body-map")}
    assert asked <= {one["name"] for one in drawn.having("name")}
    assert not drawn.having("checked")
    assert all(one["type"] != "text" for one in drawn.having("value"))


@pytest.mark.parametrize("name", PAGES)
def test_ids_are_unique_and_every_field_has_its_label(name: str) -> None:
    drawn = draw(PAGES[name])
    assert len(drawn.ids()) == len(set(drawn.ids()))
    assert {one["id"] for one in drawn.having("name")} == {one["for"] for one in drawn.having("for")}


@pytest.mark.parametrize("name", PAGES)
def test_what_describes_a_field_is_on_the_page(name: str) -> None:
    drawn = sent(PAGES[name], MultiDict())
    referred = {one for tag in drawn.having("aria-describedby") for one in tag["aria-describedby"].split()}
    assert referred <= set(drawn.ids())


@pytest.mark.parametrize("name", PAGES)
def test_the_words_of_a_page_are_those_of_its_language(name: str) -> None:
    for language in ("en", "zh-CN"):
        text = draw(PAGES[name], language=language).text
        assert all(item.text.in_(language) in text for item in PAGES[name].items if item.kind != "attachment")


@pytest.mark.parametrize(
    ("link_id", "mode"), [("temperature", "decimal"), ("vomiting-count", "numeric"), ("weight", "decimal")]
)
def test_numbers_bring_up_a_number_keyboard_and_no_memories(link_id: str, mode: str) -> None:
    page = next(page for page in DIARY.pages if any(item.link_id == link_id for item in page.items))
    (field,) = draw(page).fields(link_id)
    assert (field["type"], field["inputmode"], field["autocomplete"]) == ("text", mode, "off")


def test_without_scripts_what_a_yes_asks_for_stands_under_that_heading() -> None:
    text = draw(PAGES["stomach"]).text
    assert text.index("vomited or had a poor appetite?") < text.index("If yes:") < text.index("How many times")


def test_a_page_without_gates_has_no_such_heading() -> None:
    assert "If yes:" not in draw(PAGES["liver-medicines"]).text


def test_scripts_learn_when_a_question_is_asked() -> None:
    rules = [json.loads(one["data-enable-when"]) for one in draw(PAGES["stomach"]).having("data-enable-when")]
    gate = {"question": "stomach-trouble", "operator": "=", "answer": True}
    assert rules[0] == [gate]
    assert [gate, {"question": "vomiting-count", "operator": ">", "answer": 0}] in rules


def test_something_else_opens_its_own_box() -> None:
    rules = [json.loads(one["data-enable-when"]) for one in draw(PAGES["infusion"]).having("data-enable-when")]
    assert rules == [[{"question": "infusion-signs", "operator": "=", "answer": "other"}]] * 2


def test_none_of_these_is_marked_as_exclusive() -> None:
    assert [one["value"] for one in draw(PAGES["liver-medicines"]).having("data-exclusive")] == ["none"]


def test_the_body_map_is_a_list_of_parts_that_opens_where_something_is_marked() -> None:
    drawn = sent(PAGES["skin"], RASH)
    parts = [attributes for tag, attributes in drawn.tags if tag == "details"]
    assert ["open" in part for part in parts] == [True, True, False, False, True, False]
    checked = {(one["name"], one["value"]) for one in drawn.having("checked") if one["name"].startswith("skin-areas.")}
    assert checked == {
        ("skin-areas.head-front", "some"),
        ("skin-areas.foot-left-back", "most"),
        ("skin-areas.buttocks", "none"),
    }


def test_a_photograph_is_not_part_of_the_form() -> None:
    drawn = draw(PAGES["skin"])
    assert not drawn.fields("skin-photo")
    assert "type" in drawn.having("name")[0]
    assert all(one["type"] != "file" for one in drawn.having("type"))


def test_counted_stool_is_pictured_and_the_picture_described() -> None:
    pictures = [one["aria-label"] for one in draw(PAGES["bowel"]).having("role") if one["role"] == "img"]
    assert len(pictures) == 1
    assert "type 6" in pictures[0]


def test_an_error_keeps_what_was_typed_and_stands_at_the_field_and_in_the_summary() -> None:
    page = PAGES["how-you-are"]
    raw = read_form(page, MultiDict({"temperature-taken": "yes", "temperature": "hot", "warning-signs": "none"}))
    _, problems = decode_page(page, raw)
    (field,) = draw(page, raw, problems).fields("temperature")
    assert (field["value"], field["aria-invalid"]) == ("hot", "true")
    assert "temperature-error" in field["aria-describedby"]
    assert FormPage(page, raw, problems, "en").summary == [
        ("temperature", "What was your temperature, in °C? Enter a number in figures, for example 37.5.")
    ]


@pytest.mark.parametrize("name", PAGES)
def test_every_error_in_the_summary_leads_to_a_place_on_the_page(name: str) -> None:
    page = PAGES[name]
    gates = MultiDict({"skin-change": "yes", "stomach-trouble": "yes", "bowel-trouble": "yes"})
    raw = read_form(page, gates)
    _, problems = decode_page(page, raw)
    summary = FormPage(page, raw, problems, "en").summary
    assert {link for link, _ in summary} == set(problems)
    assert {link for link, _ in summary} <= set(draw(page, raw, problems).ids())


def test_the_summary_speaks_of_this_page_only() -> None:
    _, problems = decode_all(DIARY, {})
    assert [link for link, _ in FormPage(PAGES["skin"], {}, problems, "en").summary] == ["skin-change"]


def test_a_good_number_is_shown_again_in_figures_that_scripts_can_read() -> None:
    drawn = sent(PAGES["stomach"], MultiDict({"stomach-trouble": "yes", "vomiting-count": "３"}))
    assert drawn.fields("vomiting-count")[0]["value"] == "3"


def test_markup_in_a_note_stays_text() -> None:
    drawn = sent(PAGES["review"], MultiDict({"note": "<script>alert(1)</script>"}))
    assert "script" not in {tag for tag, _ in drawn.tags}
    assert "<script>" in drawn.text


def test_a_page_comes_back_as_typed_values() -> None:
    answers, problems = decode_page(PAGES["skin"], read_form(PAGES["skin"], RASH))
    assert problems == {}
    assert answers == {
        "skin-change": True,
        "skin-areas": {"head-front": "some", "foot-left-back": "most"},
        "skin-itch": 2,
        "skin-blisters": False,
        "skin-peeling": False,
    }


def test_what_stands_behind_a_no_is_passed_over() -> None:
    form = MultiDict([*RASH.items(multi=True)])
    form["skin-change"] = "no"
    assert decode_page(PAGES["skin"], read_form(PAGES["skin"], form)) == ({"skin-change": False}, {})


def test_several_choices_come_back_together() -> None:
    form = MultiDict([("liver-signs", "pale-stools"), ("liver-signs", "yellow"), ("immunosuppressant", "missed")])
    answers, _ = decode_page(PAGES["liver-medicines"], read_form(PAGES["liver-medicines"], form))
    assert answers["liver-signs"] == ("yellow", "pale-stools")


def test_an_unticked_box_replaces_what_was_ticked_before() -> None:
    assert read_form(PAGES["liver-medicines"], MultiDict()) == {"liver-signs": [], "immunosuppressant": ""}
    assert read_form(PAGES["skin"], MultiDict())["skin-areas"] == {}


def test_fields_that_nobody_asked_for_are_left_behind() -> None:
    assert set(read_form(PAGES["review"], MultiDict({"csrf_token": "x", "note": "y"}))) == {"weight", "note"}


def test_answers_of_other_pages_open_questions_on_this_one() -> None:
    page = PAGES["bowel"].without(frozenset({"bowel-trouble"}))
    assert decode_page(page, {}, {"bowel-trouble": True})[1].keys() >= {"loose-stool-count"}
    assert decode_page(page, {})[1] == {}


def test_saved_answers_fill_the_page_again() -> None:
    saved = {"temperature-taken": True, "temperature": Decimal("36.8"), "warning-signs": ("fainting",)}
    raw = refill_answers(PAGES["how-you-are"], saved)
    assert raw == {"temperature-taken": "yes", "temperature": "36.8", "warning-signs": ["fainting"]}
    assert decode_page(PAGES["how-you-are"], raw) == (saved, {})
