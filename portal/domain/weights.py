"""Weights by the time at which they were measured: which one counts, and how far it is from those before it.

A weight comes from a diary, a result, an infusion or the ward. The newest by time counts, never the highest or lowest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from portal.domain.reports import Report, answer_decimal

NO_CHANGE = Decimal(0)
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True, order=True)
class WeightMeasurement:
    """``on``: the local day of the weighing; ``measured_at``: UTC, for a diary when it was entered.

    ``confirmed``: staff have recorded it, and were asked where it was unlikely.
    """

    on: date
    measured_at: datetime
    kg: Decimal
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class WeightChange:
    """The newest weight beside the highest and the lowest of the days before it, in kg; per cent of each."""

    newest: WeightMeasurement
    highest: Decimal
    lowest: Decimal

    @property
    def loss_percent(self) -> Decimal:
        return max(NO_CHANGE, (self.highest - self.newest.kg) * 100 / self.highest)

    @property
    def gain_percent(self) -> Decimal:
        return max(NO_CHANGE, (self.newest.kg - self.lowest) * 100 / self.lowest)


def list_weights(reports: Sequence[Report], others: Iterable[WeightMeasurement] = ()) -> list[WeightMeasurement]:
    """Every weighing, oldest first: those that the reports answer, and ``others``.

    Where there is none at all, the weight that each report carries stands for one.
    """
    found = set(others)
    for report in reports:
        kg = answer_decimal(report.answers, "weight")
        if kg is not None:
            found.add(WeightMeasurement(report.on, report.entered_at, kg, confirmed=False))
    if not found:
        carried = (report for report in reports if report.weight_kg is not None)
        found = {WeightMeasurement(one.on, one.entered_at, one.weight_kg) for one in carried if one.weight_kg}
    return sorted(found)


def newest_weight(reports: Sequence[Report], others: Iterable[WeightMeasurement] = ()) -> Decimal | None:
    """In kg; None when nobody was weighed."""
    return confirmed_weight(list_weights(reports, others))


def is_far_off(kg: Decimal, last: Decimal) -> bool:
    """More than a tenth away: it may be in another unit (62.5 kg are 125 jin), or another person's."""
    return abs(kg - last) > last * TENTH


def confirmed_weight(weights: Iterable[WeightMeasurement]) -> Decimal | None:
    """The newest weight that counts, in kg: one far off the last is not used until staff have confirmed it."""
    last: Decimal | None = None
    for one in sorted(weights):
        if one.confirmed or last is None or not is_far_off(one.kg, last):
            last = one.kg
    return last


def weight_change(weights: Sequence[WeightMeasurement], *, on: date, days: int) -> WeightChange | None:
    """The change up to the day ``on`` within ``days``; None without a weight in them. One weight alone is no change."""
    near = [one for one in sorted(weights) if one.on <= on <= one.on + timedelta(days=days)]
    if not near:
        return None
    kilograms = [one.kg for one in near]
    return WeightChange(near[-1], max(kilograms), min(kilograms))
