"""One row for each threshold and side: which rules a report meets."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from portal.domain.alert_rules import BILIRUBIN_WANTED, Evaluation, Severity
from portal.domain.reports import Report

Answers = Mapping[str, object]
Judge = Callable[..., Evaluation]
Write = Callable[..., Report]

BELOW_A_QUARTER = {"trunk-front": "most", "trunk-back": "some", "buttocks": "most"}  # 24.5 %
A_QUARTER = BELOW_A_QUARTER | {"genital": "some"}
HALF = {"trunk-front": "most", "trunk-back": "most", "thigh-left-front": "most", "thigh-left-back": "most"} | {
    "thigh-right-front": "most",
    "thigh-right-back": "most",
    "buttocks": "most",
}
MORE_THAN_HALF = HALF | {"genital": "some"}


def rules(evaluation: Evaluation) -> set[str]:
    return {flag.rule_id for flag in evaluation.flags}


def test_a_day_without_symptoms_raises_nothing(judge: Judge) -> None:
    assert judge({}) == Evaluation((), None)


@pytest.mark.parametrize(
    ("temperature", "rule"),
    [
        ("38.0", "fever-red"),
        ("37.9", "fever-amber"),
        ("37.5", "fever-amber"),
        ("37.4", None),
        ("36.0", None),
        ("35.9", "cold-amber"),
    ],
)
def test_temperature(judge: Judge, temperature: str, rule: str | None) -> None:
    assert rules(judge({"temperature": Decimal(temperature)})) == ({rule} if rule else set())


@pytest.mark.parametrize("sign", ["breathlessness", "chest-pain", "fainting", "confusion", "bleeding"])
def test_every_warning_sign_is_red(judge: Judge, sign: str) -> None:
    found = judge({"warning-signs": (sign,)})
    assert (rules(found), found.severity) == ({f"{sign}-red"}, Severity.RED)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"skin-blisters": True}, {"rash-new", "skin-blisters-red"}),
        ({"skin-peeling": True}, {"rash-new", "skin-peeling-red"}),
        ({"skin-blisters": False, "skin-peeling": False, "skin-areas": {"neck-front": "some"}}, {"rash-new"}),
        ({"skin-areas": BELOW_A_QUARTER}, {"rash-new"}),
        ({"skin-areas": A_QUARTER}, {"rash-new", "rash-extent-amber"}),
        ({"skin-areas": HALF}, {"rash-new", "rash-extent-amber"}),
        ({"skin-areas": MORE_THAN_HALF}, {"rash-new", "rash-extent-red"}),
    ],
)
def test_skin(judge: Judge, answers: Answers, expected: set[str]) -> None:
    assert rules(judge(answers)) == expected


def test_a_whole_red_body_with_blisters_and_peeling_may_be_stage_4(judge: Judge) -> None:
    found = judge({"skin-areas": MORE_THAN_HALF, "skin-blisters": True, "skin-peeling": True})
    assert "skin-stage-4-possible" in rules(found)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"vomiting-count": 1, "vomit-blood": "obvious"}, {"vomit-blood-red"}),
        ({"vomiting-count": 1, "vomit-blood": "streaks"}, {"vomit-streaks-amber"}),
        ({"vomiting-count": 1, "vomit-blood": "none"}, set()),
        ({"fluids-kept": False}, {"fluids-red"}),
        ({"fluids-kept": True}, set()),
        ({"immunosuppressant": "not-kept-down"}, {"immunosuppressant-red"}),
        ({"immunosuppressant": "missed"}, {"dose-missed"}),
        ({"immunosuppressant": "not-prescribed"}, set()),
        ({"nausea": 3}, {"nausea-high"}),
        ({"nausea": 2}, set()),
        ({"appetite-loss": 3}, {"appetite-high"}),
        ({"appetite-loss": 2}, set()),
        ({"skin-itch": 3}, {"itch-high", "rash-new", "two-ambers"}),
        ({"skin-itch": 2}, {"rash-new"}),
    ],
)
def test_stomach_medicine_and_scores(judge: Judge, answers: Answers, expected: set[str]) -> None:
    assert rules(judge(answers)) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"loose-stool-count": 2}, set()),
        ({"loose-stool-count": 3}, {"stool-amber"}),
        ({"loose-stool-count": 4}, {"stool-amber"}),
        ({"loose-stool-count": 5}, {"stool-red"}),
        ({"loose-stool-count": 5, "stool-volume-ml": 100, "stool-unmeasured-count": 0}, {"stool-red"}),
        ({"loose-stool-count": 1, "stool-volume-ml": 499, "stool-unmeasured-count": 0}, set()),
        ({"loose-stool-count": 1, "stool-volume-ml": 500, "stool-unmeasured-count": 0}, {"stool-amber"}),
        ({"loose-stool-count": 1, "stool-volume-ml": 999, "stool-unmeasured-count": 0}, {"stool-amber"}),
        ({"loose-stool-count": 1, "stool-volume-ml": 1000, "stool-unmeasured-count": 0}, {"stool-red"}),
        ({"loose-stool-count": 2, "stool-volume-ml": 800, "stool-unmeasured-count": 1}, {"stool-red"}),
        ({"stool-blood": "none"}, set()),
        ({"stool-blood": "streaks"}, {"stool-streaks-amber"}),
        ({"stool-blood": "obvious"}, {"stool-blood-red", "lower-gi-stage-4-possible"}),
        ({"abdominal-pain": 1}, set()),
        ({"abdominal-pain": 2}, {"pain-amber"}),
        ({"abdominal-pain": 3}, {"pain-red", "lower-gi-stage-4-possible"}),
        ({"abdominal-pain": 4}, {"pain-red", "lower-gi-stage-4-possible"}),
    ],
)
def test_bowel(judge: Judge, answers: Answers, expected: set[str]) -> None:
    assert rules(judge(answers)) == expected


@pytest.mark.parametrize(
    ("count", "volume", "expected"),
    [
        (3, 449, set()),
        (4, 100, {"stool-amber"}),
        (6, 100, {"stool-amber"}),
        (7, 100, {"stool-red"}),
        (1, 450, {"stool-amber"}),
        (1, 899, {"stool-amber"}),
        (1, 900, {"stool-red"}),
    ],
)
def test_bowel_of_a_minor_of_45_kg(judge: Judge, count: int, volume: int, expected: set[str]) -> None:
    answers = {"loose-stool-count": count, "stool-volume-ml": volume, "stool-unmeasured-count": 0}
    assert rules(judge(answers, age=15, weight_kg=Decimal(45))) == expected


def test_a_minor_without_a_weight_is_judged_on_the_worse_scale_in_words(judge: Judge) -> None:
    flag = judge({"loose-stool-count": 5}, age=15, weight_kg=None).flags[0]
    assert (flag.rule_id, "weight unknown" in flag.evidence.msgid) == ("stool-red", True)


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        (("yellow",), {"jaundice-red"}),
        (("dark-urine",), {"dark-urine"}),
        (("pale-stools",), {"pale-stools"}),
        (("dark-urine", "pale-stools"), {"dark-urine", "pale-stools"}),
        (("none",), set()),
    ],
)
def test_liver_signs(judge: Judge, signs: tuple[str, ...], expected: set[str]) -> None:
    assert rules(judge({"liver-signs": signs})) == expected


YELLOW: Answers = {"liver-signs": ("yellow",)}


@pytest.mark.parametrize(("settled", "severity"), [(False, Severity.RED), (True, None)])
def test_jaundice_is_red_every_day_until_it_is_settled(
    judge: Judge, write: Write, settled: bool, severity: Severity | None
) -> None:
    found = judge(write(YELLOW, day=22), write(YELLOW, day=20), write(YELLOW, day=21), bilirubin_settled=settled)
    assert found.severity is severity


def test_jaundice_that_comes_back_after_it_was_settled_is_red(judge: Judge, write: Write) -> None:
    found = judge(write(YELLOW, day=22), write(YELLOW, day=20), write(day=21), bilirubin_settled=True)
    assert found.severity is Severity.RED


@pytest.mark.parametrize(("sign", "wanted"), [("yellow", True), ("dark-urine", True), ("pale-stools", False)])
def test_jaundice_and_dark_urine_want_a_bilirubin(judge: Judge, sign: str, wanted: bool) -> None:
    assert bool(rules(judge({"liver-signs": (sign,)})) & BILIRUBIN_WANTED) is wanted
