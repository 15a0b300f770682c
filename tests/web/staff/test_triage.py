"""The coordinator's home and the episode page, as a browser without scripts sees them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.people import Participant, Staff
from portal.models.triage import Episode
from portal.services import triage
from portal.web.staff import triage as staff_triage
from tests.support.diaries import flag, hire, red, report
from tests.support.people import NOW, TODAY, enrol
from tests.support.statements import counted
from tests.support.web.visitor import Page, Visitor

LIST = "/staff/triage"


@pytest.fixture
def episode_id(participant: Participant) -> int:
    """An open red skin episode of RJ-001."""
    return report(participant, [red(), flag()], stage=2)[0].episode_id


def page_of(episode_id: int) -> str:
    return f"/staff/episodes/{episode_id}"


def take(visitor: Visitor, episode_id: int, verb: str, **typed: object):  # type: ignore[no-untyped-def]
    path = page_of(episode_id)
    return visitor.submit(path, action=f"{path}/{verb}", **typed)


def the_episode() -> Episode:
    db.session.rollback()
    return db.session.scalars(select(Episode)).one()


def as_actor() -> Actor:
    staff = db.session.scalars(select(Staff)).first()
    assert staff is not None
    return Actor("staff", Role(staff.role), staff.id, sites=frozenset(staff.sites))


def test_the_list_says_who_what_how_bad_and_how_long(coordinator: Visitor, episode_id: int) -> None:
    page = coordinator.visit(LIST)
    for words in (
        "1 open episode",
        "RJ-001",
        "day +20",
        "Red",
        "Skin",
        "stage 2 (patient-reported)",
        "Blisters on the skin",
        "1 h 0 min left",
        "nobody yet",
    ):
        assert page.says(words), words


def test_the_list_names_no_participant(coordinator: Visitor, episode_id: int) -> None:
    assert "王小明" not in coordinator.visit(LIST).words


def test_a_clock_that_has_run_out_says_by_how_much(
    coordinator: Visitor, episode_id: int, clock: time_machine.Traveller
) -> None:
    clock.move_to(NOW + timedelta(minutes=25))
    coordinator.visit(LIST)
    clock.move_to(NOW + timedelta(minutes=50))
    coordinator.visit(LIST)
    clock.move_to(NOW + timedelta(minutes=65))
    assert coordinator.visit(LIST).says("overdue by 5 min")


def test_an_empty_list_says_so(coordinator: Visitor) -> None:
    assert coordinator.visit(LIST).says("Nothing is open")


def test_the_list_names_who_has_gone_silent(coordinator: Visitor, participant: Participant) -> None:
    report(participant, on=TODAY - timedelta(days=5))
    assert "/staff/participants/RJ-001" in coordinator.visit(LIST).links


def test_everybody_who_is_silent_is_on_a_page_that_the_list_leads_to(coordinator: Visitor) -> None:
    for number in range(1, 23):
        enrol(number)
    page = coordinator.visit(LIST)
    assert "/staff/silence" in page.links
    assert sum(link.startswith("/staff/participants/RJ-") for link in page.links) == 10
    everybody = coordinator.visit("/staff/silence")
    assert everybody.says("22 participants")
    assert sum(link.startswith("/staff/participants/RJ-") for link in everybody.links) == 22


def test_a_list_that_has_not_changed_is_not_sent_again(coordinator: Visitor, episode_id: int) -> None:
    first = coordinator.get(LIST)
    again = coordinator.get(LIST, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_list_that_has_changed_is_sent_again(coordinator: Visitor, episode_id: int) -> None:
    first = coordinator.get(LIST)
    report(enrol(2), [red()])
    again = coordinator.get(LIST, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert again.headers["ETag"] != first.headers["ETag"]


def test_the_list_takes_the_same_number_of_statements_however_long_it_is(coordinator: Visitor, episode_id: int) -> None:
    with counted() as short:
        coordinator.get(LIST)
    for number in range(2, 31):
        report(enrol(number), [red()])
    with counted() as long:
        assert coordinator.visit(LIST).says("30 open episodes")
    assert long() == short()


def test_an_unseen_red_is_announced_and_a_seen_one_is_not(coordinator: Visitor, episode_id: int) -> None:
    assert b'data-announce="New red: RJ-001, Skin"' in coordinator.get(LIST).data
    take(coordinator, episode_id, "claim")
    assert b"data-announce" not in coordinator.get(LIST).data


def test_a_report_that_came_after_somebody_looked_is_pointed_out(
    coordinator: Visitor, participant: Participant, clock: time_machine.Traveller
) -> None:
    (raised,) = report(participant, [red()])
    take(coordinator, raised.episode_id, "claim")
    assert not coordinator.visit(LIST).says("another report has come since")
    report(participant, [red()], now=NOW + timedelta(minutes=5))
    clock.move_to(NOW + timedelta(minutes=6))
    assert coordinator.visit(LIST).says("another report has come since")


def test_the_episode_says_rule_version_evidence_and_the_limits_of_the_estimate(
    coordinator: Visitor, episode_id: int
) -> None:
    page = coordinator.visit(page_of(episode_id))
    for words in (
        "Blisters on the skin",
        "skin-blisters-red · version 1",
        "2 of 3 days",
        "at least II",
        "not assessed",
    ):
        assert page.says(words), words


def test_claiming_shows_whose_it_is(coordinator: Visitor, episode_id: int) -> None:
    assert take(coordinator, episode_id, "claim").status_code == 302
    page = coordinator.visit(page_of(episode_id))
    assert page.says("You have claimed this episode.")
    assert page.says("seen by 李娜")


def test_a_whole_course_leads_back_to_the_list(coordinator: Visitor, episode_id: int) -> None:
    take(coordinator, episode_id, "claim")
    take(coordinator, episode_id, "contact", note="Spoke with him.")
    take(coordinator, episode_id, "wait", waiting_for="visit", note="14:00.")
    take(coordinator, episode_id, "note", note="He came.")
    answer = take(coordinator, episode_id, "close", outcome="agvhd-suspected", note="Biopsy taken.")
    assert answer.location == LIST
    assert coordinator.visit(LIST).says("The episode is closed.")
    page = coordinator.visit(page_of(episode_id))
    assert page.says("Acute GVHD suspected")
    assert page.says("Biopsy taken.")


def test_a_closed_episode_can_be_reopened(coordinator: Visitor, episode_id: int) -> None:
    take(coordinator, episode_id, "claim")
    take(coordinator, episode_id, "close", outcome="false-alarm", note="Typed wrongly.")
    take(coordinator, episode_id, "reopen", note="")
    assert the_episode().state == "claimed"


def test_it_can_be_passed_on(coordinator: Visitor, episode_id: int) -> None:
    colleague = hire("Zhou Min")
    take(coordinator, episode_id, "claim")
    take(coordinator, episode_id, "hand-over", to_staff_id=colleague.id)
    assert coordinator.visit(page_of(episode_id)).says("Zhou Min")


def test_closing_without_outcome_keeps_what_was_typed(coordinator: Visitor, episode_id: int) -> None:
    take(coordinator, episode_id, "claim")
    answer = take(coordinator, episode_id, "close", note="Rash is from the tape.")
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.says("Choose how it ended.")
    assert page.says("Rash is from the tape.")
    assert "#close-outcome" in page.links
    assert the_episode().state == "claimed"


def test_a_stale_page_is_told_who_was_first_and_keeps_what_was_typed(coordinator: Visitor, episode_id: int) -> None:
    take(coordinator, episode_id, "claim")
    stale = coordinator.visit(page_of(episode_id))
    with transaction() as session:
        triage.record_contact(session, actor=as_actor(), episode_id=episode_id, version=2, now=NOW)
    path = page_of(episode_id)
    answer = coordinator.submit(
        path, action=f"{path}/wait", page=stale, waiting_for="laboratory", note="Waiting for bilirubin."
    )
    page = Page(answer.text)
    assert answer.status_code == 409
    assert page.says("李娜 already recorded a call at 10:00.")
    assert page.says("Waiting for bilirubin.")
    assert coordinator.post(f"{path}/wait", data=page.form(f"{path}/wait").filled(note="Now.")).status_code == 302


def test_the_second_to_claim_sees_whose_it_is(coordinator: Visitor, episode_id: int) -> None:
    stale = coordinator.visit(page_of(episode_id))
    take(coordinator, episode_id, "claim")
    path = page_of(episode_id)
    answer = coordinator.submit(path, action=f"{path}/claim", page=stale)
    assert answer.status_code == 409
    assert Page(answer.text).says("Already claimed by 李娜 at 10:00.")


def test_the_phone_number_is_shown_on_request_and_that_is_recorded(coordinator: Visitor, episode_id: int) -> None:
    before = coordinator.visit(page_of(episode_id))
    assert "tel:+8613800130001" not in before.links
    shown = Page(take(coordinator, episode_id, "phone").text)
    assert "tel:+8613800130001" in shown.links
    newest = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert newest is not None
    assert newest.action == "identifiers:view"


def test_a_monitor_reads_and_can_do_nothing(staff_of: Callable[[Role], Visitor], episode_id: int) -> None:
    monitor = staff_of(Role.MONITOR)
    page = monitor.visit(page_of(episode_id))
    assert not [form.action for form in page.forms if "/episodes/" in form.action]
    token = page.forms[0].values[0][1]
    for verb in ("claim", "phone"):
        answer = monitor.post(f"{page_of(episode_id)}/{verb}", data={"csrf_token": token, "version": 1})
        assert answer.status_code == 403, verb


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.ADMINISTRATOR, Role.DATA_MANAGER])
def test_triage_is_closed_to_others(staff_of: Callable[[Role], Visitor], role: Role) -> None:
    assert staff_of(role).get(LIST).status_code == 403


def test_an_episode_that_does_not_exist_is_not_found(coordinator: Visitor) -> None:
    assert coordinator.get(page_of(99)).status_code == 404


def test_a_step_that_does_not_exist_is_not_found(coordinator: Visitor, episode_id: int) -> None:
    assert coordinator.post(f"{page_of(episode_id)}/worsen").status_code == 404


def test_a_stranger_is_sent_to_the_sign_in_page(client: Visitor) -> None:
    assert client.get(LIST).location == "/staff/sign-in?next=/staff/triage"


def test_the_list_is_narrowed_by_address_and_says_what_it_hides(coordinator: Visitor, participant: Participant) -> None:
    report(participant, [red()])
    amber = coordinator.visit("/staff/triage?severity=amber")
    assert amber.says("Nothing that was asked for is open.")
    assert amber.says("1 red that nobody has looked at is not on this page")
    assert coordinator.visit("/staff/triage?severity=red&owner=nobody").says("1 open episode")
    assert coordinator.visit("/staff/triage?severity=purple").says("1 open episode")


def test_a_long_list_is_paged(coordinator: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_triage, "ON_A_PAGE", 2)
    for number in (2, 3, 4):
        report(enrol(number), [red()], now=NOW - timedelta(minutes=number))
    first = coordinator.visit("/staff/triage?severity=red")
    onward = next(link for link in first.links if "after=" in link)
    assert "severity=red" in onward
    assert coordinator.visit(onward).says("RJ-002")


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_asks_a_fixed_number_of_statements(coordinator: Visitor, statements: list[str], number: int) -> None:
    for which in range(2, 2 + number):
        report(enrol(which), [red()])
    statements.clear()
    coordinator.visit("/staff/triage")
    assert len([one for one in statements if one.startswith("SELECT")]) == 15


def test_the_browsers_history_says_nothing_about_health(coordinator: Visitor, episode_id: int) -> None:
    assert coordinator.visit(page_of(episode_id)).title == "RJ-001 - Follow-up portal"
