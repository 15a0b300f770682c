"""Answers to the study's own questions: read as people type them, judged, cleaned, stored and put into words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import questionnaires
from portal.domain.errors import Invalid
from portal.domain.questionnaire import (
    AnswerProblem,
    AnswerValue,
    QuestionItem,
    answers_from_json,
    answers_to_json,
    clean_answers,
    enabled_items,
    find_problems,
    format_answer,
    normalize_answer,
    parse_answer,
    read_answers,
    review_rows,
)

DIARY = questionnaires.load_diary(post_infusion=True, weight=True)
ITEMS = {item.link_id: item for item in DIARY.items}
QUIET: Mapping[str, AnswerValue] = {
    "temperature-taken": False,
    "warning-signs": ("none",),
    "infusion-signs": ("none",),
    "skin-change": False,
    "stomach-trouble": False,
    "bowel-trouble": False,
    "liver-signs": ("none",),
    "immunosuppressant": "all-taken",
}
RASH: Mapping[str, AnswerValue] = {
    "skin-change": True,
    "skin-areas": {"head-front": "some"},
    "skin-itch": 2,
    "skin-blisters": False,
    "skin-peeling": False,
}
LOOSE_STOOL: Mapping[str, AnswerValue] = {
    "bowel-trouble": True,
    "loose-stool-count": 4,
    "stool-blood": "none",
    "abdominal-pain": 0,
}


def problem_of(link_id: str, raw: Any) -> str:
    found = parse_answer(ITEMS[link_id], raw)
    assert isinstance(found, AnswerProblem)
    return found.english


@pytest.mark.parametrize(
    ("link_id", "raw", "value"),
    [
        ("temperature", "37.5", Decimal("37.5")),
        ("temperature", "37,5", Decimal("37.5")),
        ("temperature", "37。5", Decimal("37.5")),
        ("temperature", "３７．５", Decimal("37.5")),
        ("temperature", "３８", Decimal(38)),
        ("temperature", " 36.80 ", Decimal("36.8")),
        ("temperature", "38.", Decimal(38)),
        ("temperature", "37.5 °C", Decimal("37.5")),
        ("temperature", "34.0", Decimal(34)),
        ("temperature", "42.0", Decimal(42)),
        ("weight", "62公斤", Decimal(62)),
        ("weight", "62.5 KG", Decimal("62.5")),
        ("weight", "250", Decimal(250)),
        ("vomiting-count", "0", 0),
        ("vomiting-count", "３", 3),
        ("vomiting-count", "30", 30),
        ("stool-volume-ml", "1,500", 1500),
        ("stool-volume-ml", "1，500 毫升", 1500),
        ("stool-volume-ml", "10000", 10000),
        ("skin-change", "yes", True),
        ("skin-change", "no", False),
        ("nausea", "0", 0),
        ("nausea", "4", 4),
        ("stool-blood", "streaks", "streaks"),
        ("warning-signs", ["fainting", "chest-pain"], ("chest-pain", "fainting")),
        ("warning-signs", ["none", "none"], ("none",)),
        ("warning-signs", "none", ("none",)),
        ("skin-areas", {"hand-left-back": "most", "buttocks": "none"}, {"hand-left-back": "most"}),
        ("note", "  a\r\nb\rc\x00 ", "a\nb\nc"),
    ],
)
def test_what_people_type_is_understood(link_id: str, raw: Any, value: AnswerValue) -> None:
    assert parse_answer(ITEMS[link_id], raw) == value


@pytest.mark.parametrize("raw", ["", "   ", "　", None])
@pytest.mark.parametrize("link_id", ["temperature", "vomiting-count", "skin-change", "nausea", "stool-blood", "note"])
def test_an_empty_field_is_no_answer(link_id: str, raw: str | None) -> None:
    assert parse_answer(ITEMS[link_id], raw) is None


@pytest.mark.parametrize(
    ("link_id", "raw"), [("warning-signs", []), ("skin-areas", {}), ("skin-areas", {"neck-back": "none"})]
)
def test_nothing_marked_is_no_answer(link_id: str, raw: Any) -> None:
    assert parse_answer(ITEMS[link_id], raw) is None


@pytest.mark.parametrize(
    ("link_id", "raw", "says"),
    [
        ("temperature", "33.9", "from 34.0 to 42.0"),
        ("temperature", "42.1", "from 34.0 to 42.0"),
        ("temperature", "99.5", "from 34.0 to 42.0"),
        ("temperature", "-37", "from 34.0 to 42.0"),
        ("temperature", "37.55", "at most 1"),
        ("temperature", "warm", "in figures"),
        ("temperature", "°C", "in figures"),
        ("temperature", "3 7", "in figures"),
        ("temperature", "1e2", "in figures"),
        ("temperature", "37.5.1", "in figures"),
        ("temperature", "9" * 5000, "in figures"),
        ("temperature", "nan", "in figures"),
        ("weight", "19.9", "from 20.0 to 250.0"),
        ("weight", "250.1", "from 20.0 to 250.0"),
        ("vomiting-count", "31", "from 0 to 30"),
        ("vomiting-count", "-1", "from 0 to 30"),
        ("vomiting-count", "1.5", "whole number"),
        ("vomiting-count", "三", "whole number"),
        ("vomiting-count", "3²", "whole number"),
        ("stool-volume-ml", "10001", "from 0 to 10000"),
        ("stool-volume-ml", "mL", "whole number"),
        ("skin-change", "maybe", "yes or no"),
        ("nausea", "5", "one answer"),
        ("stool-blood", "plenty", "one answer"),
        ("warning-signs", ["none", "fainting"], "something else"),
        ("warning-signs", ["dizzy"], "at least one"),
        ("skin-areas", {"tail": "most"}, "one area"),
        ("skin-areas", {"buttocks": "all"}, "one area"),
        ("note", "好" * 1001, "at most 1000"),
        ("infusion-signs-other", "x" * 201, "at most 200"),
    ],
)
def test_a_wrong_entry_says_what_to_mend(link_id: str, raw: Any, says: str) -> None:
    assert says in problem_of(link_id, raw)


def test_a_note_may_be_exactly_as_long_as_it_says() -> None:
    assert parse_answer(ITEMS["note"], "好" * 1000) == "好" * 1000


def test_a_quiet_day_needs_eight_answers_and_no_more() -> None:
    assert find_problems(DIARY, QUIET) == {}
    assert {item.link_id for item in enabled_items(DIARY, QUIET) if item.required} == set(QUIET)


@pytest.mark.parametrize("left_out", QUIET)
def test_every_question_that_is_asked_must_be_answered(left_out: str) -> None:
    answers = {link_id: value for link_id, value in QUIET.items() if link_id != left_out}
    assert set(find_problems(DIARY, answers)) == {left_out}


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({"temperature-taken": True}, {"temperature"}),
        ({"skin-change": True}, {"skin-areas", "skin-itch", "skin-blisters", "skin-peeling", "skin-photo"}),
        ({"stomach-trouble": True}, {"appetite-loss", "nausea", "vomiting-count", "fluids-kept"}),
        (
            {"stomach-trouble": True, "vomiting-count": 1},
            {"appetite-loss", "nausea", "vomiting-count", "fluids-kept", "vomit-blood"},
        ),
        (
            {"stomach-trouble": True, "vomiting-count": 0},
            {"appetite-loss", "nausea", "vomiting-count", "fluids-kept"},
        ),
        ({"bowel-trouble": True}, {"loose-stool-count", "stool-blood", "abdominal-pain"}),
        (
            {"bowel-trouble": True, "loose-stool-count": 1},
            {"loose-stool-count", "stool-volume-ml", "stool-unmeasured-count", "stool-blood", "abdominal-pain"},
        ),
        ({"infusion-signs": ("headache", "other")}, {"infusion-signs-other"}),
        ({"stomach-trouble": False, "vomiting-count": 3}, set()),
        ({"bowel-trouble": False, "loose-stool-count": 3}, set()),
        (
            {"stomach-trouble": True, "vomiting-count": "many"},
            {"appetite-loss", "nausea", "vomiting-count", "fluids-kept"},
        ),
    ],
)
def test_a_gate_opens_its_questions_and_no_others(answers: dict[str, Any], asked: set[str]) -> None:
    always = {*QUIET, "weight", "note"}
    assert {item.link_id for item in enabled_items(DIARY, {**QUIET, **answers})} - always == asked


@pytest.mark.parametrize("link_id", ["skin-photo", "stool-volume-ml", "stool-unmeasured-count", "weight", "note"])
def test_what_is_optional_may_stay_empty(link_id: str) -> None:
    record = clean_answers(DIARY, {**QUIET, **RASH, **LOOSE_STOOL})
    assert link_id in record.unanswered
    assert link_id not in record.skipped


def test_a_rash_must_be_somewhere() -> None:
    assert set(find_problems(DIARY, {**QUIET, **RASH, "skin-areas": {}})) == {"skin-areas"}


@pytest.mark.parametrize(("unmeasured", "wrong"), [(0, False), (4, False), (5, True)])
def test_no_more_stools_are_unmeasured_than_there_were(unmeasured: int, wrong: bool) -> None:
    problems = find_problems(DIARY, {**QUIET, **LOOSE_STOOL, "stool-unmeasured-count": unmeasured})
    assert ("stool-unmeasured-count" in problems) is wrong
    assert all("the 4 that you counted" in problem.english for problem in problems.values())


def test_an_answer_behind_a_closed_gate_is_skipped_and_never_stored() -> None:
    record = clean_answers(
        DIARY, {**QUIET, "temperature": Decimal("39.0"), "vomiting-count": 9, "vomit-blood": "obvious"}
    )
    assert record.answers == QUIET
    assert {"temperature", "vomiting-count", "vomit-blood"} <= record.skipped
    assert record.unanswered == {"weight", "note"}


def test_a_question_of_another_day_is_dropped() -> None:
    tuesday = questionnaires.load_diary(post_infusion=False, weight=False)
    record = clean_answers(tuesday, {**QUIET, "weight": Decimal("62.0")})
    assert not {"weight", "infusion-signs"} & (set(record.answers) | record.skipped | record.unanswered)


def test_wrong_answers_never_become_a_record() -> None:
    with pytest.raises(Invalid) as caught:
        clean_answers(DIARY, {**QUIET, "temperature-taken": True, "temperature": Decimal("52.0")})
    assert set(caught.value.problems) == {"temperature"}


def test_stored_values_have_one_form() -> None:
    answers = {
        **QUIET,
        "temperature-taken": True,
        "temperature": Decimal(38),
        "warning-signs": ("fainting", "chest-pain"),
    }
    kept = clean_answers(DIARY, answers).answers
    assert str(kept["temperature"]) == "38.0"
    assert kept["warning-signs"] == ("chest-pain", "fainting")


def test_a_page_is_read_with_its_gate() -> None:
    answers, problems = read_answers(
        DIARY.page("page-how-you-are"), {"temperature-taken": "no", "temperature": "boiling"}
    )
    assert answers == {"temperature-taken": False}
    assert set(problems) == {"warning-signs"}


def test_a_page_is_read_with_the_answers_of_others() -> None:
    page = DIARY.page("page-bowel").without(frozenset({"bowel-trouble"}))
    assert read_answers(page, {})[1] == {}
    assert "loose-stool-count" in read_answers(page, {}, known={"bowel-trouble": True})[1]


@pytest.mark.parametrize(
    "data",
    [
        {"no-such-question": True},
        {"skin-change": "yes"},
        {"temperature": 37.5},
        {"temperature": "warm"},
        {"temperature": "NaN"},
        {"nausea": True},
        {"nausea": 5},
        {"warning-signs": "none"},
        {"warning-signs": [["none"]]},
        {"skin-areas": {"head-front": 1}},
        {"note": "\ud800"},
        {"note": "\x00"},
        {"skin-photo": "photo.jpg"},
    ],
)
def test_stored_data_that_is_no_answer_is_refused_by_name(data: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as caught:
        answers_from_json(DIARY, data)
    assert set(caught.value.problems) == set(data)


def test_an_infusion_page_comes_second_and_the_weight_last() -> None:
    names = [page.name for page in DIARY.pages]
    assert names == ["how-you-are", "infusion", "skin", "stomach", "bowel", "liver-medicines", "review"]
    assert [item.link_id for item in DIARY.page("page-review").items] == ["weight", "note"]
    assert DIARY.sources == ("daily-diary.v1", "post-infusion-check.v1")


def test_an_ordinary_day_has_neither() -> None:
    ordinary = questionnaires.load_diary(post_infusion=False, weight=False)
    assert [page.name for page in ordinary.pages][:2] == ["how-you-are", "skin"]
    assert [item.link_id for item in ordinary.page("page-review").items] == ["note"]
    with pytest.raises(KeyError):
        ordinary.page("page-infusion")
    with pytest.raises(KeyError):
        ordinary.item("weight")


WORDS = {"yes": "Yes", "no": "No", "unanswered": "Not answered"}


@pytest.mark.parametrize(
    ("answers", "link_id", "english", "chinese"),
    [
        ({"temperature-taken": True, "temperature": Decimal("36.8")}, "temperature", "36.8 °C", "36.8 °C"),
        ({"weight": Decimal("62.5")}, "weight", "62.5 kg", "62.5 公斤"),
        ({"warning-signs": ("chest-pain", "fainting")}, "warning-signs", "Chest pain; Fainting", "胸痛；晕倒"),
        (RASH, "skin-areas", "Head, front: Some", "头部前面：一部分"),
        (RASH, "skin-itch", "Moderate", "中等"),
        (RASH, "skin-change", "Yes", "Yes"),
        (LOOSE_STOOL, "loose-stool-count", "4", "4"),
        (LOOSE_STOOL, "stool-volume-ml", "Not answered", "Not answered"),
        ({"immunosuppressant": "missed"}, "immunosuppressant", "I missed a dose", "漏服过"),
        ({"note": "好多了"}, "note", "好多了", "好多了"),
    ],
)
def test_answers_are_put_into_words(
    answers: Mapping[str, AnswerValue], link_id: str, english: str, chinese: str
) -> None:
    for language, words in (("en", english), ("zh-CN", chinese)):
        rows = review_rows(DIARY, {**QUIET, **answers}, language, **WORDS)
        assert {row.link_id: row.answer for row in rows}[link_id] == words


def test_a_review_shows_what_was_asked_in_the_order_of_the_pages() -> None:
    rows = review_rows(DIARY, {**QUIET, **RASH}, "en", **WORDS)
    shown = [row.link_id for row in rows]
    assert shown == [item.link_id for item in DIARY.items if item.link_id in shown]
    assert set(shown) == {*QUIET, *RASH, "weight", "note"}
    assert rows[0].page == "How you are"


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 20_000),
    st.decimals(),
    st.text(max_size=20),
    st.lists(st.sampled_from(["none", "chest-pain", "yellow", "other", ""])).map(tuple),
    st.dictionaries(st.sampled_from(["head-front", "buttocks", "tail"]), st.sampled_from(["some", "most", "none"])),
)


def good_answer(item: QuestionItem) -> st.SearchStrategy[Any]:
    """Any answer that ``item`` can have."""
    step = Decimal(1).scaleb(-item.max_decimals)
    numbers = st.integers(int(item.minimum / step), int(item.maximum / step))
    some_codes = st.sets(st.sampled_from(item.codes or ("-",)), min_size=1).map(tuple)
    by_kind: Mapping[str, st.SearchStrategy[Any]] = {
        "boolean": st.booleans(),
        "integer": numbers,
        "decimal": numbers.map(lambda number: number * step),
        "score": st.sampled_from([option.score for option in item.options] or [0]),
        "choice": st.sampled_from(item.codes or ("-",)),
        "multi-choice": some_codes.filter(lambda codes: len(codes) == 1 or not item.exclusive & set(codes)),
        "body-map": st.dictionaries(
            st.sampled_from([region.code for region in item.regions] or ["-"]),
            st.sampled_from(["some", "most"]),
            min_size=1,
        ),
        "text": st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=item.max_length or 1),
        "attachment": st.nothing(),
    }
    return by_kind[item.kind]


ANSWERABLE = [item for item in DIARY.items if item.kind != "attachment"]
ANY_ANSWERS = st.fixed_dictionaries(
    {}, optional={item.link_id: st.one_of(good_answer(item), good_answer(item), ANYTHING) for item in ANSWERABLE}
)


@given(ANY_ANSWERS)
@settings(max_examples=150, deadline=None)
def test_any_answers_are_refused_by_name_or_kept_as_they_are(answers: dict[str, Any]) -> None:
    problems = find_problems(DIARY, answers)
    assert set(problems) <= set(ITEMS)
    if problems:
        return
    record = clean_answers(DIARY, answers)
    assert answers_from_json(DIARY, answers_to_json(record.answers)) == record.answers
    assert clean_answers(DIARY, record.answers) == record


@given(st.fixed_dictionaries({item.link_id: good_answer(item) for item in ANSWERABLE}))
@settings(max_examples=100, deadline=None)
def test_good_answers_survive_cleaning_and_storage(answers: dict[str, Any]) -> None:
    problems = find_problems(DIARY, answers)
    assert set(problems) <= {"stool-unmeasured-count"}
    answers["stool-unmeasured-count"] = 0
    record = clean_answers(DIARY, answers)
    assert record.answers == {link_id: normalize_answer(ITEMS[link_id], answers[link_id]) for link_id in record.answers}
    assert answers_from_json(DIARY, answers_to_json(record.answers)) == record.answers
    assert set(record.answers) | record.skipped | record.unanswered == set(ITEMS)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_what_was_saved_can_be_typed_again(data: st.DataObject) -> None:
    item = data.draw(st.sampled_from(ANSWERABLE))
    value = normalize_answer(item, data.draw(good_answer(item)))
    again = parse_answer(item, format_answer(item, value))
    assert again == (value.strip() or None if item.kind == "text" and isinstance(value, str) else value)
