"""Protocol 2: a known, stable symptom is shown and not flagged. What is new, worse or red always is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from portal.domain.alert_rules import ClinicalFacts, Evaluation, Severity, asks_weight
from portal.domain.alert_rules.upper_gi import appetite_baseline
from portal.domain.protocol import Thresholds
from portal.domain.reports import Report
from portal.domain.weights import WeightMeasurement

Judge = Callable[..., Evaluation]
Write = Callable[..., Report]
Moment = Callable[..., datetime]
QUARTER = {"trunk-front": "most", "trunk-back": "most"}  # 26 %
THIRD = QUARTER | {"thigh-left-front": "most", "thigh-right-front": "most"}  # 35.5 %


def shown(evaluation: Evaluation) -> set[str]:
    return {flag.rule_id for flag in evaluation.flags}


def news(evaluation: Evaluation) -> set[str]:
    return {flag.rule_id for flag in evaluation.news}


def course(write: Write, link_id: str, scores: str, *, first: int = 20) -> list[Report]:
    """One report a day; ``-`` is a day without one."""
    days = enumerate(scores, start=first)
    return [write({link_id: int(score)} if score != "0" else {}, day=day) for day, score in days if score != "-"]


def flagged_days(
    judge: Judge, reports: list[Report], rule: str, limits: Thresholds | None = None, **facts: object
) -> list[int]:
    """The study days on which the rule is news."""
    known = ClinicalFacts(**facts)  # type: ignore[arg-type]
    options = {"thresholds": limits} if limits else {}
    return [
        one.study_day
        for place, one in enumerate(reports)
        if rule in news(judge(one, *reports[:place], facts=known, **options))
    ]


@pytest.mark.parametrize(
    ("scores", "days"),
    [
        (
            "2222222222",
            [22, 26],
        ),  # from the first day on: flagged once, then a baseline, looked at weekly
        ("0002222", [25]),  # above a baseline of none, on the day the run is long enough
        ("2220222", [22]),  # one better day leaves the baseline as it is
        ("22200222", [22, 27]),  # two let it fall, and then the old score is above it
        ("1112", [22, 23]),  # above the baseline
        ("111211", [22, 23]),  # and back at it
        ("00011111111111111", [25, 29, 36]),  # reached 3, then each 7th day of the run
        ("0001112", [25, 26]),  # higher than anything in the run
        ("00021112", [25]),  # as high as the run has been is no news
        ("000-1-1-1", [28]),  # a missed day neither breaks nor extends the run
        ("22", []),
    ],
)
def test_a_poor_appetite_flags_above_the_own_baseline_and_again_only_when_worse(
    judge_newer: Judge, write: Write, scores: str, days: list[int]
) -> None:
    reports = course(write, "appetite-loss", scores)
    assert flagged_days(judge_newer, reports, "appetite-days") == days


def test_a_damped_appetite_is_still_shown_as_amber(judge_newer: Judge, write: Write) -> None:
    *before, now = course(write, "appetite-loss", "2222")
    found = judge_newer(now, *before)
    assert shown(found) == {"appetite-days"}
    assert (found.severity, found.flagged) == (Severity.AMBER, None)


@pytest.mark.parametrize(
    ("scores", "baseline"),
    [("22", None), ("222", 2), ("123", 2), ("321", 2), ("3211", 1), ("0333", 3), ("3330003", 0), ("00", None)],
)
def test_the_baseline_is_the_lowest_median_of_three_days_and_can_only_fall(
    write: Write, newer: Thresholds, scores: str, baseline: int | None
) -> None:
    reports = course(write, "appetite-loss", scores)
    assert appetite_baseline(reports, newer) == baseline
    known = [appetite_baseline(reports[: place + 1], newer) for place in range(len(reports))]
    falling = [one for one in known if one is not None]
    assert falling == sorted(falling, reverse=True)


def test_the_baseline_damps_nothing_once_agvhd_is_recorded(judge_newer: Judge, write: Write) -> None:
    reports = course(write, "appetite-loss", "2222222")
    assert flagged_days(judge_newer, reports, "appetite-days", agvhd_recorded=True) == [22, 26]


@pytest.mark.parametrize(("kg", "is_lost"), [("60.8", False), ("60.7", True)])
def test_the_baseline_damps_nothing_with_a_loss_of_two_per_cent(
    judge_newer: Judge, write: Write, moment: Moment, newer: Thresholds, kg: str, is_lost: bool
) -> None:
    """60.76 kg is 2 % below 62 kg. Day 26 is the 7th of the run."""
    weights, limits = measured(moment, (15, "62.0"), (21, kg)), replace(newer, appetite_baseline_look_days=0)
    reports = course(write, "appetite-loss", "22222222")
    wanted = [22, *([26] if is_lost else [])]
    assert flagged_days(judge_newer, reports, "appetite-days", limits, weights=weights) == wanted


@pytest.mark.parametrize(("link_id", "rule"), [("nausea", "nausea-days"), ("vomiting-count", "vomiting-days")])
def test_nausea_and_vomiting_have_no_baseline_but_their_days(
    judge_newer: Judge, write: Write, link_id: str, rule: str
) -> None:
    assert flagged_days(judge_newer, course(write, link_id, "111111111"), rule) == [22, 26]
    assert flagged_days(judge_newer, course(write, link_id, "111121"), rule) == [22, 24]


def test_symptoms_in_turn_are_flagged_again_likewise(judge_newer: Judge, write: Write) -> None:
    kinds = ("nausea", "vomiting-count")
    reports = [write({kinds[day % 2]: 1, kinds[1 - day % 2]: 0}, day=day) for day in range(20, 29)]
    assert flagged_days(judge_newer, reports, "stomach-days") == [22, 26]


def rash(areas: Mapping[str, str]) -> dict[str, object]:
    return {"skin-areas": areas}


@pytest.mark.parametrize(
    ("assessed", "today", "is_news"),
    [
        (QUARTER, QUARTER, False),
        (QUARTER, THIRD, False),  # 9.5 points more
        (QUARTER, THIRD | {"genital": "most"}, True),  # 10.5 points more
        (THIRD, QUARTER, False),
        ({"trunk-front": "most", "neck-front": "most"}, QUARTER, True),  # 17.5 % was a lower stage
        ({}, QUARTER, True),  # nobody knows how large it was
    ],
)
def test_an_assessed_rash_flags_again_when_larger_or_of_a_higher_stage(
    judge_newer: Judge, write: Write, moment: Moment, assessed: dict[str, str], today: dict[str, str], is_news: bool
) -> None:
    history = [write(rash(assessed), day=20), write(rash(QUARTER), day=23), write(rash(QUARTER), day=26)]
    found = judge_newer(
        write(rash(today), day=29), *history, facts=ClinicalFacts(rash_assessed_at=moment(21)), rash_assessed=True
    )
    assert "rash-extent-amber" in shown(found)
    assert ("rash-extent-amber" in news(found)) is is_news
    assert "rash-persisting" not in shown(found)


def test_a_rash_that_nobody_has_assessed_is_never_damped(judge_newer: Judge, write: Write) -> None:
    found = judge_newer(write(rash(QUARTER), day=21), write(rash(QUARTER), day=20))
    assert news(found) == {"rash-extent-amber", "rash-persisting"}


def test_a_signature_damps_no_red_and_no_other_sign(judge_newer: Judge, write: Write, moment: Moment) -> None:
    facts = ClinicalFacts(rash_assessed_at=moment(20, 14))
    more_than_half = THIRD | {
        "head-front": "most",
        "head-back": "most",
        "buttocks": "most",
        "lower-leg-left-front": "most",
    }
    before = write(rash(more_than_half | {"genital": "most"}), day=20)
    answers = rash(more_than_half) | {"skin-blisters": True, "skin-itch": 3}
    found = judge_newer(write(answers, day=21), before, facts=facts)
    assert {"rash-extent-red", "skin-blisters-red", "itch-high"} <= news(found)


@pytest.mark.parametrize(("free", "holds"), [(0, True), (2, True), (3, False)])
def test_a_signature_holds_until_the_skin_was_free_for_three_known_days(
    judge_newer: Judge, write: Write, moment: Moment, free: int, holds: bool
) -> None:
    history = [write(rash(QUARTER), day=20), *(write(day=21 + day) for day in range(free))]
    again = write(rash(QUARTER), day=30)
    found = judge_newer(
        write(rash(QUARTER), day=31), *history, again, facts=ClinicalFacts(rash_assessed_at=moment(20, 14))
    )
    assert ("rash-persisting" not in shown(found)) is holds
    assert ("rash-extent-amber" not in news(found)) is holds


def test_a_rash_that_went_and_came_back_is_new_though_it_was_assessed(
    judge_newer: Judge, write: Write, moment: Moment
) -> None:
    history = [write(rash(QUARTER), day=20), write(day=21)]
    found = judge_newer(write(rash(QUARTER), day=22), *history, facts=ClinicalFacts(rash_assessed_at=moment(20, 14)))
    assert {"rash-new", "rash-extent-amber"} <= news(found)


@pytest.mark.parametrize(
    ("other", "red"),
    [
        ({"immunosuppressant": "missed"}, True),  # new beside the damped one
        ({}, False),
    ],
)
def test_a_damped_amber_counts_beside_one_that_is_not(
    judge_newer: Judge, write: Write, other: dict[str, object], red: bool
) -> None:
    history = course(write, "appetite-loss", "2222")
    found = judge_newer(write({"appetite-loss": 2, **other}, day=24), *history)
    assert ("two-ambers" in news(found)) is red
    assert (found.flagged is Severity.RED) is red
    organs = {flag.organ.value for flag in found.flags if flag.rule_id == "two-ambers"}
    assert organs == ({"upper_gi", "general"} if red else set())


def test_two_damped_ambers_do_not_make_a_red(judge_newer: Judge, write: Write) -> None:
    days = [write({"appetite-loss": 2, "nausea": 1}, day=day) for day in range(20, 24)]
    found = judge_newer(days[-1], *days[:-1])
    assert shown(found) == {"appetite-days", "nausea-days"}
    assert (found.severity, found.flagged) == (Severity.AMBER, None)


def measured(moment: Moment, *weights: tuple[int, str]) -> tuple[WeightMeasurement, ...]:
    return tuple(WeightMeasurement(moment(day).date(), moment(day), Decimal(kg)) for day, kg in weights)


@pytest.mark.parametrize(
    ("weights", "rules"),
    [
        ([(10, "80.0"), (24, "76.0")], {"weight-loss"}),  # exactly 5 % in exactly 14 days
        ([(10, "80.0"), (24, "76.1")], set()),
        ([(9, "80.0"), (24, "76.0")], set()),  # 15 days
        ([(10, "80.0"), (24, "84.0")], {"weight-gain"}),
        ([(10, "80.0"), (24, "83.9")], set()),
        ([(10, "80.0"), (17, "84.0"), (24, "80.0")], set()),  # 4.8 % below the highest
        ([(24, "80.0")], set()),
        ([], set()),
    ],
)
def test_a_weight_that_changes_by_five_per_cent_in_two_weeks_is_amber(
    judge_newer: Judge, write: Write, moment: Moment, weights: list[tuple[int, str]], rules: set[str]
) -> None:
    found = judge_newer(write(day=24, hour=13), facts=ClinicalFacts(weights=measured(moment, *weights)))
    assert news(found) == rules


def test_a_changed_weight_flags_once_a_measurement(judge_newer: Judge, write: Write, moment: Moment) -> None:
    facts = ClinicalFacts(weights=measured(moment, (10, "80.0"), (20, "76.0")))
    first, second = write(day=20, hour=13), write(day=21, hour=13)
    assert news(judge_newer(first, write(day=19), facts=facts)) == {"weight-loss"}
    later = judge_newer(second, write(day=19), first, facts=facts)
    assert (shown(later), news(later)) == ({"weight-loss"}, set())
    again = ClinicalFacts(weights=(*facts.weights, *measured(moment, (21, "75.9"))))
    assert news(judge_newer(second, write(day=19), first, facts=again)) == {"weight-loss"}


def test_the_weight_of_the_diary_itself_counts(judge_newer: Judge, write: Write) -> None:
    monday, next_monday = write({"weight": Decimal("80.0")}, day=20), write({"weight": Decimal("75.0")}, day=27)
    assert news(judge_newer(next_monday, monday)) == {"weight-loss"}


def test_the_newest_weight_counts_and_not_the_lowest(judge_newer: Judge, write: Write, moment: Moment) -> None:
    morning = WeightMeasurement(moment(20).date(), moment(20, 6), Decimal("75.0"))
    evening = WeightMeasurement(moment(20).date(), moment(20, 10), Decimal("80.0"))
    facts = ClinicalFacts(weights=(evening, morning, *measured(moment, (10, "80.0"))))
    assert "weight-loss" not in shown(judge_newer(write(day=20), facts=facts))


def test_what_comes_later_than_the_report_is_not_known_to_it(judge_newer: Judge, write: Write, moment: Moment) -> None:
    facts = ClinicalFacts(weights=measured(moment, (10, "80.0"), (20, "70.0")))
    early = write(day=20, hour=11)
    assert shown(judge_newer(early, facts=facts)) == set()
    assert early.entered_at + timedelta(hours=1) == moment(20)


@pytest.mark.parametrize(
    ("scores", "asked"),
    [
        ("", False),
        ("1", False),
        ("11", True),
        ("111", False),
        ("111111", True),
        ("1101", False),
        ("11-1", False),
        ("-11", True),
    ],
)
def test_a_poor_appetite_that_lasts_asks_for_the_weight(
    write: Write, newer: Thresholds, thresholds: Thresholds, scores: str, asked: bool
) -> None:
    """On the day on which the run would be long enough, and on each 7th."""
    reports = course(write, "appetite-loss", scores)
    on = write(day=20 + len(scores)).on
    assert asks_weight(reports, on, newer) is asked
    assert not asks_weight(reports, on, thresholds)
