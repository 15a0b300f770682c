"""A questionnaire that is wrong in any way is refused, and says where."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from portal import questionnaires
from portal.domain.questionnaire import QuestionnaireFault, parse_questionnaire

Break = Callable[[dict[str, Any]], object]


def node(resource: dict[str, Any], link_id: str) -> dict[str, Any]:
    for one in resource.get("item", []):
        found = one if one["linkId"] == link_id else node(one, link_id)
        if found:
            return found
    return {}


def faults_after(*breaks: Break, name: str = "daily-diary") -> tuple[str, ...]:
    resource = copy.deepcopy(questionnaires.load_resource(name))
    for one in breaks:
        one(resource)
    with pytest.raises(QuestionnaireFault) as caught:
        parse_questionnaire(resource)
    return caught.value.faults


def set_in(link_id: str, **values: Any) -> Break:
    return lambda resource: node(resource, link_id).update(values)


def drop(link_id: str, key: str) -> Break:
    return lambda resource: node(resource, link_id).pop(key)


def when(link_id: str, question: str, operator: str, **answer: Any) -> Break:
    return set_in(link_id, enableWhen=[{"question": question, "operator": operator, **answer}])


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (lambda resource: resource.pop("url"), "questionnaire: url must end in its name"),
        (lambda resource: resource.update(version="1.0"), "version must be a whole number"),
        (lambda resource: resource.pop("_title"), "questionnaire: has no zh-CN title"),
        (set_in("page-skin", type="display"), "page-skin: a page must be a group"),
        (drop("nausea", "text"), "nausea: has no text"),
        (drop("nausea", "_text"), "nausea: has no zh-CN text"),
        (drop("page-bowel", "_text"), "page-bowel: has no zh-CN text"),
        (drop("vomiting-count-help", "_text"), "vomiting-count-help: has no zh-CN text"),
        (set_in("nausea", linkId=""), "an item has no linkId"),
        (set_in("nausea", linkId="skin-itch"), "skin-itch: this linkId is used twice"),
        (set_in("nausea", type="quantity"), "nausea: type 'quantity' is not known here"),
        (drop("note", "maxLength"), "note: a text needs a maxLength"),
        (drop("temperature", "extension"), "temperature: a number needs a minValue and a maxValue"),
        (
            lambda resource: node(resource, "temperature")["extension"][0].update(valueDecimal=43),
            "temperature: a number",
        ),
        (drop("stool-blood", "answerOption"), "stool-blood: a choice needs answerOptions"),
        (
            lambda resource: node(resource, "stool-blood")["answerOption"][0]["valueCoding"].update(code="streaks"),
            "stool-blood: the code 'streaks' is used twice",
        ),
        (
            lambda resource: node(resource, "stool-blood")["answerOption"][0]["valueCoding"].pop("_display"),
            "stool-blood none: has no zh-CN display",
        ),
        (
            lambda resource: node(resource, "stool-blood")["answerOption"][0]["valueCoding"].pop("code"),
            "stool-blood: an option has no code",
        ),
        (when("nausea", "sadness", "=", answerBoolean=True), "nausea: depends on 'sadness', which is not an earlier"),
        (when("nausea", "bowel-trouble", "=", answerBoolean=True), "nausea: depends on 'bowel-trouble', which is not"),
        (when("nausea", "skin-change", "=", answerInteger=1), "nausea: depends on 'skin-change' in a way"),
        (when("nausea", "skin-change", ">", answerBoolean=False), "nausea: depends on 'skin-change' in a way"),
        (when("nausea", "skin-change", "exists", answerBoolean=True), "nausea: depends on 'skin-change' in a way"),
        (when("nausea", "temperature", ">", answerBoolean=True), "nausea: depends on 'temperature' in a way"),
        (
            when("nausea", "warning-signs", "=", answerCoding={"code": "sadness"}),
            "nausea: depends on 'warning-signs' in a way",
        ),
        (set_in("skin-areas.buttocks", type="boolean"), "skin-areas.buttocks: must be a choice of skin-areas"),
        (set_in("skin-areas.buttocks", linkId="bottom"), "bottom: must be a choice of skin-areas"),
        (
            lambda resource: node(resource, "skin-areas.buttocks")["answerOption"].pop(),
            "skin-areas: every region must have the same options",
        ),
        (
            lambda resource: node(resource, "page-skin")["item"][0].update(item=[{"linkId": "x", "type": "boolean"}]),
            "x: cannot stand inside skin-change",
        ),
    ],
)
def test_what_is_wrong_is_named_at_its_place(wrong: Break, fault: str) -> None:
    found = faults_after(wrong)
    assert any(fault in one for one in found), found


def test_every_fault_is_named_at_once() -> None:
    found = faults_after(drop("nausea", "_text"), drop("note", "maxLength"), set_in("weight", type="quantity"))
    assert len(found) == 3


def test_an_empty_object_is_refused_without_ado() -> None:
    with pytest.raises(QuestionnaireFault):
        parse_questionnaire({})


@pytest.mark.parametrize(("operator", "bound", "asked"), [(">=", 37, True), ("<=", 37, True), ("<", 37, False)])
def test_conditions_may_compare_in_every_direction(operator: str, bound: int, asked: bool) -> None:
    resource = copy.deepcopy(questionnaires.load_resource("daily-diary"))
    when("warning-signs", "temperature", operator, answerInteger=bound)(resource)
    condition = parse_questionnaire(resource).item("warning-signs").enable_when[0]
    assert condition.holds({"temperature": 37}) is asked
    assert condition.holds({}) is False


def test_any_of_several_conditions_may_open_a_question() -> None:
    from portal.domain.questionnaire import is_enabled

    resource = copy.deepcopy(questionnaires.load_resource("daily-diary"))
    set_in("vomit-blood", enableBehavior="any")(resource)
    item = parse_questionnaire(resource).item("vomit-blood")
    assert is_enabled(item, {"vomiting-count": 1})
    assert not is_enabled(item, {"vomiting-count": 0, "stomach-trouble": False})
