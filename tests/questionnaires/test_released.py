"""The released instruments against the study's list of items, their digests, and FHIR itself."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from portal import protocols, questionnaires
from portal.domain.body_surface import REGIONS
from portal.domain.errors import NotFound
from portal.domain.protocol import LocalizedText

DIARY = questionnaires.load_diary(post_infusion=True, weight=True)
RELEASED = questionnaires.list_released()
SCALE = ("0", "1", "2", "3", "4")
BLOOD = ("none", "streaks", "obvious")
RASH, STOMACH, BOWEL = ("skin-change = True",), ("stomach-trouble = True",), ("bowel-trouble = True",)
LOOSE = (*BOWEL, "loose-stool-count > 0")

ITEMS: Mapping[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "temperature-taken": ("how-you-are", "boolean", (), ()),
    "temperature": ("how-you-are", "decimal", (), ("temperature-taken = True",)),
    "warning-signs": (
        "how-you-are",
        "multi-choice",
        ("breathlessness", "chest-pain", "fainting", "confusion", "bleeding", "none"),
        (),
    ),
    "infusion-signs": (
        "infusion",
        "multi-choice",
        (
            "fever-chills",
            "hives-rash",
            "breathlessness-wheeze",
            "chest-pain",
            "faintness",
            "headache",
            "other",
            "none",
        ),
        (),
    ),
    "infusion-signs-other": ("infusion", "text", (), ("infusion-signs = other",)),
    "skin-change": ("skin", "boolean", (), ()),
    "skin-areas": ("skin", "body-map", ("some", "most"), RASH),
    "skin-itch": ("skin", "score", SCALE, RASH),
    "skin-blisters": ("skin", "boolean", (), RASH),
    "skin-peeling": ("skin", "boolean", (), RASH),
    "skin-photo": ("skin", "attachment", (), RASH),
    "stomach-trouble": ("stomach", "boolean", (), ()),
    "appetite-loss": ("stomach", "score", SCALE, STOMACH),
    "nausea": ("stomach", "score", SCALE, STOMACH),
    "vomiting-count": ("stomach", "integer", (), STOMACH),
    "fluids-kept": ("stomach", "boolean", (), STOMACH),
    "vomit-blood": ("stomach", "choice", BLOOD, (*STOMACH, "vomiting-count > 0")),
    "bowel-trouble": ("bowel", "boolean", (), ()),
    "loose-stool-count": ("bowel", "integer", (), BOWEL),
    "stool-volume-ml": ("bowel", "integer", (), LOOSE),
    "stool-unmeasured-count": ("bowel", "integer", (), LOOSE),
    "stool-blood": ("bowel", "choice", BLOOD, BOWEL),
    "abdominal-pain": ("bowel", "score", SCALE, BOWEL),
    "liver-signs": ("liver-medicines", "multi-choice", ("yellow", "dark-urine", "pale-stools", "none"), ()),
    "immunosuppressant": (
        "liver-medicines",
        "choice",
        ("all-taken", "missed", "not-kept-down", "not-prescribed"),
        (),
    ),
    "weight": ("review", "decimal", (), ()),
    "note": ("review", "text", (), ()),
}
BOUNDS = {
    "temperature": ("34.0", "42.0", 1, "Cel"),
    "vomiting-count": ("0", "30", 0, None),
    "loose-stool-count": ("0", "40", 0, None),
    "stool-volume-ml": ("0", "10000", 0, "mL"),
    "stool-unmeasured-count": ("0", "40", 0, None),
    "weight": ("20", "250", 1, "kg"),
}
CODES = {
    "temperature": "8310-5",
    "weight": "29463-7",
    "skin-change": "271807003",
    "skin-itch": "418290006",
    "nausea": "422587007",
    "vomiting-count": "422400008",
    "appetite-loss": "64379006",
    "loose-stool-count": "62315008",
    "stool-blood": "405729008",
    "abdominal-pain": "21522001",
}


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a resource, at any depth."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(one)


def fhir_items() -> dict[str, dict[str, Any]]:
    resources = (questionnaires.load_resource(*one) for one in RELEASED)
    return {node["linkId"]: node for resource in resources for node in nodes(resource) if "linkId" in node}


def test_the_diary_asks_what_the_study_wants_and_nothing_else() -> None:
    asked = {
        item.link_id: (
            page.name,
            item.kind,
            item.codes,
            tuple(f"{one.link_id} {one.operator} {one.answer}" for one in item.enable_when),
        )
        for page in DIARY.pages
        for item in page.items
    }
    assert asked == ITEMS


@pytest.mark.parametrize("link_id", BOUNDS)
def test_every_number_has_its_bounds_and_unit(link_id: str) -> None:
    low, high, places, unit = BOUNDS[link_id]
    item = DIARY.item(link_id)
    assert (item.minimum, item.maximum, item.max_decimals) == (Decimal(low), Decimal(high), places)
    assert (item.unit is None) is (unit is None)
    assert unit is None or f'"code": "{unit}"' in json.dumps(fhir_items()[link_id])


def test_only_five_questions_may_stay_empty() -> None:
    optional = {item.link_id for item in DIARY.items if not item.required}
    assert optional == {"skin-photo", "stool-volume-ml", "stool-unmeasured-count", "weight", "note"}


@pytest.mark.parametrize(("link_id", "longest"), [("note", 1000), ("infusion-signs-other", 200)])
def test_free_text_has_an_end(link_id: str, longest: int) -> None:
    assert DIARY.item(link_id).max_length == longest


@pytest.mark.parametrize("link_id", ["warning-signs", "infusion-signs", "liver-signs"])
def test_none_of_these_stands_alone_and_last(link_id: str) -> None:
    item = DIARY.item(link_id)
    assert item.exclusive == {"none"}
    assert item.codes[-1] == "none"


@pytest.mark.parametrize("link_id", ["skin-itch", "appetite-loss", "nausea", "abdominal-pain"])
def test_a_score_runs_from_none_to_very_severe(link_id: str) -> None:
    options = DIARY.item(link_id).options
    assert [option.score for option in options] == [0, 1, 2, 3, 4]
    assert [option.words.en for option in options[1:]] == ["Mild", "Moderate", "Severe", "Very severe"]


def test_the_body_map_has_the_regions_that_are_measured() -> None:
    codes = [region.code for region in DIARY.item("skin-areas").regions]
    assert sorted(codes) == sorted(region.code for region in REGIONS)


def test_items_carry_the_codes_of_the_study_and_no_others() -> None:
    assert {link: node["code"][0]["code"] for link, node in fhir_items().items() if "code" in node} == CODES


@pytest.mark.parametrize(("name", "version"), RELEASED)
def test_a_released_version_never_changes(name: str, version: int) -> None:
    file = f"{name}.v{version}.json"
    content = (questionnaires.FOLDER / file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == questionnaires.read_recorded_digests()[file]


def test_the_protocol_asks_for_released_versions() -> None:
    plan = protocols.load_protocol().diary
    assert (plan.questionnaire, plan.post_infusion_questionnaire) == DIARY.sources


def test_what_was_never_released_is_not_found() -> None:
    for name, version in (("daily-diary", 2), ("../../etc/passwd", 1)):
        with pytest.raises(NotFound):
            questionnaires.load_questionnaire(name, version)


def words_of(value: Any) -> Iterator[LocalizedText]:
    if isinstance(value, LocalizedText):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from words_of(one)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from words_of(getattr(value, name))


def test_chinese_is_chinese_and_english_is_english() -> None:
    texts = list(words_of(DIARY))
    assert len(texts) > 100
    for words in texts:
        assert words.en.isascii() or "°" in words.en
        assert re.search("[\u4e00-\u9fff]|°C", words.zh)
        assert "你" not in words.zh, "the ward says 您"


def test_every_question_is_short() -> None:
    assert all(len(item.text.en) <= 90 and len(item.text.zh) <= 45 for item in DIARY.items)


def test_symptoms_are_asked_of_the_past_24_hours() -> None:
    gates = [item for item in DIARY.items if not item.enable_when and item.required]
    assert all("past 24 hours" in item.text.en and "过去24小时" in item.text.zh for item in gates)
