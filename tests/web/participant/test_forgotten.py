"""PIN forgotten: a code by text, a new PIN; the same to everybody. And the link that opens one day."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.adapters import passwords
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.messages import Message
from portal.models.people import Participant
from portal.models.sign_in import DayLink, SignInCode
from portal.services import day_tokens
from tests.support.diaries import send_bloody
from tests.support.people import TODAY
from tests.support.web.sign_in import PHONE, activate, sign_in
from tests.support.web.visitor import Visitor

NEW_PIN = "730418"


def texted() -> list[str]:
    rows = db.session.scalars(select(Message).where(Message.kind == "sign-in-code").order_by(Message.id))
    return [row.values["code"] for row in rows if row.values]


def ask(client: Visitor, who: str = PHONE) -> str:
    answer = client.submit("/sign-in/forgotten", who=who)
    assert (answer.status_code, answer.location) == (302, "/sign-in/code")
    return (texted() or [""])[-1]


@pytest.mark.usefixtures("both_databases")
def test_a_code_by_text_leads_to_a_new_pin(client: Visitor, card_code: str) -> None:
    activate(card_code)
    code = ask(client)
    assert client.submit("/sign-in/code", code=code).location == "/sign-in/new-pin"
    assert client.submit("/sign-in/new-pin", pin=NEW_PIN, again=NEW_PIN).location == "/today"
    assert client.get("/today").status_code == 200


def test_the_code_is_stored_as_a_hash_only(client: Visitor, card_code: str) -> None:
    activate(card_code)
    code = ask(client)
    row = db.session.scalars(select(SignInCode)).one()
    assert row.code_hash.startswith("$argon2id$")
    assert code not in row.code_hash


def test_it_lifts_a_lock_and_ends_other_sessions(
    client: Visitor, visitors: Callable[[], Visitor], card_code: str
) -> None:
    activate(card_code)
    other = sign_in(visitors())
    for _ in range(5):
        client.submit("/sign-in", who=PHONE, pin="000000")
    client.submit("/sign-in/code", code=ask(client))
    client.submit("/sign-in/new-pin", pin=NEW_PIN, again=NEW_PIN)
    assert other.get("/today").status_code == 302
    sign_in(visitors(), pin=NEW_PIN)


def test_after_five_wrong_codes_the_right_one_is_void(client: Visitor, card_code: str) -> None:
    activate(card_code)
    code = ask(client)
    wrong = "000000" if code != "000000" else "111111"
    assert [client.submit("/sign-in/code", code=wrong).status_code for _ in range(5)] == [422] * 5
    assert client.submit("/sign-in/code", code=code).status_code == 422


def test_a_code_ends_after_ten_minutes_and_works_once(
    client: Visitor, card_code: str, clock: time_machine.Traveller
) -> None:
    activate(card_code)
    old = ask(client)
    clock.shift(timedelta(minutes=10))
    assert client.submit("/sign-in/code", code=old).status_code == 422
    code = ask(client)
    assert client.submit("/sign-in/code", code=code).status_code == 302
    ask_again = client.submit("/sign-in/forgotten", who=PHONE)
    assert ask_again.status_code == 302
    assert client.submit("/sign-in/code", code=code).status_code == 422


def test_no_more_than_three_codes_an_hour(client: Visitor, card_code: str) -> None:
    activate(card_code)
    for _ in range(5):
        ask(client)
    assert len(texted()) == 3


def test_nobody_learns_whether_a_number_is_known(
    client: Visitor, visitors: Callable[[], Visitor], card_code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    activate(card_code)
    work: list[str] = []
    real_hash, real_verify = passwords.hash_secret, passwords.verify_secret
    monkeypatch.setattr(passwords, "hash_secret", lambda secret: work.append("hash") or real_hash(secret))
    monkeypatch.setattr(passwords, "verify_secret", lambda *given: work.append("verify") or real_verify(*given))
    pages, done = [], []
    for visitor, who in ((client, PHONE), (visitors(), "13999999999"), (visitors(), "not a number")):
        ask(visitor, who)
        answer = visitor.submit("/sign-in/code", code="123456" if "123456" not in texted() else "654321")
        shown = answer.text.replace(answer.text.split('name="csrf_token"')[-1].split(">", 1)[0], "")
        pages.append((answer.status_code, len(shown)))
        done.append(tuple(work))
        work.clear()
    assert set(done) == {("hash", "verify")}
    assert len(set(pages)) == 1


@pytest.mark.usefixtures("both_databases")
def test_an_unknown_number_gets_the_same_answer_and_leaves_no_code(
    client: Visitor, visitors: Callable[[], Visitor], card_code: str
) -> None:
    activate(card_code)
    stranger = visitors()
    ask(stranger, "13999999999")
    assert texted() == []
    assert db.session.scalars(select(SignInCode)).all() == []
    ask(client, PHONE)
    assert len(texted()) == 1
    assert db.session.scalars(select(SignInCode)).one().account_id


def test_each_step_is_in_the_trail(client: Visitor, card_code: str) -> None:
    activate(card_code)
    client.submit("/sign-in/code", code=ask(client))
    client.submit("/sign-in/new-pin", pin=NEW_PIN, again=NEW_PIN)
    actions = list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))
    assert actions[-4:] == ["code:request", "code:send", "code:accept", "account:pin-reset"]


def link(person: Participant, on: date = TODAY) -> str:
    return f"/d/{day_tokens.make_day_token(account_id=person.accounts[0].id, diary_on=on)}"


@pytest.fixture
def ready(card_code: str, participant: Participant) -> Participant:
    activate(card_code)
    return participant


def test_a_link_opens_that_days_diary_and_nothing_else(client: Visitor, ready: Participant) -> None:
    assert client.submit(link(ready)).location == f"/diary/{TODAY}/how-you-are"
    page = client.get(f"/diary/{TODAY}/how-you-are")
    assert page.status_code == 200
    assert "王小明" not in page.text
    assert "/record" not in page.text
    elsewhere = ["/today", "/record", "/calendar", "/settings", f"/diary/{TODAY - timedelta(days=1)}/skin",
                 "/diary/device", f"/photos/{TODAY - timedelta(days=1)}"]  # fmt: skip
    assert {client.get(path).status_code for path in elsewhere} == {302}


def test_such_a_session_sees_what_its_own_report_came_to(client: Visitor, ready: Participant) -> None:
    first = send_bloody(ready)
    client.submit(link(ready))
    assert client.get(f"/diary/sent/{first}").status_code == 200
    assert client.get(f"/record/{first}").status_code == 302


def test_a_preview_uses_nothing_up_and_a_tap_does(
    client: Visitor, visitors: Callable[[], Visitor], ready: Participant
) -> None:
    for _ in range(3):
        assert "Begin" in visitors().get(link(ready)).text
    assert visitors().head(link(ready)).status_code == 200
    assert db.session.scalars(select(DayLink)).all() == []
    client.submit(link(ready))
    assert "does not open anything now" in visitors().get(link(ready)).text


def test_a_link_works_only_within_its_days_window(
    client: Visitor, ready: Participant, clock: time_machine.Traveller
) -> None:
    assert "Begin" not in client.get(link(ready, TODAY + timedelta(days=1))).text
    client.submit(link(ready))
    clock.shift(timedelta(minutes=50))
    assert client.get(f"/diary/{TODAY}/skin").status_code == 200
    clock.shift(timedelta(hours=27))
    assert client.get(f"/diary/{TODAY}/skin").status_code == 302


@pytest.mark.parametrize(
    "token", ["x", "1-20261123-AAAAAAAAAAAAAAAA", "1-99999999-AAAAAAAAAAAAAAAA", "999999-20261123-x"]
)
def test_a_made_up_link_looks_like_a_used_one(app: Flask, client: Visitor, ready: Participant, token: str) -> None:
    client.submit(link(ready))
    used = client.get(link(ready))
    client.delete_cookie("portal")
    assert client.get(f"/d/{token}").status_code == used.status_code in (200, 302)


def test_a_link_of_one_person_does_not_open_anothers(client: Visitor, ready: Participant) -> None:
    token = day_tokens.make_day_token(account_id=ready.accounts[0].id, diary_on=TODAY)
    assert "Begin" not in client.get(f"/d/{token.replace('1-', '2-', 1)}").text
