"""The history beside a value, and the trail on a page."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from structlog.contextvars import get_contextvars

from portal.domain.access import Role
from portal.models.people import Participant
from tests.support.answers import BLOODY
from tests.support.diaries import correct, send
from tests.support.web.visitor import Visitor


@pytest.fixture
def corrected(app: Flask, participant: Participant) -> int:
    first = send(participant, **BLOODY).diary_id
    correct(participant, first)
    return first


def test_every_value_of_a_report_leads_to_its_history(coordinator: Visitor, corrected: int) -> None:
    page = coordinator.visit(f"/staff/participants/RJ-001/diaries/{corrected}")
    (to,) = [link for link in page.links if "history" in link and "answers.stool-blood" in link]
    told = coordinator.visit(to)
    assert told.says("Obvious blood → –") or told.says("Obvious → –")
    assert told.says("I ticked the wrong box")


def test_the_participants_page_leads_to_histories_without_names(coordinator: Visitor, participant: Participant) -> None:
    page = coordinator.visit("/staff/participants/RJ-001")
    links = [link for link in page.links if "/history/participant/" in link]
    assert len(links) >= 4
    assert all("王小明" not in coordinator.get(link).text for link in links)


def test_the_trail_is_searched_on_a_page(staff_of: Callable[[Role], Visitor], corrected: int) -> None:
    monitor = staff_of(Role.MONITOR)
    page = monitor.visit("/staff/audit?number=RJ-001&action=diary:correct")
    assert page.says("I ticked the wrong box")
    assert not page.says("diary:submit")
    (to,) = [link for link in page.links if link.startswith("/staff/audit/")]
    assert monitor.visit(to).says("What was changed")


def test_an_estimate_is_told_by_its_stages_and_nothing_as_it_is_stored(
    staff_of: Callable[[Role], Visitor], corrected: int
) -> None:
    monitor = staff_of(Role.MONITOR)
    (to,) = [link for link in monitor.visit("/staff/audit?action=diary:submit").links if "/staff/audit/" in link]
    act = monitor.visit(to)
    assert act.says("Diary sent (diary:submit)")
    assert act.says("Provisional stage, lower GI Old value – New value 1")
    assert act.says("Stool scale: adult or child Old value – New value adult")
    assert not act.says("{")


@pytest.mark.parametrize("asked", ["since=nonsense", "staff=x", "before=x", "number=%00", "until=2026-13-01"])
def test_what_makes_no_sense_is_not_asked_for(staff_of: Callable[[Role], Visitor], asked: str) -> None:
    assert staff_of(Role.MONITOR).get(f"/staff/audit?{asked}").status_code == 200


def test_an_act_and_the_line_of_its_request_share_a_number(
    coordinator: Visitor, staff_of: Callable[[Role], Visitor], participant: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers: list[str] = []
    note = SimpleNamespace(info=lambda *_, **__: numbers.append(get_contextvars()["request_id"]))
    monkeypatch.setattr("portal.web.http.headers.log", note)
    coordinator.submit("/staff/participants/RJ-001", action="/staff/participants/RJ-001/identifiers")
    sent = numbers[-1]
    monitor = staff_of(Role.MONITOR)
    (to,) = [link for link in monitor.visit("/staff/audit?action=identifiers:view").links if "/staff/audit/" in link]
    assert monitor.visit(to).says(sent)


def test_the_trail_says_when_to_the_second_in_utc(staff_of: Callable[[Role], Visitor], corrected: int) -> None:
    monitor = staff_of(Role.MONITOR)
    for path in ("/staff/audit", f"/staff/participants/RJ-001/history/diary/{corrected}"):
        assert monitor.visit(path).says("2026-11-23 02:00:00 UTC")
