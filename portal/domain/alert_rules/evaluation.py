"""Evaluates a report and those before it with every alert rule: flags and the severity of the report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal.domain.alert_rules import (
    combined,
    general,
    infusion,
    liver,
    lower_gi,
    missed_days,
    scores,
    skin,
    upper_gi,
    weight,
)
from portal.domain.alert_rules.facts import NOTHING_KNOWN, ClinicalFacts
from portal.domain.alert_rules.kinds import AlertRule, Flag, Severity, find_worst_severity
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.protocol import Thresholds
from portal.domain.reports import Report

ORGANS = (general, weight, skin, scores, upper_gi, lower_gi, liver, infusion)
RULES: tuple[AlertRule, ...] = (
    *(rule for module in (*ORGANS, combined, missed_days) for rule in module.RULES),
    *liver.RESULT_RULES,
    *infusion.RESULT_RULES,
)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The flags of one report, red before amber. ``severity``: what the participant is shown; None: neither."""

    flags: tuple[Flag, ...]
    severity: Severity | None

    @property
    def news(self) -> tuple[Flag, ...]:
        """Those that are for the ward to look at: all but the damped ones."""
        return tuple(flag for flag in self.flags if not flag.damped)

    @property
    def flagged(self) -> Severity | None:
        """As what the report counts and is listed; None: not at all. A red is never damped."""
        return find_worst_severity(flag.severity for flag in self.news)


def evaluate_report(
    current: Report,
    history: Sequence[Report],
    *,
    infusions_given_at: Sequence[datetime],
    age: int,
    weight_kg: Decimal | None,
    thresholds: Thresholds,
    bilirubin_settled: bool = False,
    rash_assessed: bool = False,
    facts: ClinicalFacts = NOTHING_KNOWN,
) -> Evaluation:
    """Evaluate ``current`` with the reports that were sent before it; later ones in ``history`` are not looked at.

    ``weight_kg`` None falls back to the report's own. ``bilirubin_settled``: a result or a clinician has closed the
    jaundice; ``rash_assessed``: a clinician has assessed the rash that was there in the last report. Where the protocol
    lets the rules decide that themselves, they do so from ``facts``.
    """
    earlier = (report for report in history if report.entered_at < current.entered_at)
    reading = RuleInput(
        current=current,
        earlier=tuple(sorted(earlier, key=lambda report: report.entered_at)),
        infusions_given_at=tuple(infusions_given_at),
        age=age,
        weight_kg=weight_kg if weight_kg is not None else current.weight_kg,
        thresholds=thresholds,
        bilirubin_settled=bilirubin_settled,
        rash_assessed=rash_assessed,
        facts=facts,
    )
    raised = [flag for organ in ORGANS for flag in organ.find_flags(reading)]
    flags = sorted([*raised, *combined.combine_ambers(raised)], key=lambda flag: -flag.severity.rank)
    return Evaluation(tuple(flags), find_worst_severity(flag.severity for flag in flags))


def day_severity(evaluations: Iterable[Evaluation]) -> Severity | None:
    """Several reports of one day: the day's severity is the highest."""
    return find_worst_severity(evaluation.severity for evaluation in evaluations)
