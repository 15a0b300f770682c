"""The study's figures as a page."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.domain.access import Role
from portal.models.people import Participant
from tests.support.diaries import red, report
from tests.support.people import NOW
from tests.support.web.visitor import Visitor


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


def test_every_number_leads_to_the_rows_behind_it(coordinator: Visitor, participant: Participant) -> None:
    report(participant, [red()], now=NOW - timedelta(days=1))
    page = coordinator.visit("/staff/study/figures")
    links = {link for link in page.links if link.startswith("/staff/study/figures/")}
    kinds = {link.split("?")[0].rpartition("/")[2] for link in links}
    assert kinds == {"completion", "reports", "missed", "alerts", "closed", "calls", "reminders", "enrolled"}
    for link in sorted(links):
        assert coordinator.get(link).status_code == 200, link
    assert coordinator.visit("/staff/study/figures/reports?level=red").says("1 row on this page")
    assert coordinator.visit("/staff/study/figures/completion?arm=imsc").says("Together 1 of 10")


def test_what_cannot_be_asked_for_is_as_if_it_had_not_been(coordinator: Visitor, participant: Participant) -> None:
    assert coordinator.get("/staff/study/figures/alerts?arm=x&level=9&first=a&month=b&after=--").status_code == 200
    assert coordinator.get("/staff/study/figures/secrets").status_code == 404


def test_who_may_not_see_participants_sees_numbers_only(staff_of: Callable[[Role], Visitor]) -> None:
    statistician = staff_of(Role.STATISTICIAN)
    page = statistician.visit("/staff/study/figures")
    assert not [link for link in page.links if link.startswith("/staff/study/figures/")]
    assert statistician.get("/staff/study/figures/alerts").status_code == 403
