"""The study's figures as a page."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.domain.access import Role
from portal.models.people import Participant
from tests.diaries import red, report
from tests.people import NOW
from tests.web.visitor import Visitor


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.STATISTICIAN])
def test_the_figures_are_told_with_their_intervals(
    staff_of: Callable[[Role], Visitor], participant: Participant, role: Role
) -> None:
    report(participant, [red()], now=NOW - timedelta(days=1))
    page = staff_of(role).visit("/staff/study/figures")
    assert page.says("Diaries that came of those owed 1 of 10, 10 % (2–40 %)")
    assert page.says("Reports that were red 1 of 1, 100 % (21–100 %)")


def test_a_study_without_anybody_shows_dashes(coordinator: Visitor) -> None:
    assert coordinator.visit("/staff/study/figures").says("Diaries that came of those owed –")
