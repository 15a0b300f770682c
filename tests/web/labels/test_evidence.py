"""Codes and stored evidence become words of the page's language."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale

from portal.domain import triage
from portal.domain.alert_rules import RULES, Evidence, Organ
from portal.services.triage import StripDay
from portal.web.labels import triage as triage_labels
from tests.support.people import NOW

FEVER = Evidence("Temperature %(value)s °C (red from %(limit)s °C)", {"value": "38.4", "limit": "38"})
BLISTERS = Evidence("Blisters on the skin")


@pytest.fixture(autouse=True)
def _english(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def test_evidence_says_value_and_limit() -> None:
    assert triage_labels.evidence_label(FEVER) == "Temperature 38.4 °C (red from 38 °C)"


def test_a_per_cent_sign_is_said_once() -> None:
    rash = Evidence("Rash on %(percent)s %% of the body (red above %(limit)s %%)", {"percent": "60", "limit": "50"})
    assert triage_labels.evidence_label(rash) == "Rash on 60 % of the body (red above 50 %)"


def test_what_evidence_rests_on_follows_it() -> None:
    both = replace(Evidence("Two amber signs together"), parts=(FEVER, BLISTERS))
    assert triage_labels.evidence_label(both).startswith("Two amber signs together: Temperature 38.4 °C")


def test_the_same_words_are_said_once() -> None:
    assert triage_labels.evidence_labels([BLISTERS, FEVER, BLISTERS])[0] == "Blisters on the skin"
    assert len(triage_labels.evidence_labels([BLISTERS, FEVER, BLISTERS])) == 2


def test_evidence_is_in_the_language_of_the_page() -> None:
    with force_locale("zh_Hans_CN"):
        words = triage_labels.evidence_label(FEVER)
    assert "38.4" in words
    assert "Temperature" not in words


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_title_in_both_languages(rule) -> None:  # type: ignore[no-untyped-def]
    with force_locale("zh_Hans_CN"):
        assert triage_labels.rule_label(rule.id) != triage_labels.RULE_TITLES[rule.id]


def test_a_rule_of_long_ago_is_named_by_its_id() -> None:
    assert triage_labels.rule_label("old-rule") == "old-rule"


@pytest.mark.parametrize(("stage", "words"), [(None, "not assessed"), (0, "stage 0 (patient-reported)")])
def test_not_assessed_is_never_nought(stage: int | None, words: str) -> None:
    assert triage_labels.stage_label(stage) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 min left"),
        (59, "59 min left"),
        (60, "1 h 0 min left"),
        (24 * 60, "1 day 0 h left"),
        (50 * 60, "2 days 2 h left"),
        (-1, "overdue by 1 min"),
        (-61, "overdue by 1 h 1 min"),
    ],
)
def test_a_clock_speaks_in_minutes_hours_and_days(minutes: int, words: str) -> None:
    assert triage_labels.deadline_label(NOW + timedelta(minutes=minutes), NOW) == words


@pytest.mark.parametrize("level", ["quiet", "amber", "red", "missed", "outside"])
def test_every_day_of_a_strip_has_words_and_a_sign(level) -> None:  # type: ignore[no-untyped-def]
    (day,) = triage_labels.strip_days([StripDay(date(2026, 11, 20), level)], {date(2026, 11, 20)})
    assert day["words"] == f"20 Nov: {triage_labels.LEVELS[level]}, infusion"
    assert day["infusion"] is True


def test_signs_of_a_strip_differ_without_colour() -> None:
    assert len(set(triage_labels.MARKS.values())) == len(triage_labels.MARKS)


@pytest.mark.parametrize(
    ("codes", "table"),
    [
        (Organ, triage_labels.ORGANS),
        (triage.EpisodeState, triage_labels.STATES),
        (triage.EpisodeOutcome, triage_labels.OUTCOMES),
        ([*triage.EpisodeStepKind, "open", "join", "correct"], triage_labels.STEPS),
    ],
)
def test_every_code_has_words(codes, table) -> None:  # type: ignore[no-untyped-def]
    assert {str(code) for code in codes} == set(table)
