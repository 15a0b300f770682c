"""Counts as shares with their intervals, and how many diaries a group of people owed on each study day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import median
from typing import Final

from portal.domain.diary import first_due_day, last_due_day
from portal.domain.protocol import DiaryPlan

Z95: Final = 1.959964


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``of``."""

    count: int
    of: int

    @property
    def percent(self) -> float | None:
        return 100 * self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of Wilson (JASA 1927;22:209-212), in per cent."""
        if not self.of:
            return None
        share, spread = self.count / self.of, Z95**2 / self.of
        middle = (share + spread / 2) / (1 + spread)
        half = Z95 * sqrt(share * (1 - share) / self.of + spread / (4 * self.of)) / (1 + spread)
        return 100 * max(middle - half, 0.0), 100 * min(middle + half, 1.0)

    def __add__(self, other: "Share") -> "Share":
        return Share(self.count + other.count, self.of + other.of)


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` events in so many days, as a number in 28 days."""

    count: int
    days: int

    @property
    def per_28_days(self) -> float | None:
        return 28 * self.count / self.days if self.days else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of a Poisson count, on the square-root scale, in 28 days."""
        if not self.days:
            return None
        root = sqrt(self.count)
        low, high = max(root - Z95 / 2, 0.0) ** 2, (root + Z95 / 2) ** 2
        return 28 * low / self.days, 28 * high / self.days


@dataclass(frozen=True, slots=True)
class MedianInterval:
    """A median; ``interval`` holds it in 95 of 100 samples, None with too few values to say."""

    median: float | None
    interval: tuple[float, float] | None


def median_interval(values: Sequence[float]) -> MedianInterval:
    """Median and its interval by ranks (Campbell MJ, Gardner MJ, BMJ 1988;296:1454-1456), from six values on."""
    ordered, count = sorted(values), len(values)
    if not ordered:
        return MedianInterval(None, None)
    half = Z95 * sqrt(count) / 2
    low, high = round(count / 2 - half), round(1 + count / 2 + half)
    inside = low >= 1 and high <= count
    return MedianInterval(median(ordered), (ordered[low - 1], ordered[high - 1]) if inside else None)


@dataclass(frozen=True, slots=True)
class Cohort:
    """``people`` with the same arm and dates. ``ended_on``: the day on which they left, if they did."""

    arm: str | None
    transplant_on: date
    enrolled_on: date
    ended_on: date | None
    people: int

    def days_owed(self, plan: DiaryPlan, *, until_on: date) -> range:
        """The study days, of which each had a diary of each of them, up to and including a local day."""
        first = first_due_day(plan, transplant_on=self.transplant_on, enrolled_on=self.enrolled_on)
        last = min(last_due_day(plan, transplant_on=self.transplant_on), until_on, self.ended_on or date.max)
        return range((first - self.transplant_on).days, (last - self.transplant_on).days + 1)


def owed_by_day(cohorts: Iterable[Cohort], plan: DiaryPlan, *, until_on: date) -> dict[tuple[str | None, int], int]:
    """By arm and study day how many diaries were owed."""
    owed: dict[tuple[str | None, int], int] = {}
    for cohort in cohorts:
        for day in cohort.days_owed(plan, until_on=until_on):
            owed[cohort.arm, day] = owed.get((cohort.arm, day), 0) + cohort.people
    return owed
