"""One report with those before it: what the rules compare, and what "new" and "days running" mean."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from portal.domain.alert_rules.comparison import Comparison
from portal.domain.alert_rules.facts import NOTHING_KNOWN, ClinicalFacts
from portal.domain.alert_rules.kinds import AlertRule, Flag
from portal.domain.magic import is_weight_lost
from portal.domain.protocol import Thresholds
from portal.domain.reports import Answers, Report, run_days, worst_by_day

Sign = Callable[[Answers], bool | None]


def within_hours(at: datetime, events_at: Sequence[datetime], hours: int) -> bool:
    """Whether ``at`` lies within so many hours after one of the events, both ends included."""
    return any(timedelta() <= at - event <= timedelta(hours=hours) for event in events_at)


def _declared(rule: AlertRule) -> Comparison:
    if rule.on_device is None:
        raise ValueError(f"{rule.id} declares no condition")
    return rule.on_device


@dataclass(frozen=True, slots=True)
class RuleInput:
    """The current report, the earlier ones oldest first, and what else the rules look at."""

    current: Report
    earlier: tuple[Report, ...]
    infusions_given_at: tuple[datetime, ...]
    age: int
    weight_kg: Decimal | None
    thresholds: Thresholds
    bilirubin_settled: bool
    rash_assessed: bool
    facts: ClinicalFacts = NOTHING_KNOWN

    @property
    def answers(self) -> Answers:
        return self.current.answers

    @property
    def last(self) -> Report | None:
        """The last report sent before this one, however long ago."""
        return self.earlier[-1] if self.earlier else None

    @property
    def yesterday(self) -> Report | None:
        """The last report, when it is recent enough to be compared with as yesterday's."""
        recent = timedelta(days=self.thresholds.since_yesterday_days)
        return self.last if self.last and self.current.on - self.last.on <= recent else None

    @property
    def after_infusion(self) -> bool:
        """Whether it was entered within the hours after an infusion, or is about a day that ended within them."""
        limits, facts = self.thresholds, self.facts
        planned = facts.infusions_planned_at if limits.after_planned_infusion else ()
        infusions = [at for at in (*self.infusions_given_at, *planned) if at <= self.current.entered_at]
        if within_hours(self.current.entered_at, infusions, limits.after_infusion_hours):
            return True
        if facts.day_ends_at is None or not limits.after_infusion_by_day:
            return False
        return within_hours(facts.day_ends_at, infusions, limits.after_infusion_hours)

    def condition_of(self, rule: AlertRule) -> Callable[[Answers], bool]:
        """The condition of ``rule``, to be asked of any report's answers."""
        return partial(_declared(rule).is_met, age=self.age, thresholds=self.thresholds)

    def meets(self, rule: AlertRule) -> bool:
        """Whether the answers meet the condition of ``rule``."""
        return self.condition_of(rule)(self.answers)

    def make_flags(self, *rules: AlertRule) -> Iterator[Flag]:
        """The flags of those rules whose condition is met, where the words of the rule need no values."""
        return (rule.make_flag() for rule in rules if self.meets(rule))

    def first_met(self, *rules: AlertRule) -> AlertRule | None:
        """The first rule whose condition is met."""
        return next(filter(self.meets, rules), None)

    def limit_of(self, rule: AlertRule) -> Any:
        """The value with which the condition of ``rule`` compares."""
        return _declared(rule).resolve_value(self.thresholds)

    def is_new(self, sign: Sign) -> bool:
        """Present now and not in the last report sent; with none before, everything is new."""
        return sign(self.answers) is True and not (self.last and sign(self.last.answers))

    def days_running(self, sign: Sign) -> int:
        """The known days in a row, up to the current report's, with the sign; 0 when it is not present now."""
        return len(self.run_of(sign))

    def run_of(self, sign: Sign) -> tuple[date, ...]:
        """The days of ``days_running``, newest first."""
        if sign(self.answers) is not True:
            return ()
        before = [report for report in self.earlier if report.on < self.current.on]
        return (self.current.on, *run_days(worst_by_day(before, sign)))

    def free_since(self, sign: Sign, at: datetime, days: int) -> bool:
        """Whether the sign was away for so many known days running, in reports that were entered since."""
        since = [report for report in self.earlier if report.entered_at >= at]
        present = worst_by_day(since, sign)
        free = 0
        for on in sorted(present):
            free = 0 if present[on] else free + 1
            if free >= days:
                return True
        return False

    @property
    def is_weight_lost(self) -> bool:
        """Whether the newest weight is more than the scale's noise below those of the days before."""
        reports = (*self.earlier, self.current)
        return is_weight_lost(reports, self.facts.weights, on=self.current.on, thresholds=self.thresholds)
