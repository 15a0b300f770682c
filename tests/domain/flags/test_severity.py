"""Properties of all rules together."""

import json
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.alert_rules import (
    RULES,
    AlertRule,
    Evaluation,
    Evidence,
    Severity,
    day_severity,
    find_worst_severity,
)
from portal.domain.reports import Report

Judge = Callable[..., Evaluation]
Write = Callable[..., Report]
Rungs = dict[str, int]

# Each answer from well to worst. Gates are open so that every ladder can be climbed by itself.
LADDERS: dict[str, list[object]] = {
    "temperature": [Decimal(text) for text in ("36.8", "37.4", "37.5", "37.9", "38.0", "40.0")],
    "warning-signs": [("none",), ("bleeding",), ("bleeding", "confusion")],
    "skin-areas": [{"neck-front": "some"}, {"trunk-front": "most"}, {"trunk-front": "most", "trunk-back": "most"}],
    "skin-itch": [0, 1, 2, 3, 4],
    "skin-blisters": [False, True],
    "skin-peeling": [False, True],
    "appetite-loss": [0, 1, 2, 3, 4],
    "nausea": [0, 1, 2, 3, 4],
    "vomiting-count": [0, 1, 2, 9],
    "fluids-kept": [True, False],
    "vomit-blood": ["none", "streaks", "obvious"],
    "loose-stool-count": [0, 2, 3, 4, 5, 9],
    "stool-volume-ml": [0, 499, 500, 999, 1000, 1501],
    "stool-blood": ["none", "streaks", "obvious"],
    "abdominal-pain": [0, 1, 2, 3, 4],
    "liver-signs": [("none",), ("dark-urine",), ("dark-urine", "pale-stools"), ("dark-urine", "pale-stools", "yellow")],
    "immunosuppressant": ["all-taken", "missed", "not-kept-down"],
}
RUNGS = st.fixed_dictionaries({link_id: st.integers(0, len(ladder) - 1) for link_id, ladder in LADDERS.items()})
PLACES = st.lists(st.tuples(st.integers(16, 19), RUNGS), max_size=3)


def answers(rungs: Rungs) -> dict[str, object]:
    return {link_id: LADDERS[link_id][rung] for link_id, rung in rungs.items()}


def rank(severity: Severity | None) -> int:
    return -1 if severity is None else severity.rank


@given(rungs=RUNGS, before=PLACES, worse=st.sampled_from(list(LADDERS)), infused=st.booleans())
def test_a_worse_answer_never_lowers_severity(
    judge: Judge,
    write: Write,
    rungs: Rungs,
    before: list[tuple[int, Rungs]],
    worse: str,
    infused: bool,
) -> None:
    history = [write(answers(earlier), day=day) for day, earlier in before]
    climbed = rungs | {worse: min(rungs[worse] + 1, len(LADDERS[worse]) - 1)}
    found = [_judged(judge, write(answers(each)), history, infused) for each in (rungs, climbed)]
    assert rank(found[1].severity) >= rank(found[0].severity)


@given(morning=RUNGS, evening=RUNGS)
def test_a_later_report_never_lowers_the_days_severity(
    judge: Judge, write: Write, morning: Rungs, evening: Rungs
) -> None:
    first, second = write(answers(morning), hour=8), write(answers(evening), hour=20)
    alone, then = judge(first), judge(second, first)
    assert rank(day_severity([alone, then])) >= rank(day_severity([alone]))


@given(rungs=RUNGS, infused=st.booleans())
def test_every_flag_can_say_which_rule_and_which_answers(
    judge: Judge, write: Write, rungs: Rungs, infused: bool
) -> None:
    by_id = {rule.id: rule for rule in RULES}
    for flag in _judged(judge, write(answers(rungs)), [], infused).flags:
        rule = by_id[flag.rule_id]
        assert (flag.rule_version, flag.severity) == (rule.version, rule.severity)
        assert flag.organ in rule.organs
        assert flag.link_ids
        assert "%(" not in flag.evidence.msgid % flag.evidence.params
        assert Evidence.from_json(json.loads(json.dumps(flag.evidence.to_json()))) == flag.evidence


@given(rungs=RUNGS)
def test_red_flags_stand_first(judge: Judge, rungs: Rungs) -> None:
    ranks = [flag.severity.rank for flag in judge(answers(rungs)).flags]
    assert ranks == sorted(ranks, reverse=True)


def test_rule_ids_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_named_in_kebab_case_and_cited(rule: AlertRule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    assert rule.title
    assert rule.words
    assert rule.citation


def test_only_jaundice_alerts_undamped_every_day() -> None:
    assert [rule.id for rule in RULES if rule.daily] == ["jaundice-red"]


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], None),
        ([None], None),
        ([None, Severity.AMBER], Severity.AMBER),
        ([Severity.RED, Severity.AMBER], Severity.RED),
    ],
)
def test_the_worst_severity(severities: list[Severity | None], expected: Severity | None) -> None:
    assert find_worst_severity(severities) is expected


@pytest.mark.parametrize("stored", [{}, {"msgid": 3}, {"msgid": "x", "params": []}, {"msgid": "x", "parts": {}}])
def test_what_is_not_evidence_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not evidence"):
        Evidence.from_json(stored)


def _judged(judge: Judge, report: Report, history: list[Report], infused: bool) -> Evaluation:
    return judge(report, *history, infusions=(report.entered_at,) if infused else ())
