"""Each way to break the protocol file, and the fault that names it."""

from dataclasses import fields
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from portal import protocols
from portal.domain.protocol import Protocol
from portal.domain.protocol_file import ProtocolFault

GONE = object()

BROKEN = [
    # the shape of the file
    ("infusions.weeks", GONE, "infusions.weeks: is missing"),
    ("clocks", GONE, "clocks: is missing"),
    ("infusions.wekks", 4, "infusions.wekks: is not known"),
    ("eligibility", 7, "eligibility: must be a table"),
    ("visits", "d28", "visits: must be a list"),
    ("infusions.weeks", "4", "infusions.weeks: must be a whole number"),
    ("infusions.weeks", True, "infusions.weeks: must be a whole number"),
    ("infusions.weeks", Decimal("4.5"), "infusions.weeks: must be a whole number"),
    ("arms.imsc.infusions", 1, "arms.imsc.infusions: must be true or false"),
    ("eligibility.map_min", "0.14", "eligibility.map_min: must be a number"),
    ("registry.start_on", "2025-06-01", "registry.start_on: must be a date"),
    ("reminders.default_at", "19:00", "reminders.default_at: must be a local time"),
    ("sponsor_id", "  ", "sponsor_id: must not be empty"),
    ("registry.identifiers", [["only one"]], "registry.identifiers.1: must have 2 elements"),
    ("languages", ["en", "fr"], "languages.2: must be one of en, zh-CN"),
    ("arms.imsc.code", "msc", "arms.msc.code: must be one of imsc, control"),
    # what a value may be
    ("infusions.weeks", 0, "infusions.weeks: must be from 1 to 104, is 0"),
    ("visits.d56.window_days", -1, "visits.d56.window_days: must be from 0 to 730, is -1"),
    ("eligibility.map_min", Decimal("1.4"), "eligibility.map_min: must be from 0 to 1, is 1.4"),
    ("thresholds.fever_red_cel", Decimal("100.4"), "thresholds.fever_red_cel: must be from 34 to 42, is 100.4"),
    ("thresholds.fever_red_cel", Decimal("NaN"), "thresholds.fever_red_cel: must be from 34 to 42, is NaN"),
    ("diary.weight_weekday", 0, "diary.weight_weekday: must be from 1 to 7, is 0"),
    ("nct_id", "NCT0694926", "nct_id: must be NCT and eight digits"),
    ("version", "1", "version: must be two numbers with a point between"),
    ("short_title.zh", "iMSC study", "short_title.zh: must be Chinese"),
    ("sites.RJ.urgent_phone", "64370045", "sites.RJ.urgent_phone: must be an international number that begins with +"),
    ("timezone", "Asia/Shangai", "timezone: is not a time zone, Asia/Shangai"),
    ("timezone", "../etc/passwd", "timezone: is not a time zone, ../etc/passwd"),
    # what one value says about another
    ("eligibility.day_min", 22, "eligibility.day_min: must be <= eligibility.day_max, is 22 against 21"),
    (
        "thresholds.fever_amber_cel",
        38,
        "thresholds.fever_amber_cel: must be < thresholds.fever_red_cel, is 38 against 38.0",
    ),
    (
        "thresholds.stool_ml.red",
        500,
        "thresholds.stool_ml.amber: must be < thresholds.stool_ml.red, is 500 against 500",
    ),
    (
        "thresholds.pain_amber_score",
        3,
        "thresholds.pain_amber_score: must be < thresholds.pain_red_score, is 3 against 3",
    ),
    (
        "clocks.red_principal_minutes",
        30,
        "clocks.red_second_minutes: must be <= clocks.red_principal_minutes, is 60 against 30",
    ),
    (
        "reminders.default_at",
        time(22),
        "reminders.default_at: must be <= reminders.latest, is 22:00:00 against 20:00:00",
    ),
    (
        "reminders.infusion_morning_at",
        time(7, 30),
        "reminders.quiet_until: must be <= reminders.infusion_morning_at, is 08:00:00 against 07:30:00",
    ),
    ("registry.enrolment", 60, "registry.enrolment: must be the sum of the arms, 56, is 60"),
    ("arms.imsc.interventions", ["imsc", "atg"], "arms.imsc.interventions: atg is not described"),
    ("arms.imsc.interventions", ["prophylaxis"], "interventions.imsc: no arm receives it"),
    ("arms.imsc.infusions", False, "arms: no arm has infusions, yet there is an infusion plan"),
    ("arms.imsc.code", "control", "arms: has control more than once"),
    ("criteria.age.number", 9, "criteria: inclusion must be numbered 1, 2, 3 and so on, is [1, 9, 3, 4, 5, 6, 7, 8]"),
    ("criteria.age.code", "years", "criteria.years: no rule decides it"),
    ("criteria.age.code", "map", "criteria: has map more than once"),
    ("infusions.spacing_days", 4, "infusions.spacing_days: 2 a week do not fit 4 days apart"),
    ("visits.d28.window_days", 21, "visits.d56: its window must begin after that of d28 has ended"),
    ("visits.d180.study_day", 90, "visits.d180: its window must begin after that of d100 has ended"),
    ("clocks.working_weekdays", [1, 2, 2], "clocks.working_weekdays: has 2 more than once"),
    ("clocks.extra_working_days", [date(2026, 10, 4)], "clocks.extra_working_days: 2026-10-04 is a holiday"),
    (
        "clocks.extra_working_days",
        [date(2026, 11, 23)],
        "clocks.extra_working_days: 2026-11-23 is a working day anyway",
    ),
    ("sites", [], "sites: must not be empty"),
    ("languages", ["en"], "languages: must be en and zh-CN, is en"),
    ("sponsor_id", "RJ-1", "registry.identifiers: RJ-1 is missing"),
    ("assumptions.1.key", "infusions.months", "assumptions: infusions.months is not in the file"),
    ("assumptions.1.key", "visits", "assumptions: has visits more than once"),
]


