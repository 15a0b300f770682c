"""Leaving by oneself, and what the study team records of a participation."""

from collections.abc import Callable

import pytest

from portal.domain.access import Role
from portal.extensions import db
from portal.models.people import Account, Participant
from tests.support.people import PIN
from tests.support.web.sign_in import PHONE
from tests.support.web.visitor import Page, Visitor

PATH = "/staff/participants/RJ-001/participation"
ACCOUNTS = "/staff/participants/RJ-001/accounts"
STAY = "/staff/participants/RJ-001/stay"


def status() -> str:
    db.session.expire_all()
    return db.session.query(Participant.status).scalar()


def test_leaving_asks_once_more_and_then_closes_the_account(signed_in: Visitor, client: Visitor) -> None:
    asked = Page(signed_in.submit("/settings/leave", reason="").text)
    assert (asked.says("Do you want to leave the study?"), status()) == (True, "active")
    answer = signed_in.post("/settings/leave", data={**asked.form("/settings/leave").filled(), "sure": "y"})
    assert (answer.location, status()) == ("/left", "withdrawn")
    assert signed_in.visit("/left").says("No text message is sent any more")
    assert signed_in.get("/today").status_code == 302
    assert client.submit("/sign-in", who=PHONE, pin=PIN).status_code == 422


def test_a_stay_is_recorded_and_shown(coordinator: Visitor, participant: Participant) -> None:
    answer = coordinator.submit(PATH, action=STAY, diary="paused", until_on="2026-12-01", stay_reason="fever")
    assert (answer.location, status()) == (PATH, "paused")
    assert coordinator.visit(PATH).says("In hospital until Tuesday 1 December, diary paused.")


def test_a_stay_that_ends_before_it_begins_is_refused_at_its_field(
    coordinator: Visitor, participant: Participant
) -> None:
    answer = coordinator.submit(PATH, action=STAY, diary="ward", until_on="2026-11-01", stay_reason="fever")
    assert answer.status_code == 422
    assert Page(answer.text).says("Choose a day after today.")


def test_a_step_needs_its_reason(coordinator: Visitor, participant: Participant) -> None:
    assert coordinator.submit(PATH, step="lose").status_code == 422
    assert coordinator.submit(PATH, step="lose", reason="not reached for two weeks").location == PATH
    assert coordinator.visit(PATH).says("not reached for two weeks")


def test_a_coordinator_cannot_take_back_a_death(coordinator: Visitor, participant: Participant) -> None:
    coordinator.submit(PATH, step="die", reason="told by the family")
    assert [form.action for form in coordinator.visit(PATH).forms if form.action == PATH] == []


def test_a_caregiver_is_invited_and_loses_access(coordinator: Visitor, participant: Participant) -> None:
    answer = coordinator.submit(PATH, action=ACCOUNTS, role="caregiver", name="王芳", phone="", language="zh-CN")
    assert answer.location == "/staff/participants/RJ-001"
    assert coordinator.visit("/staff/participants/RJ-001").says("caregiver")
    id_ = db.session.query(Account.id).filter_by(role="caregiver").scalar()
    assert coordinator.submit(PATH, action=f"{ACCOUNTS}/{id_}/revoke").location == PATH


def test_a_number_in_use_is_refused_at_its_field(coordinator: Visitor, participant: Participant) -> None:
    answer = coordinator.submit(PATH, action=ACCOUNTS, role="guardian", name="王芳", phone=PHONE, language="en")
    assert answer.status_code == 422
    assert Page(answer.text).says("This number belongs to another account.")


@pytest.mark.parametrize("role", [Role.MONITOR, Role.DATA_MANAGER])
def test_who_only_reads_changes_nothing(
    staff_of: Callable[[Role], Visitor], participant: Participant, role: Role
) -> None:
    page = staff_of(role).visit(PATH)
    assert [form.action for form in page.forms if form.action.startswith("/staff/participants")] == []
