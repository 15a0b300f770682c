"""What a report means beside the ones before it."""

from collections.abc import Callable, Mapping
from decimal import Decimal

import pytest

from portal.domain.alert_rules import Evaluation, Severity
from portal.domain.reports import Report

Answers = Mapping[str, object]
Judge = Callable[..., Evaluation]
Write = Callable[..., Report]

RASH: Answers = {"skin-areas": {"neck-front": "most"}}


def rules(evaluation: Evaluation) -> set[str]:
    return {flag.rule_id for flag in evaluation.flags}


def test_a_rash_that_is_still_there_is_amber_until_it_is_assessed(judge: Judge, write: Write) -> None:
    still, before = write(RASH, day=21), write(RASH, day=20)
    assert rules(judge(still, before)) == {"rash-persisting"}
    assert rules(judge(still, before, rash_assessed=True)) == set()


def test_a_rash_is_new_when_the_last_report_had_none_however_long_ago(judge: Judge, write: Write) -> None:
    assert "rash-new" in rules(judge(write(RASH, day=40), write(RASH, day=20), write(day=21)))


def test_a_new_rash_is_amber_though_an_older_one_was_assessed(judge: Judge, write: Write) -> None:
    assert rules(judge(write(RASH, day=21), write(day=20), rash_assessed=True)) == {"rash-new"}


@pytest.mark.parametrize(
    ("before", "day", "grows"),
    [
        ({"upper-arm-left-front": "most", "genital": "most"}, 18, True),
        ({"upper-arm-left-front": "most", "genital": "most"}, 17, False),
        ({"upper-arm-left-front": "most", "genital": "most", "neck-front": "some"}, 18, False),
    ],
)
def test_a_rash_grows_by_ten_points_in_two_days(
    judge: Judge, write: Write, before: dict[str, str], day: int, grows: bool
) -> None:
    now = write({"skin-areas": {"trunk-front": "most"}}, day=20)
    assert ("rash-growing" in rules(judge(now, write({"skin-areas": before}, day=day)))) is grows


def test_growth_is_seen_from_the_smallest_extent_of_those_days(judge: Judge, write: Write) -> None:
    days = [write({"skin-areas": {"trunk-front": extent}}, day=day) for day, extent in ((18, "some"), (19, "most"))]
    wider = write({"skin-areas": {"trunk-front": "most", "head-front": "most"}}, day=20)
    assert "rash-growing" in rules(judge(wider, *days))


@pytest.mark.parametrize(
    ("link_id", "rule"),
    [("nausea", "nausea-rise"), ("appetite-loss", "appetite-rise"), ("abdominal-pain", "pain-rise")],
)
def test_a_score_up_by_two_since_yesterday(judge: Judge, write: Write, link_id: str, rule: str) -> None:
    now = write({link_id: 2}, day=20)
    assert rule in rules(judge(now, write(day=19)))
    assert rule not in rules(judge(now, write({link_id: 1}, day=19)))


def test_itching_up_by_two_with_an_assessed_rash(judge: Judge, write: Write) -> None:
    before = write({**RASH, "skin-itch": 0}, day=19)
    assert rules(judge(write({**RASH, "skin-itch": 2}), before, rash_assessed=True)) == {"itch-rise"}


@pytest.mark.parametrize(("day", "rises"), [(17, True), (16, False)])
def test_yesterday_is_the_last_report_of_three_days(judge: Judge, write: Write, day: int, rises: bool) -> None:
    assert ("nausea-rise" in rules(judge(write({"nausea": 2}, day=20), write(day=day)))) is rises


def test_without_a_report_before_nothing_has_risen(judge: Judge) -> None:
    assert rules(judge({"nausea": 2})) == set()


NAUSEA, VOMITING, POOR_APPETITE = {"nausea": 1}, {"vomiting-count": 1}, {"appetite-loss": 1}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([NAUSEA] * 3, {"nausea-days"}),
        ([VOMITING] * 3, {"vomiting-days"}),
        ([POOR_APPETITE] * 3, {"appetite-days"}),
        ([NAUSEA] * 2, set()),
        ([NAUSEA, None, NAUSEA], set()),
        ([NAUSEA, None, NAUSEA, NAUSEA], {"nausea-days"}),
        ([NAUSEA, {}, NAUSEA], set()),
        ([NAUSEA, VOMITING, POOR_APPETITE], {"stomach-days"}),
        ([NAUSEA, NAUSEA, NAUSEA, {}], set()),
    ],
)
def test_the_stomach_on_three_days_running(
    judge: Judge, write: Write, days: list[Answers | None], expected: set[str]
) -> None:
    reports = [write(answers, day=day) for day, answers in enumerate(days, start=20) if answers is not None]
    assert rules(judge(reports[-1], *reports[:-1])) == expected


def test_reports_of_one_day_are_one_day(judge: Judge, write: Write) -> None:
    day = [write(NAUSEA, day=20, hour=8), write(NAUSEA, day=20, hour=12), write(NAUSEA, day=20, hour=18)]
    assert rules(judge(day[-1], *day[:-1])) == set()


def test_what_was_sent_later_is_not_looked_at(judge: Judge, write: Write) -> None:
    assert "rash-new" in rules(judge(write(RASH, day=20), write(RASH, day=21)))


@pytest.mark.parametrize(
    ("answers", "organs"),
    [
        ({"temperature": Decimal("37.6"), "abdominal-pain": 2}, {"general", "lower_gi"}),
        ({"immunosuppressant": "missed", "abdominal-pain": 2}, {"general", "lower_gi"}),
        ({"loose-stool-count": 3, "abdominal-pain": 2}, {"lower_gi"}),
        ({"loose-stool-count": 3, "nausea": 3, **RASH}, {"lower_gi", "upper_gi", "skin"}),
    ],
)
def test_two_ambers_from_different_symptoms_are_red_in_every_organ(
    judge: Judge, answers: Answers, organs: set[str]
) -> None:
    found = judge(answers)
    red = {flag.organ for flag in found.flags if flag.rule_id == "two-ambers"}
    assert (red, found.severity) == (organs, Severity.RED)


@pytest.mark.parametrize(
    "answers",
    [
        {"liver-signs": ("dark-urine", "pale-stools")},
        {"skin-areas": {"trunk-front": "most", "trunk-back": "most"}},
        {"abdominal-pain": 2},
    ],
)
def test_one_answer_that_meets_two_rules_counts_once(judge: Judge, write: Write, answers: Answers) -> None:
    found = judge(write(answers, day=20), write(day=19))
    assert len(found.flags) >= 2
    assert found.severity is Severity.AMBER


def test_a_red_and_an_amber_are_not_two_ambers(judge: Judge) -> None:
    assert "two-ambers" not in rules(judge({"abdominal-pain": 4, "immunosuppressant": "missed"}))


def test_the_evidence_of_two_ambers_names_both(judge: Judge) -> None:
    found = judge({"immunosuppressant": "missed", "abdominal-pain": 2})
    red = next(flag for flag in found.flags if flag.rule_id == "two-ambers")
    assert [part.msgid.split(":")[0] for part in red.evidence.parts] == [
        "A dose of the immunosuppressant was missed",
        "Abdominal pain",
    ]
    assert red.link_ids == ("immunosuppressant", "abdominal-pain")