@pytest.mark.parametrize(("key", "value", "fault"), BROKEN, ids=[fault for _, _, fault in BROKEN])
def test_a_broken_file_names_its_fault(data: dict[str, Any], key: str, value: object, fault: str) -> None:
    _put(data, key, value)
    assert fault in _faults(data)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("eligibility.day_min", 21),
        ("infusions.weeks", 104),
        ("visits.d28.window_days", 20),
        ("thresholds.fever_amber_cel", Decimal("37.9")),
        ("clocks.red_principal_minutes", 60),
        ("clocks.extra_working_days", [date(2026, 11, 22)]),
        ("registry.contacts.1.phone", ""),
    ],
)
def test_a_value_just_inside_its_bound_is_taken(data: dict[str, Any], key: str, value: object) -> None:
    _put(data, key, value)
    protocols.parse_protocol_data(data)


def test_all_faults_are_named_at_once(data: dict[str, Any]) -> None:
    _put(data, "infusions.weeks", 0)
    _put(data, "clocks.working_from", "eight")
    _put(data, "clocks.red_second_minutes", 30)
    _put(data, "registry.phase", GONE)
    _put(data, "registry.enrolment", 55)
    _put(data, "timezone", "Shanghai")
    assert sorted(_faults(data)) == [
        "clocks.red_acknowledge_minutes: must be <= clocks.red_second_minutes, is 60 against 30",
        "clocks.working_from: must be a local time",
        "infusions.weeks: must be from 1 to 104, is 0",
        "registry.enrolment: must be the sum of the arms, 56, is 55",
        "registry.phase: is missing",
        "timezone: is not a time zone, Shanghai",
    ]


def test_one_fault_is_one_line(data: dict[str, Any]) -> None:
    _put(data, "registry.phase.en", GONE)
    assert _faults(data) == ("registry.phase.en: is missing",)


def test_an_empty_file_names_every_table_and_value_that_is_missing() -> None:
    faults = _faults({})
    assert "nct_id: is missing" in faults
    assert len(faults) == len(fields(Protocol)) - 1  # all but the status, which is "released" when nothing is said


def test_the_message_lists_the_faults_for_the_log(data: dict[str, Any]) -> None:
    _put(data, "version", "one")
    with pytest.raises(ProtocolFault, match="version: must be two numbers"):
        protocols.parse_protocol_data(data)


def _faults(data: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(ProtocolFault) as raised:
        protocols.parse_protocol_data(data)
    return raised.value.faults


def _put(data: Any, key: str, value: object) -> None:
    *path, last = key.split(".")
    for name in path:
        data = _child(data, name)
    if value is GONE:
        del data[last]
    else:
        data[last] = value


def _child(data: Any, name: str) -> Any:
    if isinstance(data, list):
        return data[int(name) - 1] if name.isdigit() else next(item for item in data if item["code"] == name)
    return data[name]
