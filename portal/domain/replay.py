"""The same reports under two sets of thresholds: what would be flagged that is not, and the other way round.

A report is judged twice on one history. What clinicians had done by then (an assessed rash, a settled jaundice) and
what was known beside the reports is taken as it was: a replay changes thresholds and nothing else.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any, Final

from portal.domain.alert_rules import (
    NOTHING_KNOWN,
    ClinicalFacts,
    Evaluation,
    Severity,
    evaluate_report,
    is_flagged,
)
from portal.domain.protocol import Protocol, Thresholds
from portal.domain.reports import Report

EXAMPLES: Final = 20
LOOK_BACK: Final = timedelta(days=7)
OF_NO_WEIGHT: Final = ("version", "released_on", "assumptions")


@dataclass(frozen=True, slots=True)
class ReplayCase:
    """One report as input of the rules. ``recorded``: the severity stored in its row."""

    current: Report
    history: Sequence[Report]
    infusions_given_at: Sequence[datetime]
    age: int
    weight_kg: Decimal | None
    bilirubin_settled: bool
    rash_assessed: bool
    recorded: Severity | None
    facts: ClinicalFacts = NOTHING_KNOWN

    def judged(self, thresholds: Thresholds) -> Evaluation:
        return evaluate_report(
            self.current,
            self.history,
            infusions_given_at=self.infusions_given_at,
            age=self.age,
            weight_kg=self.weight_kg,
            thresholds=thresholds,
            bilirubin_settled=self.bilirubin_settled,
            rash_assessed=self.rash_assessed,
            facts=self.facts,
        )


@dataclass(frozen=True, slots=True)
class ReplayVerdict:
    """What one report, or one missed diary, meets: the severity that is shown, the one that it is flagged as, and the
    ids of the rules that flag it.
    """

    severity: Severity | None
    rules: frozenset[str]
    flagged: Severity | None


@dataclass(frozen=True, slots=True)
class VerdictPair:
    """Both verdicts on one report (``missed`` False) or one missed diary."""

    on: date
    at: datetime
    in_force: ReplayVerdict
    proposed: ReplayVerdict
    missed: bool = False


@dataclass(frozen=True, slots=True)
class RecordedOnset:
    """The local day of a recorded onset, as instants: from ``begins_at`` up to ``ends_at``."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ReplayExample:
    """One flag that came or went. ``change``: ``gained`` or ``lost``."""

    study_number: str
    on: date
    rule: str
    change: str


@dataclass(slots=True)
class OnsetWarnings:
    """How onsets were announced: hours from the first flagged report of the week before to the onset's midnight."""

    onsets: int = 0
    by_its_end: int = 0
    hours: list[float] = field(default_factory=list)

    def note(self, flagged_at: Sequence[datetime], onset: RecordedOnset) -> None:
        near = [at for at in flagged_at if onset.begins_at - LOOK_BACK <= at < onset.ends_at]
        self.onsets += 1
        self.by_its_end += bool(near)
        if near and min(near) < onset.begins_at:
            self.hours.append((onset.begins_at - min(near)).total_seconds() / 3600)

    def figures(self) -> dict[str, Any]:
        middle = round(median(self.hours), 1) if self.hours else None
        most = round(max(self.hours), 1) if self.hours else None
        return {
            "flagged_by_the_day": self.by_its_end,
            "flagged_before": len(self.hours),
            "hours_earlier_median": middle,
            "hours_earlier_most": most,
        }


@dataclass(slots=True)
class ReplaySide:
    """One of the two sets of thresholds: how much it flags."""

    severities: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    warnings: OnsetWarnings = field(default_factory=OnsetWarnings)

    @property
    def flagged(self) -> int:
        return self.severities.total()


