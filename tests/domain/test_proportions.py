"""Shares, rates and what was owed."""

from datetime import date

import pytest

from portal import protocols
from portal.domain.proportions import Cohort, MedianInterval, Rate, Share, median_interval, owed_by_day

PLAN = protocols.load_protocol().diary


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 27.75), (5, 10, 23.66, 76.34), (10, 10, 72.25, 100.0), (81, 263, 25.53, 36.62)],
)
def test_the_interval_of_a_share_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    assert Share(count, of).interval == pytest.approx((low, high), abs=0.01)


def test_nothing_of_nothing_is_no_share_and_no_rate() -> None:
    assert (Share(0, 0).percent, Share(0, 0).interval) == (None, None)
    assert (Rate(0, 0).per_28_days, Rate(0, 0).interval) == (None, None)


def test_a_rate_is_told_for_28_days_and_lies_in_its_interval() -> None:
    rate = Rate(9, 84)
    assert rate.per_28_days == 3
    assert rate.interval is not None
    assert rate.interval[0] < 3 < rate.interval[1]


@pytest.mark.parametrize(
    ("ended", "until", "days"),
    [
        (None, date(2026, 11, 4), [12, 13]),
        (date(2026, 11, 3), date(2026, 11, 30), [12]),
        (None, date(2027, 6, 1), list(range(12, 101))),
        (None, date(2026, 11, 1), []),
    ],
)
def test_diaries_are_owed_from_enrolment_to_the_end_of_the_diary_or_of_taking_part(
    ended: date | None, until: date, days: list[int]
) -> None:
    cohort = Cohort("imsc", date(2026, 10, 22), date(2026, 11, 3), ended, 2)
    assert owed_by_day([cohort], PLAN, until_on=until) == {("imsc", day): 2 for day in days}


def test_a_median_has_an_interval_from_six_values_on() -> None:
    assert median_interval([]) == MedianInterval(None, None)
    assert median_interval([3, 1, 2]) == MedianInterval(2, None)
    assert median_interval([6, 1, 5, 2, 4, 3]) == MedianInterval(3.5, (1, 6))


def test_the_interval_of_a_median_goes_by_the_ranks_of_the_published_table() -> None:
    """Campbell and Gardner 1988: the 10th and the 21st of 30 values, the 40th and the 61st of 100."""
    assert median_interval(range(1, 31)) == MedianInterval(15.5, (10, 21))
    assert median_interval(range(1, 101)) == MedianInterval(50.5, (40, 61))
