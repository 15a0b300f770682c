"""The data that phones hold is made from the alert rules, and it is what released phones already know."""

import json
import tomllib
from dataclasses import fields
from decimal import Decimal

import pytest

from portal import protocols
from portal.domain.alert_rules import RULES, AlertRule, Severity
from portal.domain.alert_rules.device import device_rules, device_stool
from portal.domain.alert_rules.new_symptoms import NEW_SYMPTOMS, NewSymptom
from portal.domain.protocol import Thresholds

# What a phone has held since the release of protocol 1.0. A change here reaches every phone: make it on purpose.
# Shaking chills are asked from version 2 of the diary on; an older one cannot meet the rule.
HELD_BY_PHONES = """[
["red", "temperature", "temperature", ">=", 38.0, false],
["red", "breathlessness", "warning-signs", "has", "breathlessness", false],
["red", "chest-pain", "warning-signs", "has", "chest-pain", false],
["red", "fainting", "warning-signs", "has", "fainting", false],
["red", "confusion", "warning-signs", "has", "confusion", false],
["red", "bleeding", "warning-signs", "has", "bleeding", false],
["red", "shaking-chills", "warning-signs", "has", "shaking-chills", false],
["red", "fever-chills", "infusion-signs", "has", "fever-chills", false],
["red", "hives-rash", "infusion-signs", "has", "hives-rash", false],
["red", "breathlessness-wheeze", "infusion-signs", "has", "breathlessness-wheeze", false],
["red", "chest-pain", "infusion-signs", "has", "chest-pain", false],
["red", "faintness", "infusion-signs", "has", "faintness", false],
["red", "skin-damage", "skin-blisters", "=", true, false],
["red", "skin-damage", "skin-peeling", "=", true, false],
["red", "rash", "rash-percent", ">", 50.0, false],
["red", "fluids-kept", "fluids-kept", "=", false, false],
["red", "vomit-blood", "vomit-blood", "=", "obvious", false],
["red", "stool-blood", "stool-blood", "=", "obvious", false],
["red", "abdominal-pain", "abdominal-pain", ">=", 3.0, false],
["red", "liver-signs", "liver-signs", "has", "yellow", false],
["red", "immunosuppressant", "immunosuppressant", "=", "not-kept-down", false],
["amber", "temperature", "temperature", ">=", 37.5, false],
["amber", "temperature", "temperature", "<", 36.0, false],
["amber", "rash", "skin-change", "=", true, false],
["amber", "skin-itch", "skin-itch", ">=", 3.0, false],
["amber", "nausea", "nausea", ">=", 3.0, false],
["amber", "appetite-loss", "appetite-loss", ">=", 3.0, false],
["amber", "vomit-blood", "vomit-blood", "=", "streaks", false],
["amber", "stool-blood", "stool-blood", "=", "streaks", false],
["amber", "abdominal-pain", "abdominal-pain", ">=", 2.0, false],
["amber", "liver-signs", "liver-signs", "has", "dark-urine", false],
["amber", "liver-signs", "liver-signs", "has", "pale-stools", false],
["amber", "immunosuppressant", "immunosuppressant", "=", "missed", false],
["amber", "infusion-signs", "infusion-signs", "has", "headache", true],
["amber", "infusion-signs", "infusion-signs", "has", "other", true],
["amber", "skin-itch", "skin-itch", ">=", 1.0, true],
["amber", "appetite-loss", "appetite-loss", ">=", 1.0, true],
["amber", "nausea", "nausea", ">=", 1.0, true],
["amber", "vomiting-count", "vomiting-count", ">=", 1.0, true],
["amber", "loose-stool", "loose-stool-count", ">=", 1.0, true],
["amber", "abdominal-pain", "abdominal-pain", ">=", 1.0, true]
]"""
STOOL_HELD_BY_PHONES = """{
"adult": {"unmeasured": 200.0, "volume": [500.0, 1000.0], "count": [3.0, 5.0]},
"child": {"unmeasured": 3.0, "volume": [10.0, 20.0], "count": [4.0, 7.0]},
"child-age-below": 18,
"child-weight-max": 50.0
}"""
LATER_ADDED = {"red_close_hours": 24, "amber_close_hours": 48}  # clocks that protocol 1.0 does not have yet


@pytest.fixture(params=["nct06949267.v1.0.toml", "nct06949267.toml"])
def released(request: pytest.FixtureRequest) -> Thresholds:
    data = tomllib.loads((protocols.FOLDER / request.param).read_text(encoding="utf-8"), parse_float=Decimal)
    return protocols.parse_protocol_data({**data, "clocks": LATER_ADDED | data["clocks"]}).thresholds


def test_a_phone_holds_the_rules_byte_for_byte_as_released(released: Thresholds) -> None:
    assert json.dumps(device_rules(released)) == HELD_BY_PHONES.replace(",\n", ", ").replace("\n", "")


def test_a_phone_counts_stool_byte_for_byte_as_released(released: Thresholds) -> None:
    assert json.dumps(device_stool(released)) == STOOL_HELD_BY_PHONES.replace(",\n", ", ").replace("\n", "")


def test_a_changed_threshold_reaches_the_phone(released: Thresholds) -> None:
    [fever] = [rule for rule in device_rules(released) if rule.on == "temperature" and rule.severity is Severity.RED]
    assert fever.value == float(released.fever_red_cel)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_rests_on_thresholds_that_the_protocol_has(rule: AlertRule) -> None:
    assert set(rule.rests_on) <= {field.name for field in fields(Thresholds)}
    assert len(set(rule.rests_on)) == len(rule.rests_on)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_the_threshold_that_its_words_or_its_condition_use(rule: AlertRule) -> None:
    if "%(limit)s" in rule.words:
        assert rule.rests_on
    if "%(hours)s" in rule.words:
        assert "after_infusion_hours" in rule.rests_on
    if rule.on_device is not None and rule.on_device.threshold is not None:
        assert rule.on_device.threshold in rule.rests_on


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.on_device], ids=lambda rule: rule.id)
def test_a_condition_compares_an_answer_that_the_rule_names(rule: AlertRule) -> None:
    assert rule.on_device is not None
    assert rule.on_device.on in (*rule.link_ids, "rash-percent")


@pytest.mark.parametrize("symptom", [one for one in NEW_SYMPTOMS if one.daily], ids=lambda one: one.rule.id)
def test_a_new_symptom_without_a_condition_is_judged_on_the_phone_by_its_daily_rules(symptom: NewSymptom) -> None:
    assert symptom.rule.on_device is None
    for rule in symptom.daily:
        assert rule.on_device is not None
        assert rule.severity is Severity.RED or rule.symptom == symptom.rule.symptom