@dataclass(slots=True)
class ReplayTally:
    """What a replay adds up. It grows with the rules and the days, never with the participants."""

    in_force: ReplaySide = field(default_factory=ReplaySide)
    proposed: ReplaySide = field(default_factory=ReplaySide)
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    participants: int = 0
    affected: int = 0
    diaries: int = 0
    missed: int = 0
    unlike_record: int = 0
    days: set[date] = field(default_factory=set)
    examples: list[ReplayExample] = field(default_factory=list)

    def add(self, study_number: str, pairs: Sequence[VerdictPair], onsets: Sequence[RecordedOnset]) -> None:
        """One participant."""
        self.participants += 1
        self.affected += any(pair.in_force != pair.proposed for pair in pairs)
        for pair in pairs:
            self._count(study_number, pair)
        for onset in onsets:
            for side, flagged_at in zip((self.in_force, self.proposed), _flagged(pairs), strict=True):
                side.warnings.note(flagged_at, onset)

    def _count(self, study_number: str, pair: VerdictPair) -> None:
        self.missed += pair.missed
        self.diaries += not pair.missed
        self.days.add(pair.on)
        for side, verdict in ((self.in_force, pair.in_force), (self.proposed, pair.proposed)):
            side.rules.update(verdict.rules)
            if verdict.flagged and is_flagged(verdict.flagged) and not pair.missed:
                side.severities[verdict.flagged] += 1
        self._changed(study_number, pair.on, self.gained, pair.proposed.rules - pair.in_force.rules, "gained")
        self._changed(study_number, pair.on, self.lost, pair.in_force.rules - pair.proposed.rules, "lost")

    def _changed(self, study_number: str, on: date, counts: Counter[str], rules: frozenset[str], change: str) -> None:
        for rule in sorted(rules):
            counts[rule] += 1
            if counts[rule] <= 3 and len(self.examples) < EXAMPLES:
                self.examples.append(ReplayExample(study_number, on, rule, change))


def _flagged(pairs: Sequence[VerdictPair]) -> tuple[list[datetime], list[datetime]]:
    reports = [pair for pair in pairs if not pair.missed]
    return (
        [pair.at for pair in reports if is_flagged(pair.in_force.flagged)],
        [pair.at for pair in reports if is_flagged(pair.proposed.flagged)],
    )


def compare_case(case: ReplayCase, in_force: Thresholds, proposed: Thresholds) -> VerdictPair:
    """Both verdicts on one report."""
    before, after = replay_verdict(case.judged(in_force)), replay_verdict(case.judged(proposed))
    return VerdictPair(case.current.on, case.current.entered_at, before, after)


def replay_verdict(evaluation: Evaluation) -> ReplayVerdict:
    return ReplayVerdict(evaluation.severity, frozenset(flag.rule_id for flag in evaluation.news), evaluation.flagged)


def changed_thresholds(in_force: Thresholds, proposed: Thresholds) -> dict[str, tuple[str, str]]:
    """Name -> the value in force and the proposed one, as text; the two edges of a band separately."""
    before, after = dict(_values(in_force)), dict(_values(proposed))
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def _values(thresholds: Any, start: str = "") -> Iterator[tuple[str, str]]:
    for each in fields(thresholds):
        value = getattr(thresholds, each.name)
        if hasattr(value, "__dataclass_fields__"):
            yield from _values(value, f"{each.name}.")
        else:
            yield f"{start}{each.name}", f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def changed_elsewhere(in_force: Protocol, proposed: Protocol) -> tuple[str, ...]:
    """Other parts of the file that differ as well and that a replay does not look at."""
    names = (each.name for each in fields(Protocol) if each.name not in ("thresholds", *OF_NO_WEIGHT))
    return tuple(name for name in names if getattr(in_force, name) != getattr(proposed, name))


def count_by_rule(tally: ReplayTally) -> Mapping[str, tuple[int, int, int, int]]:
    """Rule id -> reports that meet it in force, as proposed, gained, lost; the most changed first."""
    ids = set(tally.in_force.rules) | set(tally.proposed.rules)
    rows = {
        rule: (tally.in_force.rules[rule], tally.proposed.rules[rule], tally.gained[rule], tally.lost[rule])
        for rule in sorted(ids)
    }
    return dict(sorted(rows.items(), key=lambda item: -(item[1][2] + item[1][3])))
