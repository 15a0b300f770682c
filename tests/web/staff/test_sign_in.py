"""The study team's way in."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
import time_machine

from portal.domain.access import STAFF_ROLES, Role
from tests.support.people import NOW, PASSWORD
from tests.support.web.sign_in import hire
from tests.support.web.visitor import Page, Visitor

EMAIL = "coordinator@example.org"


@pytest.fixture
def secret(client: Visitor) -> str:
    return hire(Role.COORDINATOR).totp_secret


def code(secret: str, later: timedelta = timedelta()) -> str:
    return pyotp.TOTP(secret).at(NOW + later)


@pytest.mark.usefixtures("both_databases")
def test_password_and_code_lead_home(client: Visitor, secret: str) -> None:
    answer = client.submit("/staff/sign-in", email=EMAIL, password=PASSWORD, code=code(secret))
    assert answer.location == "/staff"


@pytest.mark.parametrize(
    "wrong", [{"email": "x@example.org"}, {"password": "wrong horse battery"}, {"code": "000000"}], ids=str
)
def test_every_kind_of_wrong_is_answered_alike(client: Visitor, secret: str, wrong: dict[str, str]) -> None:
    values = {"email": EMAIL, "password": PASSWORD, "code": code(secret), **wrong}
    answer = client.submit("/staff/sign-in", **values)
    assert answer.status_code == 422
    assert Page(answer.text).says("That did not work. Check the address, the password and the code")


def test_a_code_works_once(client: Visitor, visitors: Callable[[], Visitor], secret: str) -> None:
    values = {"email": EMAIL, "password": PASSWORD, "code": code(secret)}
    client.submit("/staff/sign-in", **values)
    assert visitors().submit("/staff/sign-in", **values).status_code == 422


def test_neither_password_nor_code_is_sent_back(client: Visitor, secret: str) -> None:
    answer = client.submit("/staff/sign-in", email=EMAIL, password="wrong horse battery", code="112233")
    assert "wrong horse" not in answer.text


def test_signing_in_comes_back_to_where_one_wanted_to_go(client: Visitor, secret: str) -> None:
    page = client.visit("/staff/study")
    answer = client.submit("/staff/sign-in", page=page, email=EMAIL, password=PASSWORD, code=code(secret))
    assert answer.location == "/staff/study"


def test_staff_sessions_end_after_half_an_hours_pause(coordinator: Visitor, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=31))
    assert coordinator.get("/staff/study").location == "/staff/sign-in?next=/staff/study"


def test_staff_sessions_end_after_half_a_day_at_work(coordinator: Visitor, clock: time_machine.Traveller) -> None:
    for _ in range(48):
        clock.shift(timedelta(minutes=15))
        last = coordinator.get("/staff/study").status_code
    assert last == 200
    clock.shift(timedelta(minutes=1))
    assert coordinator.get("/staff/study").status_code == 302


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (Role.COORDINATOR, "/staff/triage"),
        (Role.INVESTIGATOR, "/staff/triage"),
        (Role.MONITOR, "/staff/triage"),
        (Role.DATA_MANAGER, "/staff/participants"),
        (Role.STATISTICIAN, "/staff/study"),
        (Role.ADMINISTRATOR, "/staff/study"),
    ],
)
def test_every_role_has_a_home(staff_of: Callable[[Role], Visitor], role: Role, home: str) -> None:
    assert staff_of(role).get("/staff").location == home


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_every_role_may_read_about_the_study(staff_of: Callable[[Role], Visitor], role: Role) -> None:
    assert staff_of(role).get("/staff/study").status_code == 200


def test_signing_out_ends_the_session(coordinator: Visitor) -> None:
    assert coordinator.submit("/staff/study", action="/staff/sign-out").location == "/staff/sign-in"
    assert coordinator.get("/staff/study").status_code == 302


def test_autofill_and_paste_work(client: Visitor) -> None:
    fields = {one["name"]: one["autocomplete"] for one in client.visit("/staff/sign-in").fields}
    assert fields == {"email": "username", "password": "current-password", "code": "one-time-code"}


@pytest.mark.parametrize(
    ("role", "links"),
    [
        (Role.COORDINATOR, {"/staff/triage", "/staff/participants", "/staff/messages", "/staff/study"}),
        (Role.MONITOR, {"/staff/triage", "/staff/participants", "/staff/study"}),
        (Role.STATISTICIAN, {"/staff/study"}),
        (Role.ADMINISTRATOR, {"/staff/study"}),
    ],
)
def test_everybody_sees_the_links_that_their_role_may_open(
    staff_of: Callable[[Role], Visitor], role: Role, links: set[str]
) -> None:
    visitor = staff_of(role)
    shown = set(visitor.visit("/staff/study").links)
    assert shown & {"/staff/triage", "/staff/participants", "/staff/messages", "/staff/study"} == links
    assert {visitor.get(link).status_code for link in links} == {200}
