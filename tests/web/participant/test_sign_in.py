"""The participant's way in, and what must not let anybody in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.sign_in import RememberedPhone
from tests.support.people import NOW, PIN, enrol
from tests.support.web.sign_in import PHONE, activate, issue_card, sign_in
from tests.support.web.visitor import Page, Visitor


def test_the_street_door_leads_to_sign_in(client: Visitor) -> None:
    assert client.get("/").location == "/sign-in"


def test_the_street_door_leads_a_participant_to_today(signed_in: Visitor) -> None:
    assert signed_in.get("/").location == "/today"


def test_the_street_door_leads_staff_to_their_home(coordinator: Visitor) -> None:
    assert coordinator.get("/").location == "/staff"


@pytest.mark.parametrize("who", [PHONE, "+86 138 0013 0001", "138-0013-0001"])
def test_a_phone_number_and_pin_lead_to_today(client: Visitor, card_code: str, who: str) -> None:
    activate(card_code)
    assert client.submit("/sign-in", who=who, pin=PIN).location == "/today"


def test_a_card_code_and_pin_lead_to_today(client: Visitor, card_code: str) -> None:
    activate(card_code)
    assert client.submit("/sign-in", who=card_code.lower(), pin=PIN).location == "/today"


@pytest.mark.parametrize(("who", "pin"), [(PHONE, "000000"), ("13800139999", PIN), ("ABCDE-FGHJK", PIN), ("?", PIN)])
def test_every_kind_of_wrong_is_answered_alike(client: Visitor, card_code: str, who: str, pin: str) -> None:
    activate(card_code)
    page = Page(client.submit("/sign-in", who=who, pin=pin).text)
    assert page.says("That did not work. Check the number or code and the PIN.")
    assert page.form("/sign-in").filled()["who"] == who


def test_the_pin_is_never_sent_back(client: Visitor, card_code: str) -> None:
    activate(card_code)
    assert "000000" not in client.submit("/sign-in", who=PHONE, pin="000000").text


def test_an_empty_form_names_both_fields_on_top_and_beside_them(client: Visitor) -> None:
    answer = client.submit("/sign-in")
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.words.count("Enter your six-digit PIN.") == 2
    assert {"#who", "#pin"} <= set(page.links)


@pytest.mark.usefixtures("both_databases")
def test_five_wrong_pins_lock_for_a_minute(client: Visitor, card_code: str, clock: time_machine.Traveller) -> None:
    activate(card_code)
    for _ in range(5):
        client.submit("/sign-in", who=PHONE, pin="000000")
    assert client.submit("/sign-in", who=PHONE, pin=PIN).status_code == 422
    clock.shift(timedelta(minutes=1))
    assert client.submit("/sign-in", who=PHONE, pin=PIN).location == "/today"


def test_signing_in_comes_back_to_where_one_wanted_to_go(client: Visitor, card_code: str) -> None:
    activate(card_code)
    page = client.visit("/settings")
    assert client.submit("/sign-in", page=page, who=PHONE, pin=PIN).location == "/settings"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_elsewhere(client: Visitor, card_code: str, target: str) -> None:
    activate(card_code)
    page = client.visit(f"/sign-in?next={target}")
    assert client.submit("/sign-in", page=page, who=PHONE, pin=PIN).location == "/today"


def test_signing_in_begins_a_session_of_its_own(client: Visitor, card_code: str) -> None:
    activate(card_code)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    sign_in(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["started"] == session["seen"] == NOW.timestamp()


def test_a_remembered_phone_is_not_asked_again_for_thirty_days(
    client: Visitor, card_code: str, clock: time_machine.Traveller
) -> None:
    activate(card_code)
    client.submit("/sign-in", who=PHONE, pin=PIN, remember="y")
    clock.shift(timedelta(days=29))
    assert client.get("/settings").status_code == 200
    clock.shift(timedelta(days=2))
    assert client.get("/settings").location == "/sign-in?next=/settings"


def test_a_remembered_phone_gets_another_token_with_each_return_and_an_old_one_ends_it(
    client: Visitor, visitors: Callable[[], Visitor], card_code: str, clock: time_machine.Traveller
) -> None:
    activate(card_code)
    client.submit("/sign-in", who=PHONE, pin=PIN, remember="y")
    copied = client.get_cookie("phone")
    clock.shift(timedelta(hours=2))
    client.get("/today")
    assert client.get_cookie("phone").value != copied.value
    thief = visitors()
    thief.set_cookie("phone", copied.value)
    clock.shift(timedelta(hours=2))
    assert thief.get("/today").status_code == 302
    assert client.get("/today").status_code == 302


def test_two_requests_at_once_from_a_remembered_phone_both_get_in(
    client: Visitor, visitors: Callable[[], Visitor], card_code: str, clock: time_machine.Traveller
) -> None:
    activate(card_code)
    client.submit("/sign-in", who=PHONE, pin=PIN, remember="y")
    clock.shift(timedelta(hours=2))
    second = visitors()
    second.set_cookie("phone", client.get_cookie("phone").value)
    assert (client.get("/today").status_code, second.get("/today").status_code) == (200, 200)


def test_a_remembered_phone_can_be_forgotten_from_another(
    client: Visitor, visitors: Callable[[], Visitor], card_code: str
) -> None:
    activate(card_code)
    client.submit("/sign-in", who=PHONE, pin=PIN, remember="y")
    other = sign_in(visitors())
    phone = db.session.scalars(select(RememberedPhone.id)).one()
    assert other.submit("/settings", action=f"/settings/phones/{phone}/forget").status_code == 302
    assert client.get("/today").status_code == 302


def test_signing_out_forgets_this_phone(client: Visitor, card_code: str) -> None:
    activate(card_code)
    client.submit("/sign-in", who=PHONE, pin=PIN, remember="y")
    client.submit("/settings", action="/sign-out")
    assert client.get_cookie("phone") is None
    assert db.session.scalars(select(RememberedPhone.revoked_at)).one() is not None


def test_a_page_open_on_a_remembered_phone_keeps_its_token(
    client: Visitor, card_code: str, clock: time_machine.Traveller
) -> None:
    activate(card_code)
    client.submit("/sign-in", who=PHONE, pin=PIN, remember="y")
    open_page = client.visit("/settings")
    clock.shift(timedelta(hours=2))
    answer = client.submit("/settings", page=open_page, action="/settings/sign-out-everywhere")
    assert answer.status_code == 302


def test_any_other_session_ends_after_an_hours_pause(signed_in: Visitor, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=59))
    assert signed_in.get("/settings").status_code == 200
    clock.shift(timedelta(minutes=61))
    assert signed_in.get("/settings").status_code == 302


@pytest.mark.usefixtures("both_databases")
def test_signing_out_ends_the_session_and_is_in_the_trail(signed_in: Visitor) -> None:
    answer = signed_in.submit("/settings", action="/sign-out")
    assert answer.location == "/sign-in"
    assert signed_in.get("/today").location == "/sign-in?next=/today"
    assert db.session.query(AuditEvent.action).order_by(AuditEvent.id.desc()).limit(1).scalar() == "account:sign-out"


def test_a_copied_cookie_is_worth_nothing_after_signing_out(
    signed_in: Visitor, visitors: Callable[[], Visitor]
) -> None:
    thief, other = visitors(), sign_in(visitors())
    copied = signed_in.get_cookie("portal")
    assert copied is not None
    thief.set_cookie("portal", copied.value)
    assert thief.get("/today").status_code == 200
    signed_in.submit("/settings", action="/sign-out")
    assert thief.get("/today").status_code == 302
    assert other.get("/today").status_code == 200


def test_a_stolen_session_ends_when_one_signs_out_everywhere(
    signed_in: Visitor, visitors: Callable[[], Visitor]
) -> None:
    other = sign_in(visitors())
    signed_in.submit("/settings", action="/settings/sign-out-everywhere")
    assert other.get("/today").status_code == 302


def test_somebody_who_is_signed_in_is_not_asked_to(signed_in: Visitor) -> None:
    assert signed_in.get("/sign-in").location == "/today"


def test_a_participant_is_not_shown_the_staffs_pages(signed_in: Visitor) -> None:
    assert signed_in.get("/staff/study").location == "/staff/sign-in?next=/staff/study"


def test_staff_are_not_shown_a_participants_pages(coordinator: Visitor) -> None:
    assert coordinator.get("/today").status_code == 403


def test_a_form_whose_token_has_aged_is_shown_again(client: Visitor, card_code: str) -> None:
    activate(card_code)
    answer = client.post("/sign-in", data={"who": PHONE, "pin": PIN, "csrf_token": "long ago"})
    page = Page(answer.text)
    assert (answer.status_code, page.form("/sign-in").filled()["who"]) == (400, PHONE)
    assert client.submit("/sign-in", page=page, pin=PIN).location == "/today"


def test_the_language_chosen_on_the_way_in_stays(client: Visitor, card_code: str) -> None:
    activate(card_code)
    page = client.visit("/sign-in")
    client.post("/sign-in/language", data={**page.form("/sign-in/language").filled(), "language": "zh-CN"})
    assert sign_in(client).visit("/settings").lang == "zh-Hans-CN"


def test_autofill_and_paste_work(client: Visitor) -> None:
    fields = {one["name"]: one for one in client.visit("/sign-in").fields}
    assert fields["who"]["autocomplete"] == "username"
    assert fields["pin"]["autocomplete"] == "current-password"


def test_two_people_have_two_sessions(client: Visitor, visitors: Callable[[], Visitor], card_code: str) -> None:
    other = enrol(2)
    activate(card_code)
    activate(issue_card(other.accounts[0].id))
    sign_in(client)
    second = sign_in(visitors(), who="13800130002")
    assert second.visit("/settings").says("+86 138 0013 0002")
    assert client.visit("/settings").says("+86 138 0013 0001")
