"""Closing data and opening them again, as a data manager does it."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from portal.domain.access import Role
from portal.extensions import db
from portal.models.people import Participant, Staff
from tests.support.people import NOW, PASSWORD
from tests.support.web.visitor import Visitor

CLOSING = {"kind": "lock", "study_number": "RJ-001", "reason": "interim analysis"}


@pytest.fixture
def manager(staff_of: Callable[[Role], Visitor], participant: Participant) -> Visitor:
    return staff_of(Role.DATA_MANAGER)


def fresh_code() -> str:
    """The one after that of the sign-in."""
    return pyotp.TOTP(db.session.scalars(select(Staff.totp_secret)).one()).at(NOW + timedelta(seconds=30))


def test_a_closed_participant_shows_it_and_changes_are_refused_with_the_reason(
    manager: Visitor, coordinator: Visitor
) -> None:
    assert manager.submit("/staff/locks", **CLOSING).status_code == 302
    assert "interim analysis" in coordinator.get("/staff/participants/RJ-001").text
    result = {"measure": "bilirubin:umol/L", "value": "19"}
    page = coordinator.visit("/staff/participants/RJ-001/clinical")
    form = page.form("/staff/participants/RJ-001/results").filled(**result)
    refused = coordinator.post("/staff/participants/RJ-001/results", data=form)
    assert refused.status_code == 423
    assert "interim analysis" in refused.text


def test_what_is_missing_is_said_at_its_field(manager: Visitor) -> None:
    answer = manager.submit("/staff/locks", **{**CLOSING, "study_number": "", "reason": ""})
    assert answer.status_code == 422
    assert "Please give the reason." in answer.text
    answer = manager.submit("/staff/locks", **{**CLOSING, "study_number": ""})
    assert "Enter the last day that is closed." in answer.text


def test_a_lock_is_opened_again_with_password_and_code(manager: Visitor) -> None:
    manager.submit("/staff/locks", **CLOSING)
    wrong = manager.submit("/staff/locks/1", reason="a typing error", password="not this one", code="123456")
    assert wrong.status_code == 422
    right = manager.submit("/staff/locks/1", reason="a typing error", password=PASSWORD, code=fresh_code())
    assert right.status_code == 302
    assert "signed by" in manager.get("/staff/locks").text


def test_a_freeze_wants_no_signature(manager: Visitor) -> None:
    manager.submit("/staff/locks", **{**CLOSING, "kind": "freeze"})
    assert "password" not in manager.get("/staff/locks/1").text
    assert manager.submit("/staff/locks/1", reason="a typing error").status_code == 302


def test_others_see_what_is_closed_and_no_form(coordinator: Visitor) -> None:
    page = coordinator.visit("/staff/locks")
    assert page.says("Nothing is closed.")
    assert "/staff/locks" not in [form.action for form in page.forms]
