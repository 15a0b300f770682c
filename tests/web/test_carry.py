"""What somebody typed is not lost when their session has ended."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from portal.extensions import db
from portal.models.diary import DiaryDraft
from tests.people import enrol
from tests.web.conftest import PHONE, PIN, activate, issue_card, sign_in
from tests.web.visitor import Page, Visitor

DAY = "2026-11-23"


def first_page(visitor: Visitor) -> tuple[str, Page]:
    path = visitor.get("/diary").location
    assert path
    return path, visitor.visit(path)


def typed(page: Page, path: str) -> dict[str, str]:
    """The first topic, filled in as far as its first choice."""
    form = page.form("")
    return {**form.filled(), "temperature-taken": "true", "temperature": "37.8"}


@pytest.fixture
def expired(signed_in: Visitor, clock: time_machine.Traveller) -> tuple[Visitor, str, dict[str, str]]:
    """A visitor whose session has ended while a page of the diary was open: the visitor, the path, what is typed."""
    path, page = first_page(signed_in)
    values = typed(page, path)
    clock.shift(timedelta(minutes=61))
    return signed_in, path, values


def test_a_diary_page_sent_after_the_session_ended_leads_to_sign_in(
    expired: tuple[Visitor, str, dict[str, str]],
) -> None:
    visitor, path, values = expired
    page = Page(visitor.post(path, data=values).text)
    assert page.title.startswith("Sign in")
    assert page.says("Nothing you typed is lost")


@pytest.mark.usefixtures("both_databases")
def test_after_signing_in_it_is_in_the_draft_and_shown(expired: tuple[Visitor, str, dict[str, str]]) -> None:
    visitor, path, values = expired
    page = Page(visitor.post(path, data=values).text)
    answer = visitor.submit("/sign-in", page=page, who=PHONE, pin=PIN)
    assert answer.location == path
    assert "37.8" in visitor.get(path).text


def test_a_wrong_pin_in_between_loses_nothing(expired: tuple[Visitor, str, dict[str, str]]) -> None:
    visitor, path, values = expired
    page = Page(visitor.post(path, data=values).text)
    again = Page(visitor.submit("/sign-in", page=page, who=PHONE, pin="000000").text)
    visitor.submit("/sign-in", page=again, who=PHONE, pin=PIN)
    assert "37.8" in visitor.get(path).text


def test_what_is_carried_cannot_be_read_on_the_way(expired: tuple[Visitor, str, dict[str, str]]) -> None:
    visitor, path, values = expired
    assert "37.8" not in visitor.post(path, data=values).text


def test_somebody_else_signing_in_drops_it(expired: tuple[Visitor, str, dict[str, str]]) -> None:
    visitor, path, values = expired
    activate(issue_card(enrol(2).accounts[0].id))
    page = Page(visitor.post(path, data=values).text)
    assert visitor.submit("/sign-in", page=page, who="13800130002", pin=PIN).location == "/today"
    assert db.session.query(DiaryDraft).count() == 0


def test_after_a_day_it_is_dropped(expired: tuple[Visitor, str, dict[str, str]], clock: time_machine.Traveller) -> None:
    visitor, path, values = expired
    page = Page(visitor.post(path, data=values).text)
    clock.shift(timedelta(hours=25))
    assert visitor.submit("/sign-in", page=page, who=PHONE, pin=PIN).location == "/today"


@pytest.mark.parametrize("token", ["", "nonsense", "gAAAAA", "日记"])
def test_a_token_that_is_not_ours_is_dropped(client: Visitor, card_code: str, token: str) -> None:
    activate(card_code)
    values = {**client.visit("/sign-in").form("/sign-in").filled(), "carried": token, "who": PHONE, "pin": PIN}
    assert client.post("/sign-in", data=values).location == "/today"


def test_another_site_cannot_put_answers_into_a_diary(client: Visitor) -> None:
    foreign = {"Origin": "https://evil.example"}
    answer = client.post(f"/diary/{DAY}/you", data={"temperature": "41.0"}, headers=foreign)
    assert answer.location == "/sign-in"


def test_only_the_diary_is_carried(client: Visitor) -> None:
    assert client.post("/settings", data={"texts_on": ""}).location == "/sign-in"


def test_a_huge_form_is_not_carried(client: Visitor) -> None:
    assert client.post(f"/diary/{DAY}/you", data={"note": "x" * 70_000}).location == "/sign-in"


def test_a_diary_page_whose_token_has_aged_is_sent_again_by_one_tap(signed_in: Visitor) -> None:
    path, page = first_page(signed_in)
    answer = signed_in.post(path, data={**typed(page, path), "csrf_token": "long ago"})
    again = Page(answer.text)
    assert (answer.status_code, again.title[:17]) == (400, "Please send again")
    signed_in.submit(path, page=again)
    assert "37.8" in signed_in.get(path).text


def test_an_aged_token_from_another_site_is_not_offered_again(signed_in: Visitor) -> None:
    path, page = first_page(signed_in)
    values = {**typed(page, path), "csrf_token": "forged"}
    answer = signed_in.post(path, data=values, headers={"Origin": "https://evil.example"})
    assert "37.8" not in answer.text


def test_two_phones_do_not_share_what_is_carried(
    expired: tuple[Visitor, str, dict[str, str]], visitors: Callable[[], Visitor]
) -> None:
    visitor, path, values = expired
    visitor.post(path, data=values)
    assert "37.8" not in sign_in(visitors()).get(path).text
