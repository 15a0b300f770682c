"""A guardian or caregiver from the invitation to an entry that says who answered."""

import re
from collections.abc import Callable

import pytest

from portal.extensions import db
from portal.models.diary import Diary
from portal.models.people import Account, Participant
from tests.support.people import PIN
from tests.support.web.diary import fill_in
from tests.support.web.visitor import Page, Visitor

PERSON = "/staff/participants/RJ-001"
STANDING = f"{PERSON}/participation"


@pytest.fixture(params=["guardian", "caregiver"])
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def companion(coordinator: Visitor, visitors: Callable[[], Visitor], participant: Participant, role: str) -> Visitor:
    """Invited without a phone number, let in by the card and a PIN of their own."""
    invited = {"role": role, "name": "王芳", "phone": "", "language": "en"}
    coordinator.submit(STANDING, action=f"{PERSON}/accounts", **invited)
    account = db.session.query(Account.id).filter_by(role=role).scalar()
    page = coordinator.visit(PERSON)
    issue = next(
        form for form in page.forms if form.action == f"{PERSON}/card" and ("account_id", str(account)) in form.values
    )
    card = Page(coordinator.post(issue.action, data=issue.filled()).text)  # a token in its source may look like a code
    (code,) = set(re.findall(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", card.words))
    visitor = visitors()
    visitor.submit("/activate", code=code, birth_year="1992")
    visitor.submit("/activate/pin", pin=PIN, again=PIN)
    visitor.submit("/activate/choices", language="en", reminder_at="18:00")
    assert visitor.submit("/activate/agree", agree="y").location == "/today"
    return visitor


def test_what_they_send_says_who_answered_to_both_sides(companion: Visitor, coordinator: Visitor, role: str) -> None:
    fill_in(companion)
    db.session.rollback()
    diary = db.session.query(Diary).one()
    assert diary.answered_by == role
    assert companion.visit(f"/record/{diary.id}").says(f"Answered by the {role}.")
    assert coordinator.visit(f"{PERSON}/diaries/{diary.id}").says(role)


def test_when_the_access_ends_they_are_out_at_once(companion: Visitor, coordinator: Visitor, role: str) -> None:
    account = db.session.query(Account.id).filter_by(role=role).scalar()
    coordinator.submit(STANDING, action=f"{PERSON}/accounts/{account}/revoke")
    assert companion.get("/today").status_code == 302


def test_only_a_guardian_may_leave_the_study_for_the_participant(companion: Visitor, role: str) -> None:
    assert ("/settings/leave" in companion.visit("/settings").links) is (role == "guardian")
