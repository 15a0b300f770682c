"""Protocol 1 says of any report what it has always said, whatever the newer rules know beside it."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from portal import protocols
from portal.domain.alert_rules import NOTHING_KNOWN, ClinicalFacts, Evaluation, evaluate_report
from portal.domain.magic import BilirubinResult, LiverAssessment
from portal.domain.protocol import Thresholds
from portal.domain.weights import WeightMeasurement
from tests.support.generated_reports import GeneratedCase, digest_of, generate_cases

COURSES, REPORTS = 600, 4185
# Taken with the rules as they were when protocol 1.1 was released.
AS_RELEASED = "46d0cd174c57dd05056c0c5db8aa3320b6dbdbf23df63d52d70aaf5fb6e8d16f"


@pytest.fixture(scope="module")
def in_force() -> Thresholds:
    return protocols.load_protocol_file(Path(protocols.FOLDER) / "nct06949267.toml").thresholds


@pytest.fixture(scope="module")
def cases() -> list[GeneratedCase]:
    return list(generate_cases(COURSES))


def judged(case: GeneratedCase, thresholds: Thresholds, facts: ClinicalFacts) -> Evaluation:
    return evaluate_report(
        case.current,
        case.history,
        infusions_given_at=case.infusions_given_at,
        age=case.age,
        weight_kg=case.weight_kg,
        thresholds=thresholds,
        bilirubin_settled=case.bilirubin_settled,
        rash_assessed=case.rash_assessed,
        facts=facts,
    )


def much_known(at: datetime, case: GeneratedCase) -> ClinicalFacts:
    """Facts of every kind, each of which moves the rules of protocol 2."""
    on = case.current.on
    return ClinicalFacts(
        weights=(WeightMeasurement(on - timedelta(days=3), at - timedelta(days=3), Decimal(90)),),
        bilirubins=(BilirubinResult(on, at, Decimal(1)),),
        liver_assessed=LiverAssessment(on, at),
        rash_assessed_at=at - timedelta(days=1),
        infusions_planned_at=(at - timedelta(hours=1),),
        day_ends_at=at + timedelta(hours=2),
    )


def test_protocol_1_gives_every_flag_as_released(cases: list[GeneratedCase], in_force: Thresholds) -> None:
    found = [judged(case, in_force, NOTHING_KNOWN) for case in cases]
    assert len(found) == REPORTS
    assert digest_of(found) == AS_RELEASED


def test_what_only_newer_rules_look_at_moves_nothing_under_protocol_1(
    cases: list[GeneratedCase], in_force: Thresholds
) -> None:
    found = [judged(case, in_force, much_known(case.current.entered_at, case)) for case in cases]
    assert digest_of(found) == AS_RELEASED
    assert not any(flag.damped for one in found for flag in one.flags)


def test_the_reports_meet_every_rule_that_a_report_of_protocol_1_can_meet(
    cases: list[GeneratedCase], in_force: Thresholds
) -> None:
    met = Counter(flag.rule_id for case in cases for flag in judged(case, in_force, NOTHING_KNOWN).flags)
    assert len(met) == 67
    assert min(met.values()) > 5
