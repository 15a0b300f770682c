"""What may be typed at each step, and what the answers amount to."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from portal import protocols
from portal.domain import screening
from portal.domain.eligibility import EligibilityOutcome, ScreeningFacts, eligibility_outcome, evaluate_criteria
from portal.domain.screening import ScreeningStep
from tests.support.screenings import ADULT, MINOR, TODAY, consents_of

PROTOCOL = protocols.load_protocol()


def wrong(step: ScreeningStep, **answers: str) -> dict[str, str]:
    tidy = screening.trim_answers(answers, screening.list_fields(step, PROTOCOL))
    return screening.answer_problems(step, tidy, PROTOCOL, today=TODAY)


@pytest.mark.parametrize("step", list(ScreeningStep))
@pytest.mark.parametrize("answers", [ADULT, MINOR])
def test_a_complete_step_has_no_problem(step: ScreeningStep, answers: dict[ScreeningStep, dict[str, str]]) -> None:
    assert wrong(step, **answers[step]) == {}


@pytest.mark.parametrize("step", [one for one in ScreeningStep if one is not ScreeningStep.PERSON])
def test_every_step_but_the_first_can_be_left_for_later(step: ScreeningStep) -> None:
    assert wrong(step) == {}


@pytest.mark.parametrize(
    ("step", "field", "value", "ok"),
    [
        (ScreeningStep.PERSON, "born_on", "1992-03-14", True),
        (ScreeningStep.PERSON, "born_on", "14.3.1992", False),
        (ScreeningStep.PERSON, "born_on", "1992-02-30", False),
        (ScreeningStep.PERSON, "born_on", (TODAY + timedelta(days=1)).isoformat(), False),
        (ScreeningStep.PERSON, "born_on", "0092-03-14", False),
        (ScreeningStep.PERSON, "name", "  ", False),
        (ScreeningStep.PERSON, "name", "x" * 81, False),
        (ScreeningStep.PERSON, "language", "fr", False),
        (ScreeningStep.DISEASE, "transplant_on", TODAY.isoformat(), True),
        (ScreeningStep.DISEASE, "transplant_on", (TODAY + timedelta(days=1)).isoformat(), False),
        (ScreeningStep.DISEASE, "enrol_on", (TODAY + timedelta(days=9)).isoformat(), True),
        (ScreeningStep.DISEASE, "haematological_disease", "unknown", True),
        (ScreeningStep.DISEASE, "haematological_disease", "perhaps", False),
        (ScreeningStep.DISEASE, "weight_kg", "62.5", True),
        (ScreeningStep.DISEASE, "weight_kg", "62,5", True),
        (ScreeningStep.DISEASE, "weight_kg", "62 5", False),
        (ScreeningStep.DISEASE, "weight_kg", "6.2", False),
        (ScreeningStep.INCLUSION, "ecog", "2", True),
        (ScreeningStep.INCLUSION, "ecog", "1.5", False),
        (ScreeningStep.INCLUSION, "ecog", "6", False),
        (ScreeningStep.INCLUSION, "ecog", "-1", False),
        (ScreeningStep.INCLUSION, "survival_weeks", "1e3", False),
        (ScreeningStep.INCLUSION, "survival_weeks", "nan", False),
        (ScreeningStep.EXCLUSION, "allergy", "no", True),
        (ScreeningStep.EXCLUSION, "allergy", "maybe", False),
        (ScreeningStep.CONSENT, "own", "unknown", False),
    ],
)
def test_what_cannot_stand_is_named_at_its_field(step: ScreeningStep, field: str, value: str, ok: bool) -> None:
    assert (field not in wrong(step, **{**ADULT[step], field: value})) is ok


def test_a_map_of_14_per_cent_is_asked_again_and_one_of_0_138_is_kept_as_typed() -> None:
    assert set(wrong(ScreeningStep.MAP, **{**ADULT[ScreeningStep.MAP], "map_first": "14"})) == {"map_first"}
    assert screening.read_number("0.1380") == Decimal("0.1380")
    assert str(screening.read_number("0.1380")) == "0.1380"


def test_a_map_needs_its_assay_laboratory_and_day() -> None:
    assert set(wrong(ScreeningStep.MAP, map_second="0.2")) == {
        "map_second_assay",
        "map_second_laboratory",
        "map_second_on",
    }
    assert set(wrong(ScreeningStep.MAP, map_first_assay="ELISA")) == {
        "map_first",
        "map_first_laboratory",
        "map_first_on",
    }


def test_a_consent_needs_version_day_and_name_and_a_refusal_nothing() -> None:
    assert set(wrong(ScreeningStep.CONSENT, own="yes")) == {"own_version", "own_on", "own_signer"}
    assert wrong(ScreeningStep.CONSENT, own="no") == {}


def test_under_18_a_guardian_must_be_named() -> None:
    assert set(wrong(ScreeningStep.PERSON, name="王小明", born_on="2010-01-01", language="en")) == {"guardian_name"}


@pytest.mark.parametrize("answers", [ADULT, MINOR])
def test_complete_answers_make_somebody_eligible(answers: dict[ScreeningStep, dict[str, str]]) -> None:
    findings = evaluate_criteria(facts(answers), PROTOCOL)
    assert screening.eligibility_standing(findings, consents_of(answers)) is EligibilityOutcome.ELIGIBLE


@pytest.mark.parametrize(
    ("sensitive", "end"), [(None, EligibilityOutcome.INCOMPLETE), (False, EligibilityOutcome.NOT_ELIGIBLE)]
)
def test_nobody_enters_without_the_separate_consent_for_sensitive_data(
    sensitive: bool | None, end: EligibilityOutcome
) -> None:
    findings = evaluate_criteria(facts(ADULT), PROTOCOL)
    consents = {kind: given for kind, given in consents_of(ADULT).items() if kind != "sensitive"}
    assert eligibility_outcome(findings) is EligibilityOutcome.ELIGIBLE
    assert (
        screening.eligibility_standing(findings, consents | ({} if sensitive is None else {"sensitive": sensitive}))
        is end
    )


@pytest.mark.parametrize(("planned", "decides"), [(-3, 0), (0, 0), (4, 4)])
def test_the_day_of_enrolment_is_never_one_that_has_passed(planned: int, decides: int) -> None:
    answers = {"enrol_on": (TODAY + timedelta(days=planned)).isoformat()}
    assert screening.enrolment_day(answers, TODAY) == TODAY + timedelta(days=decides)


@pytest.mark.parametrize(("value", "band"), [("0.1409", 1), ("0.141", 2), ("0.290", 2), ("0.2901", 3)])
def test_ann_arbor_bands_for_display(value: str, band: int) -> None:
    assert screening.map_band(Decimal(value), PROTOCOL.ann_arbor) == band


@pytest.mark.parametrize(("born_on", "minor"), [("2008-11-23", False), ("2008-11-24", True), ("", False)])
def test_who_is_a_minor(born_on: str, minor: bool) -> None:
    assert screening.is_minor({"born_on": born_on}, PROTOCOL.eligibility, TODAY) is minor


def test_each_criterion_is_decided_by_exactly_one_step() -> None:
    findings = evaluate_criteria(facts(ADULT), PROTOCOL)
    shown = [one for step in ScreeningStep for one in screening.select_findings(step, findings)]
    assert len(shown) == len(findings) == 19


def facts(answers: dict[ScreeningStep, dict[str, str]]) -> ScreeningFacts:
    together = {name: value for step in answers.values() for name, value in step.items()}
    return screening.eligibility_facts(together, consents_of(answers), PROTOCOL, enrol_on=date(2026, 11, 23))
