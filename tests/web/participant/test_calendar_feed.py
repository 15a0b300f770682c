"""The private address of a phone's calendar: made, followed, renewed, ended."""

import re
from collections.abc import Callable

from icalendar import Calendar

from tests.support.plans import planned_a_week_ago
from tests.support.web.sign_in import reader
from tests.support.web.visitor import Page, Visitor

FORM = "/settings/calendar"


def made(visitor: Visitor) -> str:
    """The path of a new address."""
    answer = visitor.submit(FORM)
    found = re.search(r"https?://[^/]+(/calendar/feed/[\w-]+\.ics)", answer.text)
    assert found is not None
    return found[1]


def test_the_address_is_shown_once_and_offered_to_the_phone(signed_in: Visitor) -> None:
    assert FORM in signed_in.visit("/settings").links
    answer = signed_in.submit(FORM)
    assert any(link.startswith("webcal://") for link in Page(answer.text).links)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "/calendar/feed/" not in signed_in.get(FORM).text
    assert signed_in.visit(FORM).says("For your safety it is not shown again.")


def test_a_phone_follows_without_a_cookie_and_asks_whether_anything_is_new(
    signed_in: Visitor, visitors: Callable[[], Visitor]
) -> None:
    path, phone = made(signed_in), visitors()
    first = phone.get(path)
    assert (first.status_code, first.mimetype) == (200, "text/calendar")
    assert "Set-Cookie" not in first.headers
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert not first.headers["ETag"].startswith("W/")
    again = phone.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_unknown_address_is_not_there_and_says_nothing(client: Visitor) -> None:
    answer = client.get("/calendar/feed/" + "x" * 43 + ".ics")
    assert (answer.status_code, answer.data) == (404, b"")
    assert "Set-Cookie" not in answer.headers


def test_an_ended_address_is_gone(signed_in: Visitor) -> None:
    path = made(signed_in)
    assert signed_in.submit(FORM, action=f"{FORM}/revoke").location == FORM
    assert signed_in.get(path).status_code == 404


def test_the_appointments_can_be_kept_as_a_file(visitors: Callable[[], Visitor]) -> None:
    answer = reader(visitors, planned_a_week_ago(1)).get("/calendar/appointments.ics")
    assert answer.headers["Content-Disposition"] == "attachment; filename=appointments.ics"
    assert len(Calendar.from_ical(answer.data).walk("VEVENT")) == 12


def test_strangers_get_neither_file_nor_address(client: Visitor) -> None:
    assert {client.get(path).status_code for path in (FORM, "/calendar/appointments.ics")} == {302}
