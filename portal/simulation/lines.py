"""Virtual participants added up, as flat JSON objects."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from portal.domain.magic import Grade
from portal.domain.proportions import Share
from portal.simulation.published import FIGURES, NOT_SIMULATED, published_values
from portal.simulation.running import GROUPS, PERIODS, SimulatedLife

DAYS_IN_A_MONTH: Final = 30.4
AIM_SENSITIVITY_PERCENT, AIM_FLAGGED_PERCENT, AIM_ALERTING_PERCENT = 95, 20, 15
AIMED: Final = "III-IV"
RULES_SHOWN: Final = 12
OTHER_INCIDENCES: Final = ("grades-preempted", "grades-with-atg")


@dataclass(slots=True)
class SimulationTotals:
    """Sums over participants; they do not grow with them. ``courses`` and what follows: by group of grades."""

    participants: int = 0
    days: int = 0
    alerts: int = 0
    alerts_by_clock: int = 0
    reports_while_well: int = 0
    flagged_while_well: int = 0
    days_without: int = 0
    reds_without: int = 0
    red_flags_without: int = 0
    people: Counter[Grade] = field(default_factory=Counter)
    reports: Counter[Grade] = field(default_factory=Counter)
    flagged: Counter[Grade] = field(default_factory=Counter)
    reports_in: Counter[int] = field(default_factory=Counter)
    flagged_in: Counter[int] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    courses: Counter[str] = field(default_factory=Counter)
    with_diary: Counter[str] = field(default_factory=Counter)
    flagged_with_diary: Counter[str] = field(default_factory=Counter)
    flagged_at_all: Counter[str] = field(default_factory=Counter)
    missed: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, one: SimulatedLife) -> None:
        self.participants += 1
        self.days += one.days
        self.people[one.highest] += 1
        self.reports[one.highest] += one.reports
        self.flagged[one.highest] += one.flagged
        self.reports_while_well += one.reports_while_well
        self.flagged_while_well += one.flagged_while_well
        if one.highest is Grade.NONE:
            self.days_without += one.days
            self.reds_without += one.reds
            self.red_flags_without += one.red_flags
        self.alerts += one.alerts
        self.alerts_by_clock += one.alerts_by_clock
        self.reports_in += one.reports_in
        self.flagged_in.update(one.flagged_in)
        self.rules.update(one.rules)
        for group, found in one.qualified.items():
            self.courses[group] += 1
            self.with_diary[group] += found.diary
            self.flagged_with_diary[group] += found.diary and found.flagged
            self.flagged_at_all[group] += found.flagged
            if found.diary and not found.flagged:
                self.missed.setdefault(group, Counter())[found.first_organ] += 1


def sum_lives(lives: Iterable[SimulatedLife]) -> SimulationTotals:
    totals = SimulationTotals()
    for one in lives:
        totals.add(one)
    return totals


def simulation_lines(
    totals: SimulationTotals, *, seed: int, protocol_version: str, seeds: int = 1, options: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """The run, sensitivity, the misses, reds without GVHD, flagged diaries, the rules behind them, the figures.

    ``seeds``: how many, from ``seed`` on, are added up. ``options``: what was switched on.
    """
    yield _run(totals, seed, protocol_version, seeds, options)
    yield from (_sensitivity(totals, group) for group in GROUPS)
    months = totals.days_without / DAYS_IN_A_MONTH
    yield {
        "kind": "red-without-agvhd",
        "patient_months": round(months, 1),
        "red_flags_per_patient_month": round(totals.red_flags_without / months, 3) if months else None,
        "red_reports_per_patient_month": round(totals.reds_without / months, 3) if months else None,
    }
    yield {
        "kind": "flagged",
        **_shared(Share(totals.flagged.total(), totals.reports.total())),
        "aim_percent_at_most": AIM_FLAGGED_PERCENT,
        "incidence": FIGURES["grades"].what,
        "alerting_staff": _shared(Share(totals.alerts, totals.reports.total())),
        "before_any_agvhd": _shared(Share(totals.flagged_while_well, totals.reports_while_well)),
        "by_highest_grade": {
            str(grade): _percent(Share(totals.flagged[grade], totals.reports[grade])) for grade in Grade
        },
        "by_last_day_of_period": {
            str(last): _percent(Share(totals.flagged_in[last], totals.reports_in[last])) for last in PERIODS
        },
    }
    yield from _beside(totals)
    yield {"kind": "not-simulated", "what": list(NOT_SIMULATED)}
    for rule, count in totals.rules.most_common(RULES_SHOWN):
        yield {"kind": "rule", "rule": rule, **_shared(Share(count, totals.reports.total()))}
    for name, figure in FIGURES.items():
        yield {"kind": "figure", "figure": name, "what": figure.what, "values": list(figure.values),
               "basis": figure.basis, "source": figure.source}  # fmt: skip


def _run(
    totals: SimulationTotals, seed: int, protocol_version: str, seeds: int, options: Sequence[str]
) -> dict[str, Any]:
    return {
        "kind": "run",
        "participants": totals.participants,
        "seed": seed,
        **({"seeds": seeds} if seeds > 1 else {}),
        "protocol": protocol_version,
        **({"with": list(options)} if options else {}),
        "by_highest_grade": {str(grade): totals.people[grade] for grade in Grade},
        "diaries": totals.reports.total(),
        "completion_percent": _percent(Share(totals.reports.total(), totals.days)),
    }


def _beside(totals: SimulationTotals) -> Iterator[dict[str, Any]]:
    """What has to be said beside the flagged share: alerts by the clock, the misses, other incidences."""
    yield {
        "kind": "alerting-closed-by-the-clock",
        **_shared(Share(totals.alerts_by_clock, totals.reports.total())),
        "aim_percent_at_most": AIM_ALERTING_PERCENT,
    }
    for group in GROUPS:
        missed = totals.missed.get(group, Counter())
        organs = dict(missed.most_common())
        yield {"kind": "missed", "grade": group, "courses": missed.total(), "by_first_organ": organs}
    for name in OTHER_INCIDENCES:
        yield {
            "kind": "flagged-elsewhere",
            "incidence": FIGURES[name].what,
            "percent": flagged_share(totals, published_values(name)),
        }


def flagged_share(totals: SimulationTotals, grades: tuple[float, ...]) -> float | None:
    """The flagged share if these shares fell ill with I, II, III-IV; III and IV by their own numbers."""
    one, two, severe = grades
    ill = totals.people[Grade.III] + totals.people[Grade.IV]
    weights = {Grade.NONE: 1 - one - two - severe, Grade.I: one, Grade.II: two}
    weights |= {grade: severe * totals.people[grade] / max(ill, 1) for grade in (Grade.III, Grade.IV)}
    if not all(totals.reports[grade] for grade, weight in weights.items() if weight):
        return None
    reports = {
        grade: weight * totals.reports[grade] / max(totals.people[grade], 1) for grade, weight in weights.items()
    }
    flagged = sum(reports[grade] * totals.flagged[grade] / max(totals.reports[grade], 1) for grade in weights)
    return round(100 * flagged / sum(reports.values()), 1)


def _sensitivity(totals: SimulationTotals, group: str) -> dict[str, Any]:
    found = Share(totals.flagged_with_diary[group], totals.with_diary[group])
    return {
        "kind": "sensitivity",
        "grade": group,
        "courses": totals.courses[group],
        "within_hours": 24,
        "when_a_diary_was_filled_in": _shared(found),
        "whether_or_not": _shared(Share(totals.flagged_at_all[group], totals.courses[group])),
        **({"aim_percent_at_least": AIM_SENSITIVITY_PERCENT} if group == AIMED else {}),
    }


def _shared(share: Share) -> dict[str, Any]:
    low, high = share.interval or (None, None)
    return {
        "count": share.count,
        "of": share.of,
        "percent": _percent(share),
        "interval_95": [round(low, 1), round(high, 1)] if low is not None and high is not None else None,
    }


def _percent(share: Share) -> float | None:
    return None if share.percent is None else round(share.percent, 1)
