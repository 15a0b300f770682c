"""One row a bound and side; the bounds come from the study's own file."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal import protocols
from portal.domain.eligibility import (
    CriterionFinding,
    CriterionVerdict,
    EligibilityOutcome,
    ScreeningFacts,
    age_on,
    eligibility_outcome,
    evaluate_criteria,
)
from portal.domain.protocol import Protocol

TRANSPLANT = date(2026, 11, 2)
ENROL = TRANSPLANT + timedelta(days=10)
PROTOCOL = protocols.load_protocol()
EXCLUSIONS = tuple(criterion.code for criterion in PROTOCOL.criteria_of("exclusion"))

FIT = ScreeningFacts(
    transplant_on=TRANSPLANT,
    enrol_on=ENROL,
    born_on=date(1990, 5, 1),
    haematological_disease=True,
    calcineurin_inhibitor=True,
    mycophenolate=True,
    anti_thymocyte_globulin=True,
    map_first=Decimal("0.2"),
    survival_weeks=52,
    ecog=1,
    hct_ci=1,
    first_treatment_on=ENROL + timedelta(days=2),
    consent=True,
    exclusions=dict.fromkeys(EXCLUSIONS, False),
)
YOUNG = replace(FIT, born_on=date(2011, 5, 1), consent=None, guardian_consent=True, assent=True)

met, failed, unknown = CriterionVerdict.MET, CriterionVerdict.NOT_MET, CriterionVerdict.UNKNOWN


def born(*, years: int, days_before_birthday: int = 0) -> date:
    """The date of birth of somebody who has that age at enrolment, or will have it in so many days."""
    birthday = ENROL + timedelta(days=days_before_birthday)
    return birthday.replace(year=birthday.year - years)


BOUNDS: list[tuple[str, dict[str, Any], CriterionVerdict]] = [
    ("disease-and-day", {"enrol_on": TRANSPLANT + timedelta(days=6)}, failed),
    ("disease-and-day", {"enrol_on": TRANSPLANT + timedelta(days=7)}, met),
    ("disease-and-day", {"enrol_on": TRANSPLANT + timedelta(days=21)}, met),
    ("disease-and-day", {"enrol_on": TRANSPLANT + timedelta(days=22)}, failed),
    ("disease-and-day", {"haematological_disease": False}, failed),
    ("disease-and-day", {"haematological_disease": None}, unknown),
    ("disease-and-day", {"transplant_on": None}, unknown),
    ("disease-and-day", {"transplant_on": None, "haematological_disease": False}, failed),
    ("age", {"born_on": born(years=14, days_before_birthday=1)}, failed),
    ("age", {"born_on": born(years=14)}, met),
    ("age", {"born_on": born(years=71, days_before_birthday=1)}, met),
    ("age", {"born_on": born(years=71)}, failed),
    ("age", {"born_on": None}, unknown),
    ("age", {"enrol_on": None}, unknown),
    ("prophylaxis", {}, met),
    ("prophylaxis", {"calcineurin_inhibitor": False}, failed),
    ("prophylaxis", {"mycophenolate": False}, failed),
    ("prophylaxis", {"anti_thymocyte_globulin": False}, failed),
    ("prophylaxis", {"anti_thymocyte_globulin": None}, unknown),
    ("map", {"map_first": Decimal("0.14")}, met),
    ("map", {"map_first": Decimal("0.138")}, unknown),
    ("map", {"map_first": Decimal("0.1399999")}, unknown),
    ("map", {"map_first": Decimal("0.138"), "map_second": Decimal("0.14")}, met),
    ("map", {"map_first": Decimal("0.138"), "map_second": Decimal("0.138")}, failed),
    ("map", {"map_first": Decimal("0.138"), "map_second": Decimal("0.1399999")}, failed),
    ("map", {"map_first": Decimal("0.14"), "map_second": Decimal("0.02")}, met),
    ("map", {"map_first": None, "map_second": Decimal("0.3")}, unknown),
    ("map", {"map_first": None}, unknown),
    ("survival", {"survival_weeks": 24}, met),
    ("survival", {"survival_weeks": 23}, failed),
    ("survival", {"survival_weeks": None}, unknown),
    ("performance", {"ecog": 2, "hct_ci": 3}, met),
    ("performance", {"ecog": 0, "hct_ci": 0}, met),
    ("performance", {"ecog": 3}, failed),
    ("performance", {"hct_ci": 4}, failed),
    ("performance", {"ecog": None}, unknown),
    ("performance", {"ecog": None, "hct_ci": 4}, failed),
    ("first-treatment", {"first_treatment_on": ENROL}, met),
    ("first-treatment", {"first_treatment_on": ENROL + timedelta(days=5)}, met),
    ("first-treatment", {"first_treatment_on": ENROL + timedelta(days=6)}, failed),
    ("first-treatment", {"first_treatment_on": ENROL - timedelta(days=1)}, failed),
    ("first-treatment", {"first_treatment_on": None}, unknown),
    ("consent", {"consent": True}, met),
    ("consent", {"consent": False}, failed),
    ("consent", {"consent": None}, unknown),
    ("consent", {"born_on": None}, unknown),
    ("consent", {"born_on": born(years=18)}, met),
    ("consent", {"born_on": born(years=18, days_before_birthday=1)}, unknown),
]


@pytest.mark.parametrize(("code", "facts", "verdict"), BOUNDS)
def test_a_bound_is_inclusive_and_nothing_is_rounded(
    code: str, facts: dict[str, Any], verdict: CriterionVerdict
) -> None:
    assert _finding(replace(FIT, **facts), code).verdict is verdict


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({}, met),
        ({"guardian_consent": False}, failed),
        ({"assent": False}, failed),
        ({"guardian_consent": None}, unknown),
        ({"assent": None}, unknown),
        ({"guardian_consent": None, "assent": False}, failed),
        ({"consent": False}, met),
    ],
)
def test_before_18_the_guardian_consents_and_the_participant_assents(
    facts: dict[str, Any], verdict: CriterionVerdict
) -> None:
    assert _finding(replace(YOUNG, **facts), "consent").verdict is verdict


@pytest.mark.parametrize("code", EXCLUSIONS)
@pytest.mark.parametrize(
    ("present", "verdict", "end"),
    [
        (True, met, EligibilityOutcome.NOT_ELIGIBLE),
        (False, failed, EligibilityOutcome.ELIGIBLE),
        (None, unknown, EligibilityOutcome.INCOMPLETE),
    ],
)
def test_an_exclusion_that_is_present_keeps_out(
    code: str, present: bool | None, verdict: CriterionVerdict, end: EligibilityOutcome
) -> None:
    facts = replace(FIT, exclusions={**FIT.exclusions, code: present})
    assert _finding(facts, code).verdict is verdict
    assert eligibility_outcome(evaluate_criteria(facts, PROTOCOL)) is end


def test_an_exclusion_that_nobody_answered_is_unknown() -> None:
    assert _finding(replace(FIT, exclusions={}), "allergy").verdict is unknown


@pytest.mark.parametrize("facts", [FIT, YOUNG])
def test_somebody_who_meets_every_criterion_is_eligible(facts: ScreeningFacts) -> None:
    assert eligibility_outcome(evaluate_criteria(facts, PROTOCOL)) is EligibilityOutcome.ELIGIBLE


def test_nothing_known_is_incomplete_and_never_a_refusal() -> None:
    findings = evaluate_criteria(ScreeningFacts(), PROTOCOL)
    assert {finding.verdict for finding in findings} == {unknown}
    assert eligibility_outcome(findings) is EligibilityOutcome.INCOMPLETE


def test_one_criterion_that_fails_decides_whatever_is_unknown() -> None:
    assert (
        eligibility_outcome(evaluate_criteria(ScreeningFacts(survival_weeks=2), PROTOCOL))
        is EligibilityOutcome.NOT_ELIGIBLE
    )


def test_no_findings_are_no_eligibility() -> None:
    assert eligibility_outcome(()) is EligibilityOutcome.INCOMPLETE


def test_there_is_one_finding_for_each_registered_criterion_in_its_order() -> None:
    assert tuple(finding.criterion for finding in evaluate_criteria(FIT, PROTOCOL)) == PROTOCOL.criteria


def test_the_bounds_are_the_protocols_own() -> None:
    stricter: Protocol = replace(PROTOCOL, eligibility=replace(PROTOCOL.eligibility, ecog_max=0))
    assert eligibility_outcome(evaluate_criteria(FIT, stricter)) is EligibilityOutcome.NOT_ELIGIBLE


def test_the_reason_gives_the_value_as_it_was_reported_and_the_bound() -> None:
    why = _finding(replace(FIT, map_first=Decimal("0.138"), map_second=Decimal("0.120")), "map").why
    assert why.en == "MAP of day +14: 0.120 (must be from 0.14)"
    assert why.zh == "移植后第 14 天 MAP：0.120（要求不低于 0.14）"


def test_the_reason_names_only_the_part_that_decides() -> None:
    assert _finding(replace(FIT, ecog=3), "performance").why.en == "ECOG: 3 (must be from 0 up to 2)"


def test_every_reason_has_chinese_words() -> None:
    findings = (
        *evaluate_criteria(FIT, PROTOCOL),
        *evaluate_criteria(YOUNG, PROTOCOL),
        *evaluate_criteria(ScreeningFacts(), PROTOCOL),
    )
    assert [finding.why.zh for finding in findings if not any("\u4e00" <= c <= "\u9fff" for c in finding.why.zh)] == []


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2000, 11, 12), date(2026, 11, 11), 25),
        (date(2000, 11, 12), date(2026, 11, 12), 26),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
    ],
)
def test_age_is_in_completed_years(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


def _finding(facts: ScreeningFacts, code: str) -> CriterionFinding:
    return next(finding for finding in evaluate_criteria(facts, PROTOCOL) if finding.criterion.code == code)
