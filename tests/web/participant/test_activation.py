"""The first time: four short pages from a printed card to today."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest
import time_machine

from portal.domain.access import Role
from portal.extensions import db
from portal.models.people import Account, Participant
from portal.services.enrolment import NewAccount
from tests.support.people import NOW, PIN, enrol
from tests.support.web.sign_in import activate, issue_card
from tests.support.web.visitor import Page, Visitor

HEALTH_WORDS = ("health", "disease", "transplant", "gvhd", "imsc", "trial", "patient", "medicine")


def open_card(client: Visitor, code: str, year: str = "1992") -> str | None:
    return client.submit("/activate", code=code, birth_year=year).location


def choose_pin(client: Visitor, pin: str = PIN, again: str | None = None) -> str | None:
    return client.submit("/activate/pin", pin=pin, again=again or pin).location


@pytest.fixture
def opened(client: Visitor, card_code: str) -> Visitor:
    open_card(client, card_code)
    return client


@pytest.fixture
def with_pin(opened: Visitor) -> Visitor:
    choose_pin(opened)
    return opened


@pytest.mark.usefixtures("both_databases")
def test_a_card_leads_to_today_in_four_pages(client: Visitor, card_code: str) -> None:
    assert open_card(client, card_code) == "/activate/pin"
    assert choose_pin(client) == "/activate/choices"
    assert client.submit("/activate/choices", language="en", reminder_at="18:00").location == "/activate/agree"
    assert client.submit("/activate/agree", agree="y").location == "/today"
    assert client.get("/today").status_code == 200


def test_what_was_chosen_is_stored(with_pin: Visitor) -> None:
    with_pin.submit("/activate/choices", language="zh-CN", reminder_at="08:00")
    with_pin.submit("/activate/agree", agree="y")
    account = db.session.query(Account).one()
    assert (account.language, account.reminder_at, account.activated_at) == ("zh-CN", time(8), NOW)


def test_the_cards_qr_code_fills_the_code_in(client: Visitor) -> None:
    page = client.visit("/activate?code=7K3QF-W2M9D")
    assert page.form("/activate").filled()["code"] == "7K3QF-W2M9D"


@pytest.mark.parametrize(("code", "year"), [(None, "1950"), ("ABCDE-FGHJK", "1992"), ("?", "?")])
def test_every_kind_of_wrong_is_answered_alike(client: Visitor, card_code: str, code: str | None, year: str) -> None:
    answer = client.submit("/activate", code=code or card_code, birth_year=year)
    assert answer.status_code == 422
    assert Page(answer.text).says("That did not work. Check the code and the year.")


@pytest.mark.usefixtures("both_databases")
def test_wrong_years_lock_the_card_in_the_database(
    client: Visitor, visitors: Callable[[], Visitor], card_code: str, clock: time_machine.Traveller
) -> None:
    for _ in range(5):
        open_card(client, card_code, "1950")
    assert open_card(visitors(), card_code) is None
    clock.shift(timedelta(minutes=1))
    assert open_card(visitors(), card_code) == "/activate/pin"


def test_a_used_card_leads_to_sign_in(client: Visitor, card_code: str) -> None:
    activate(card_code)
    assert open_card(client, card_code) == "/sign-in"
    assert client.visit("/sign-in").says("This card has been used already.")


@pytest.mark.parametrize(
    ("pin", "again", "words"),
    [
        ("123456", "123456", "This PIN is easy to guess. Please choose another one."),
        ("920314", "920314", "Please choose a PIN without the date of birth in it."),
        ("48291", "48291", "Enter six digits."),
        ("482913", "482914", "The two PINs are not the same."),
    ],
)
def test_a_pin_that_will_not_do_says_why(opened: Visitor, pin: str, again: str, words: str) -> None:
    answer = opened.submit("/activate/pin", pin=pin, again=again)
    assert answer.status_code == 422
    assert Page(answer.text).words.count(words) == 2


@pytest.mark.parametrize("step", ["pin", "choices", "agree"])
def test_no_step_can_be_reached_without_the_ones_before(client: Visitor, step: str) -> None:
    assert client.get(f"/activate/{step}").location == "/activate"


@pytest.mark.parametrize("step", ["choices", "agree"])
def test_no_step_can_be_skipped(opened: Visitor, step: str) -> None:
    assert opened.get(f"/activate/{step}").location == "/activate"


def test_half_an_hour_later_one_begins_again(with_pin: Visitor, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=31))
    assert with_pin.get("/activate/choices").location == "/activate"


def test_going_back_is_possible(with_pin: Visitor) -> None:
    assert with_pin.get("/activate/pin").status_code == 200


def test_without_agreement_nothing_is_stored(with_pin: Visitor) -> None:
    with_pin.submit("/activate/choices", language="en", reminder_at="19:00")
    answer = with_pin.submit("/activate/agree")
    assert answer.status_code == 422
    assert db.session.query(Account).one().pin_hash is None


@pytest.mark.parametrize("chosen", [{"language": "fr"}, {"reminder_at": "03:00"}, {"language": None}])
def test_a_choice_that_is_not_offered_is_refused(with_pin: Visitor, chosen: dict[str, str | None]) -> None:
    values = {"language": "en", "reminder_at": "19:00", **chosen}
    assert with_pin.submit("/activate/choices", **values).status_code == 422


def test_the_pin_cannot_be_read_in_the_cookie(with_pin: Visitor) -> None:
    with with_pin.session_transaction() as session:
        assert PIN not in str(dict(session))


def test_the_chosen_language_is_spoken_at_once(with_pin: Visitor) -> None:
    with_pin.submit("/activate/choices", language="zh-CN", reminder_at="19:00")
    assert with_pin.visit("/activate/agree").lang == "zh-Hans-CN"


def test_a_card_replaced_on_the_way_is_refused(with_pin: Visitor, participant: Participant) -> None:
    with_pin.submit("/activate/choices", language="en", reminder_at="19:00")
    page = with_pin.visit("/activate/agree")
    issue_card(participant.accounts[0].id)
    assert with_pin.submit("/activate/agree", page=page, agree="y").status_code == 409


def test_a_guardian_gives_the_participants_year_and_is_told_that_entries_name_them(client: Visitor) -> None:
    mother = NewAccount(role=Role.GUARDIAN, name="王芳", phone=None, language="en", reminder_at=time(19))
    code = issue_card(enrol(7, accounts=(mother,)).accounts[0].id)
    assert client.visit("/activate").says("Of the person who takes part, also when you fill in the diary")
    open_card(client, code)
    choose_pin(client)
    client.submit("/activate/choices", language="en", reminder_at="19:00")
    assert client.visit("/activate/agree").says("Every entry says that it was you who answered.")


@pytest.mark.parametrize("path", ["/activate", "/activate/pin", "/activate/choices", "/sign-in"])
def test_no_title_on_the_way_in_says_anything_about_health(with_pin: Visitor, path: str) -> None:
    title = with_pin.visit(path).title.lower()
    assert not [word for word in HEALTH_WORDS if word in title]
