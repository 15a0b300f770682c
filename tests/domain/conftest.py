from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from portal.domain.alert_rules import NOTHING_KNOWN, ClinicalFacts, Evaluation, evaluate_report
from portal.domain.protocol import AlertBand, Thresholds
from portal.domain.reports import Report

TRANSPLANT_ON = date(2026, 3, 1)


@pytest.fixture(scope="session")
def thresholds() -> Thresholds:
    """The defaults of the study, written out here so that a changed protocol file cannot move the tests."""
    return Thresholds(
        fever_red_cel=Decimal("38.0"),
        fever_amber_cel=Decimal("37.5"),
        cold_amber_cel=Decimal("36.0"),
        rash_amber_percent=Decimal(25),
        rash_red_above_percent=Decimal(50),
        rash_growth_points=Decimal(10),
        rash_growth_days=2,
        stool_ml=AlertBand(Decimal(500), Decimal(1000)),
        stool_episodes=AlertBand(Decimal(3), Decimal(5)),
        stool_child_ml_per_kg=AlertBand(Decimal(10), Decimal(20)),
        stool_child_episodes=AlertBand(Decimal(4), Decimal(7)),
        unmeasured_episode_ml=Decimal(200),
        unmeasured_episode_child_ml_per_kg=Decimal(3),
        pain_amber_score=2,
        pain_red_score=3,
        score_amber=3,
        score_rise=2,
        persistence_days=3,
        upper_gi_days=3,
        vomits_per_day=2,
        anorexia_weight_loss_days=3,
        since_yesterday_days=3,
        after_infusion_hours=48,
        child_age_below=18,
        child_weight_kg_max=Decimal(50),
        stool_mean_days=3,
        acute_last_study_day=100,
        missed_call_task=2,
        missed_red=3,
    )


QUIET: Mapping[str, object] = {
    "temperature-taken": False,
    "warning-signs": ("none",),
    "skin-change": False,
    "stomach-trouble": False,
    "bowel-trouble": False,
    "liver-signs": ("none",),
    "immunosuppressant": "all-taken",
}
OPENED_BY = {
    "skin-": "skin-change",
    "appetite": "stomach-trouble",
    "nausea": "stomach-trouble",
    "vomit": "stomach-trouble",
    "fluids": "stomach-trouble",
    "loose": "bowel-trouble",
    "stool": "bowel-trouble",
    "abdominal": "bowel-trouble",
    "temperature": "temperature-taken",
}


def filled_in(answers: Mapping[str, object]) -> dict[str, object]:
    """A day without symptoms but for ``answers``, with the gates open that lead to them."""
    gates = {gate: True for start, gate in OPENED_BY.items() if any(link.startswith(start) for link in answers)}
    return {**QUIET, **gates, **answers}


def diary(
    answers: Mapping[str, object] | None = None, *, day: int = 20, hour: int = 12, weight_kg: str | None = None
) -> Report:
    """The report of study day ``day``, entered at ``hour`` UTC."""
    on = TRANSPLANT_ON + timedelta(days=day)
    return Report(
        on=on,
        entered_at=datetime(on.year, on.month, on.day, hour, tzinfo=UTC),
        answers=filled_in(answers or {}),
        weight_kg=None if weight_kg is None else Decimal(weight_kg),
        study_day=day,
    )


Judge = Callable[..., Evaluation]


@pytest.fixture(scope="session")
def judge(thresholds: Thresholds) -> Judge:
    """Evaluate a report (or the answers of one on day 20) for an adult of 62 kg."""

    def evaluated(
        current: Report | Mapping[str, object],
        *history: Report,
        infusions: Sequence[datetime] = (),
        age: int = 34,
        weight_kg: Decimal | None = Decimal(62),
        bilirubin_settled: bool = False,
        rash_assessed: bool = False,
    ) -> Evaluation:
        return evaluate_report(
            current if isinstance(current, Report) else diary(current),
            history,
            infusions_given_at=infusions,
            age=age,
            weight_kg=weight_kg,
            thresholds=thresholds,
            bilirubin_settled=bilirubin_settled,
            rash_assessed=rash_assessed,
        )

    return evaluated


@pytest.fixture(scope="session")
def write() -> Callable[..., Report]:
    return diary


@pytest.fixture(scope="session")
def newer(thresholds: Thresholds) -> Thresholds:
    """The thresholds of protocol 2.0, written out here so that a changed file cannot move the tests."""
    return replace(
        thresholds,
        appetite_baseline_reports=3,
        appetite_baseline_look_days=7,
        running_reflag_days=7,
        rash_assessed_growth_points=Decimal(10),
        assessment_free_days=3,
        weight_change_percent=Decimal(5),
        weight_loss_percent=Decimal(2),
        weight_window_days=14,
        stool_onset_clear_days=3,
        liver_signs_apart=True,
        jaundice_settles_below_mg_dl=Decimal(2),
        jaundice_free_days=3,
        jaundice_settled_days=7,
        bilirubin_normal_days=7,
        bilirubin_amber_stage=1,
        bilirubin_red_stage=2,
        bilirubin_red_rise=1,
        reaction_red_grade=3,
        after_infusion_by_day=True,
        after_planned_infusion=True,
    )


NewerJudge = Callable[..., Evaluation]


@pytest.fixture(scope="session")
def judge_newer(newer: Thresholds) -> NewerJudge:
    """Evaluate a report under protocol 2.0 for an adult of 62 kg."""

    def evaluated(
        current: Report | Mapping[str, object],
        *history: Report,
        infusions: Sequence[datetime] = (),
        facts: ClinicalFacts = NOTHING_KNOWN,
        rash_assessed: bool = False,
        thresholds: Thresholds = newer,
    ) -> Evaluation:
        return evaluate_report(
            current if isinstance(current, Report) else diary(current),
            history,
            infusions_given_at=infusions,
            age=34,
            weight_kg=Decimal(62),
            thresholds=thresholds,
            rash_assessed=rash_assessed,
            facts=facts,
        )

    return evaluated


@pytest.fixture(scope="session")
def moment() -> Callable[..., datetime]:
    """The instant at ``hour`` UTC of study day ``day``."""

    def at(day: int, hour: int = 12) -> datetime:
        on = TRANSPLANT_ON + timedelta(days=day)
        return datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(hours=hour)

    return at
