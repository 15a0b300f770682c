"""The first 48 hours after an infusion."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from portal.domain.alert_rules import Evaluation, Organ, Severity
from portal.domain.reports import Report

Answers = Mapping[str, object]
Judge = Callable[..., Evaluation]
Write = Callable[..., Report]


def of_infusion(evaluation: Evaluation) -> set[str]:
    return {flag.rule_id for flag in evaluation.flags if flag.organ is Organ.INFUSION and flag.rule_id != "two-ambers"}


def hours_before(report: Report, hours: float) -> tuple[datetime, ...]:
    return (report.entered_at - timedelta(hours=hours),)


@pytest.mark.parametrize(
    ("sign", "rule"),
    [
        ("fever-chills", "infusion-fever"),
        ("hives-rash", "infusion-hives"),
        ("breathlessness-wheeze", "infusion-breathlessness"),
        ("chest-pain", "infusion-chest-pain"),
        ("faintness", "infusion-faintness"),
    ],
)
def test_a_reaction_is_red_even_when_the_infusion_is_not_recorded(judge: Judge, sign: str, rule: str) -> None:
    found = judge({"infusion-signs": (sign,)})
    assert (of_infusion(found), found.severity) == ({rule}, Severity.RED)


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ({"temperature": Decimal("38.0")}, "infusion-fever"),
        ({"warning-signs": ("breathlessness",)}, "infusion-breathlessness"),
        ({"warning-signs": ("chest-pain",)}, "infusion-chest-pain"),
        ({"warning-signs": ("fainting",)}, "infusion-faintness"),
    ],
)
@pytest.mark.parametrize(("hours", "within"), [(0, True), (48, True), (48.01, False), (-1, False)])
def test_the_daily_pages_tell_of_a_reaction_within_48_hours(
    judge: Judge, write: Write, answers: Answers, rule: str, hours: float, within: bool
) -> None:
    report = write(answers)
    found = judge(report, infusions=hours_before(report, hours))
    assert of_infusion(found) == ({rule} if within else set())


NEW = [
    ({"infusion-signs": ("headache",)}, {"headache"}),
    ({"infusion-signs": ("other",)}, {"other"}),
    ({"temperature": Decimal("37.5")}, {"temperature"}),
    ({"temperature": Decimal("35.9")}, {"temperature"}),
    ({"warning-signs": ("confusion",)}, {"confusion"}),
    ({"warning-signs": ("bleeding",)}, {"bleeding"}),
    ({"skin-change": True}, {"rash"}),
    ({"skin-itch": 1}, {"rash", "skin-itch"}),
    ({"skin-blisters": True}, {"rash", "skin-damage"}),
    ({"appetite-loss": 1}, {"appetite-loss"}),
    ({"nausea": 1}, {"nausea"}),
    ({"vomiting-count": 1, "vomit-blood": "streaks"}, {"vomiting-count", "vomit-blood"}),
    ({"fluids-kept": False}, {"fluids-kept"}),
    ({"loose-stool-count": 1}, {"loose-stool"}),
    ({"stool-blood": "streaks"}, {"stool-blood"}),
    ({"abdominal-pain": 1}, {"abdominal-pain"}),
    ({"liver-signs": ("yellow",)}, {"jaundice"}),
    ({"liver-signs": ("dark-urine",)}, {"dark-urine"}),
    ({"liver-signs": ("pale-stools",)}, {"pale-stools"}),
]


@pytest.mark.parametrize(("answers", "symptoms"), NEW)
def test_any_other_new_symptom_is_amber(judge: Judge, write: Write, answers: Answers, symptoms: set[str]) -> None:
    report = write(answers)
    found = judge(report, infusions=hours_before(report, 24))
    assert of_infusion(found) == {f"infusion-new-{symptom}" for symptom in symptoms}


@pytest.mark.parametrize(("answers", "symptoms"), NEW)
def test_what_was_there_in_the_last_report_is_not_new(
    judge: Judge, write: Write, answers: Answers, symptoms: set[str]
) -> None:
    report = write(answers, day=20)
    found = judge(report, write(answers, day=19), infusions=hours_before(report, 24))
    assert of_infusion(found) == set()


def test_one_mild_new_symptom_is_amber_and_two_are_red(judge: Judge, write: Write) -> None:
    one, two = write({"nausea": 1}), write({"nausea": 1, "abdominal-pain": 1})
    assert judge(one, infusions=hours_before(one, 3)).severity is Severity.AMBER
    assert judge(two, infusions=hours_before(two, 3)).severity is Severity.RED


def test_a_new_rash_after_an_infusion_counts_once(judge: Judge, write: Write) -> None:
    report = write({"skin-change": True})
    assert judge(report, infusions=hours_before(report, 3)).severity is Severity.AMBER
