"""People, from an administrator's first click to a colleague's own account; and what asks for the password again."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
import time_machine

from portal.domain.access import Role
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.people import Participant, Staff
from tests.support.people import NOW, PASSWORD
from tests.support.web.sign_in import hire, sign_in_staff
from tests.support.web.visitor import Page, Visitor

OTHER = "seven lamps in the orchard"
PEOPLE = "/staff/people"


@pytest.fixture
def administrator(staff_of: Callable[[Role], Visitor]) -> Visitor:
    return staff_of(Role.ADMINISTRATOR)


def invite(administrator: Visitor) -> str:
    """The path of the link that is shown once."""
    answer = administrator.submit(
        f"{PEOPLE}/invite", name="吴磊", email="wu.lei@example.org", role="monitor", sites="RJ", language="en"
    )
    assert answer.status_code == 200
    return re.search(r"http://127.0.0.1:8000(/staff/invitation/[\w-]+)", answer.text)[1]  # type: ignore[index]


def join(visitor: Visitor, path: str, **typed: str) -> Page:
    """The recovery codes, or the page again."""
    page = visitor.visit(path)
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", visitor.get(path).text)
    assert secret
    shown = visitor.get(path)
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", shown.text)[1].replace(" ", "")  # type: ignore[index]
    values = {"password": OTHER, "again": OTHER, "code": pyotp.TOTP(key).at(NOW), **typed}
    page = Page(shown.text)
    return Page(visitor.submit(path, page=page, **values).text)


@pytest.mark.usefixtures("both_databases")
def test_somebody_invited_sets_up_the_account_and_signs_in_with_a_recovery_code(
    administrator: Visitor, visitors: Callable[[], Visitor]
) -> None:
    colleague = visitors()
    done = join(colleague, invite(administrator))
    assert done.headings[0][1] == "Your recovery codes"
    code = re.findall(r"\b[A-H]\w{3}-\w{4}-\w{4}\b", done.words)[0]
    answer = colleague.submit("/staff/sign-in", email="wu.lei@example.org", password=OTHER, code=code)
    assert answer.location == "/staff/account"
    assert colleague.visit("/staff/account").says("You used a recovery code; 7 are left.")


def test_a_used_or_invented_link_opens_nothing(administrator: Visitor, client: Visitor) -> None:
    path = invite(administrator)
    join(client, path)
    assert client.get(path).status_code == 409
    assert client.get("/staff/invitation/invented").status_code == 409


def test_what_is_wrong_stands_at_its_field_and_the_picture_stays(administrator: Visitor, client: Visitor) -> None:
    path = invite(administrator)
    again = join(client, path, code="000000")
    assert again.says("That is not the code that the app shows now.")
    assert again.form(path).filled()["app"]
    assert join(client, path, again="something else").says("The two passwords are not the same.")


def test_a_role_is_changed_with_a_reason_and_told_on_the_page(administrator: Visitor) -> None:
    made = hire(Role.COORDINATOR)
    path = f"{PEOPLE}/{made.id}"
    assert administrator.submit(path, role="monitor", sites="RJ", active="y").status_code == 422
    answer = administrator.submit(path, role="monitor", sites="RJ", active="y", reason="changes ward")
    assert answer.location == path
    page = administrator.visit(path)
    assert page.says("role: coordinator → monitor")
    assert page.says("changes ward")


def test_a_changed_account_is_signed_out_everywhere(administrator: Visitor, visitors: Callable[[], Visitor]) -> None:
    colleague = sign_in_staff(visitors(), Role.COORDINATOR)
    staff_id = db.session.query(Staff.id).filter_by(role="coordinator").scalar()
    assert colleague.get("/staff/triage").status_code == 200
    administrator.submit(f"{PEOPLE}/{staff_id}", role="coordinator", sites="RJ", active=None, reason="has left")
    assert colleague.get("/staff/triage").status_code == 302


def test_an_administrator_ends_one_session_of_somebody(administrator: Visitor, visitors: Callable[[], Visitor]) -> None:
    colleague = sign_in_staff(visitors(), Role.COORDINATOR)
    staff_id = db.session.query(Staff.id).filter_by(role="coordinator").scalar()
    page = administrator.visit(f"{PEOPLE}/{staff_id}")
    (action,) = [form.action for form in page.forms if form.action.endswith("/end")]
    administrator.submit(f"{PEOPLE}/{staff_id}", action=action)
    assert colleague.get("/staff/triage").status_code == 302


def test_a_lost_phone_is_answered_with_a_reason_and_a_link(administrator: Visitor) -> None:
    made = hire(Role.COORDINATOR)
    path = f"{PEOPLE}/{made.id}"
    assert administrator.submit(path, action=f"{path}/reset").status_code == 422
    answer = administrator.submit(path, action=f"{path}/reset", reason="came with the staff card")
    assert "/staff/invitation/" in answer.text


def test_only_administrators_see_people(coordinator: Visitor) -> None:
    assert coordinator.get(PEOPLE).status_code == 403
    assert PEOPLE not in coordinator.visit("/staff/account").links


def test_pages_about_accounts_ask_for_the_password_again_after_a_quarter_of_an_hour(
    administrator: Visitor, clock: time_machine.Traveller
) -> None:
    assert administrator.get(f"{PEOPLE}/invite").status_code == 200
    clock.shift(timedelta(minutes=16))
    assert administrator.get(f"{PEOPLE}/invite").location == "/staff/confirm?next=/staff/people/invite"


def test_confirming_goes_on_where_one_was_and_changes_the_sessions_token(
    visitors: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    made = hire(Role.ADMINISTRATOR)
    visitor = visitors()
    visitor.submit("/staff/sign-in", email="administrator@example.org", password=PASSWORD, code=now_code(made))
    clock.shift(timedelta(minutes=16))
    with visitor.session_transaction() as session:
        before = session["sid"]
    page = visitor.visit(f"{PEOPLE}/invite")
    later = pyotp.TOTP(made.totp_secret).at(NOW + timedelta(minutes=16))
    wrong = visitor.submit("/staff/confirm", page=page, password=PASSWORD, code="000000")
    right = visitor.submit("/staff/confirm", page=page, password=PASSWORD, code=later)
    assert (wrong.status_code, right.location) == (422, f"{PEOPLE}/invite")
    with visitor.session_transaction() as session:
        assert session["sid"] != before
    assert visitor.get(f"{PEOPLE}/invite").status_code == 200


def now_code(made: object) -> str:
    return pyotp.TOTP(made.totp_secret).at(NOW)  # type: ignore[attr-defined]


def test_identifiers_are_shown_only_shortly_after_password_and_code(
    coordinator: Visitor, participant: Participant, clock: time_machine.Traveller
) -> None:
    page = "/staff/participants/RJ-001"
    assert "王小明" in coordinator.submit(page, action=f"{page}/identifiers").text
    clock.shift(timedelta(minutes=29))
    coordinator.get(page)
    clock.shift(timedelta(minutes=2))
    assert coordinator.submit(page, action=f"{page}/identifiers").location.startswith("/staff/confirm")


def test_ones_own_sessions_are_listed_and_can_be_ended(coordinator: Visitor, visitors: Callable[[], Visitor]) -> None:
    stolen = visitors()
    stolen.set_cookie("portal", coordinator.get_cookie("portal").value)
    assert stolen.get("/staff/triage").status_code == 200
    assert coordinator.visit("/staff/account").says("(this one)")
    assert coordinator.submit("/staff/account", action="/staff/account/sessions/end").location == "/staff/sign-in"
    assert stolen.get("/staff/triage").status_code == 302


def test_a_copied_cookie_is_worth_nothing_after_signing_out(
    coordinator: Visitor, visitors: Callable[[], Visitor]
) -> None:
    stolen = visitors()
    stolen.set_cookie("portal", coordinator.get_cookie("portal").value)
    coordinator.submit("/staff/triage", action="/staff/sign-out")
    assert stolen.get("/staff/triage").status_code == 302


def test_an_old_cookie_does_not_turn_the_pause_back(
    coordinator: Visitor, visitors: Callable[[], Visitor], clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=31))
    assert coordinator.get("/staff/triage").status_code == 302


def test_new_recovery_codes_and_a_new_app_are_made_from_ones_own_account(coordinator: Visitor) -> None:
    codes = coordinator.submit("/staff/account", action="/staff/account/codes")
    assert Page(codes.text).headings[0][1] == "Your recovery codes"
    answer = coordinator.submit("/staff/account", action="/staff/account/device")
    assert answer.location.startswith("/staff/invitation/")
    assert coordinator.visit(answer.location).headings[0][1] == "Set up your account"


def test_a_new_password_signs_out(coordinator: Visitor) -> None:
    path = "/staff/account/password"
    page = coordinator.visit("/staff/account")
    wrong = coordinator.submit("/staff/account", action=path, page=page, old=OTHER, new=OTHER, again=OTHER)
    right = coordinator.submit("/staff/account", action=path, page=page, old=PASSWORD, new=OTHER, again=OTHER)
    assert (wrong.status_code, right.location) == (422, "/staff/sign-in")
    assert "staff:password" in db.session.query(AuditEvent.action).order_by(AuditEvent.id.desc()).limit(1).scalar()
