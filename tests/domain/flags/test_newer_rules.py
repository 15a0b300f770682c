"""Protocol 2: shaking chills, two liver signs, jaundice until it is settled, results, and hours after an infusion."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from portal.domain.alert_rules import (
    RULES,
    ClinicalFacts,
    Evaluation,
    Severity,
    evaluate_bilirubin,
    evaluate_reaction,
    evaluate_temperature,
    missed_in_row,
)
from portal.domain.alert_rules.device import device_rules
from portal.domain.magic import BilirubinResult, BilirubinUnit, LiverAssessment
from portal.domain.protocol import Thresholds
from portal.domain.reports import Report

Judge = Callable[..., Evaluation]
Write = Callable[..., Report]
Moment = Callable[..., datetime]
YELLOW = {"liver-signs": ("yellow",)}


def rules(evaluation: Evaluation) -> set[str]:
    return {flag.rule_id for flag in evaluation.flags}


def test_shaking_chills_are_red_by_themselves_also_under_protocol_1(judge: Judge, judge_newer: Judge) -> None:
    for found in (judge({"warning-signs": ("shaking-chills",)}), judge_newer({"warning-signs": ("shaking-chills",)})):
        assert rules(found) == {"shaking-chills-red"}
        assert found.severity is Severity.RED


def test_shaking_chills_after_an_infusion_are_a_reaction(judge_newer: Judge, moment: Moment) -> None:
    found = judge_newer({"warning-signs": ("shaking-chills",)}, infusions=[moment(19)])
    assert {flag.organ.value for flag in found.flags} == {"general", "infusion"}


def test_dark_urine_and_pale_stools_are_two_symptoms_and_together_red(judge: Judge, judge_newer: Judge) -> None:
    both = {"liver-signs": ("dark-urine", "pale-stools")}
    assert rules(judge(both)) == {"dark-urine", "pale-stools"}
    assert rules(judge_newer(both)) == {"dark-urine", "pale-stools", "two-ambers"}
    assert judge_newer({"liver-signs": ("dark-urine",)}).severity is Severity.AMBER


def test_a_phone_counts_them_as_the_server_does(newer: Thresholds, thresholds: Thresholds) -> None:
    symptoms = [{rule.symptom for rule in device_rules(one) if rule.on == "liver-signs"} for one in (thresholds, newer)]
    assert symptoms == [{"liver-signs"}, {"liver-signs", "dark-urine", "pale-stools"}]


def result(moment: Moment, day: int, mg_dl: str, *, hour: int = 8) -> BilirubinResult:
    return BilirubinResult(moment(day).date(), moment(day, hour), Decimal(mg_dl))


@pytest.mark.parametrize(
    ("results", "is_red"),
    [
        ([], True),
        ([(20, "1.9")], False),  # below 2 mg/dL, sampled on the day of the sign
        ([(21, "1.9")], False),
        ([(19, "1.9")], True),  # sampled before the sign
        ([(20, "2.0")], True),  # not below 2: a result never silences what it confirms
        ([(20, "8.2")], True),
        ([(20, "1.9"), (21, "2.4")], True),  # risen again
        ([(20, "2.4"), (21, "1.9")], False),
    ],
)
def test_yellow_eyes_are_red_until_a_bilirubin_below_two_since_the_sign(
    judge_newer: Judge, write: Write, moment: Moment, results: list[tuple[int, str]], is_red: bool
) -> None:
    facts = ClinicalFacts(bilirubins=tuple(result(moment, day, value) for day, value in results))
    history = [write(day=19), write(YELLOW, day=20), write(YELLOW, day=21)]
    assert ("jaundice-red" in rules(judge_newer(write(YELLOW, day=22), *history, facts=facts))) is is_red


@pytest.mark.parametrize(("umol", "is_red"), [("34.1", False), ("34.2", True)])
def test_the_limit_is_exact_in_umol(judge_newer: Judge, write: Write, moment: Moment, umol: str, is_red: bool) -> None:
    one = BilirubinResult(moment(20).date(), moment(20, 8), Decimal(umol), BilirubinUnit.UMOL_L)
    found = judge_newer(write(YELLOW, day=21), write(YELLOW, day=20), facts=ClinicalFacts(bilirubins=(one,)))
    assert ("jaundice-red" in rules(found)) is is_red


def test_a_clinician_settles_yellow_eyes_too(judge_newer: Judge, write: Write, moment: Moment) -> None:
    facts = ClinicalFacts(liver_assessed=LiverAssessment(moment(20).date(), moment(20, 15)))
    assert "jaundice-red" not in rules(judge_newer(write(YELLOW, day=21), write(YELLOW, day=20), facts=facts))
    early = ClinicalFacts(liver_assessed=LiverAssessment(moment(19).date(), moment(19, 15)))
    assert "jaundice-red" in rules(judge_newer(write(YELLOW, day=21), write(YELLOW, day=20), facts=early))


@pytest.mark.parametrize(("day", "is_red"), [(26, False), (27, True)])
def test_settled_yellow_eyes_begin_anew_after_seven_days(
    judge_newer: Judge, write: Write, moment: Moment, day: int, is_red: bool
) -> None:
    facts = ClinicalFacts(bilirubins=(result(moment, 20, "1.0"),))
    history = [write(YELLOW, day=one) for one in range(20, day)]
    assert ("jaundice-red" in rules(judge_newer(write(YELLOW, day=day), *history, facts=facts))) is is_red


@pytest.mark.parametrize(("free", "is_red"), [(2, False), (3, True)])
def test_settled_yellow_eyes_begin_anew_after_three_free_days(
    judge_newer: Judge, write: Write, moment: Moment, free: int, is_red: bool
) -> None:
    facts = ClinicalFacts(bilirubins=(result(moment, 20, "1.0"),))
    history = [write(YELLOW, day=20), *(write(day=21 + day) for day in range(free))]
    assert ("jaundice-red" in rules(judge_newer(write(YELLOW, day=25), *history, facts=facts))) is is_red


def test_a_caller_cannot_settle_yellow_eyes_by_hand_under_protocol_2(judge_newer: Judge, write: Write) -> None:
    assert "jaundice-red" in rules(judge_newer(write(YELLOW, day=21), write(YELLOW, day=20)))


@pytest.mark.parametrize(
    ("value", "before", "rule"),
    [
        ("1.9", None, None),
        ("2.0", None, "bilirubin-amber"),
        ("3.0", "2.5", "bilirubin-amber"),
        ("2.0", "1.9", "bilirubin-red"),  # up by a stage
        ("3.1", None, "bilirubin-red"),
        ("3.1", "5.0", "bilirubin-red"),
        ("2.5", "8.0", "bilirubin-amber"),
        ("1.0", "8.0", None),
    ],
)
def test_a_bilirubin_alerts_by_its_stage_and_when_it_rises_by_one(
    newer: Thresholds, moment: Moment, value: str, before: str | None, rule: str | None
) -> None:
    earlier = [result(moment, 18, before)] if before else []
    found = evaluate_bilirubin(result(moment, 20, value), earlier, thresholds=newer)
    assert [flag.rule_id for flag in found] == ([rule] if rule else [])
    assert all(flag.organ == "liver" for flag in found)


def test_a_red_bilirubin_and_a_severe_reaction_tell_the_investigator(newer: Thresholds) -> None:
    assert {rule.id for rule in RULES if rule.tells_investigator} == {"bilirubin-red", "infusion-reaction"}
    assert [bool(evaluate_reaction(grade, thresholds=newer)) for grade in range(6)] == [False] * 3 + [True] * 3


def test_results_alert_nobody_under_protocol_1(thresholds: Thresholds, moment: Moment) -> None:
    assert evaluate_bilirubin(result(moment, 20, "30"), [result(moment, 18, "1")], thresholds=thresholds) == ()
    assert evaluate_reaction(5, thresholds=thresholds) == ()


@pytest.mark.parametrize(
    ("celsius", "rule"), [("38.0", "fever-red"), ("37.9", "fever-amber"), ("36.0", None), ("35.9", "cold-amber")]
)
def test_a_temperature_that_staff_record_is_judged_like_that_of_a_diary(
    newer: Thresholds, celsius: str, rule: str | None
) -> None:
    found = evaluate_temperature(Decimal(celsius), thresholds=newer)
    assert [flag.rule_id for flag in found] == ([rule] if rule else [])


NAUSEA = {"nausea": 1}


@pytest.mark.parametrize(
    ("day", "hour", "ends", "counts"), [(20, 47, 36, True), (20, 49, 36, True), (20, 50, 60, False)]
)
def test_the_hours_after_an_infusion_count_for_a_diary_about_a_day_within_them(
    judge_newer: Judge, write: Write, moment: Moment, day: int, hour: int, ends: int, counts: bool
) -> None:
    """Given at midnight; entered ``hour`` hours later about a day that ended ``ends`` hours later."""
    given = moment(day, 0)
    late = replace(write(NAUSEA, day=day + 1), entered_at=given + timedelta(hours=hour))
    facts = ClinicalFacts(day_ends_at=given + timedelta(hours=ends))
    assert ("infusion-new-nausea" in rules(judge_newer(late, infusions=[given], facts=facts))) is counts


def test_an_infusion_that_was_planned_counts_until_somebody_has_recorded_it(
    judge_newer: Judge, write: Write, moment: Moment, newer: Thresholds
) -> None:
    facts = ClinicalFacts(infusions_planned_at=(moment(20, 6),))
    assert "infusion-new-nausea" in rules(judge_newer(write(NAUSEA), facts=facts))
    assert (
        rules(judge_newer(write(NAUSEA), facts=facts, thresholds=replace(newer, after_planned_infusion=False))) == set()
    )
    assert rules(judge_newer(write(NAUSEA), facts=ClinicalFacts(infusions_planned_at=(moment(20, 13),)))) == set()


def test_paused_days_are_not_missed_days() -> None:
    due = [date(2026, 4, day) for day in range(1, 11)]
    paused = due[3:9]
    assert missed_in_row(due, due[:3]) == 7
    assert missed_in_row(due, due[:3], paused_on=paused) == 1
    assert missed_in_row(due, due[:2], paused_on=paused) == 2
    assert missed_in_row(due, [due[5]], paused_on=paused) == 1
