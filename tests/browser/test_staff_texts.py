"""The ledger's pages in a real browser: clean in both languages, and the size of a text told while it is typed."""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from portal.extensions import db, transaction
from portal.models.people import Participant
from portal.services import messages
from tests.support.browser.accessibility import LANGUAGES, faults
from tests.support.browser.actions import Open, enrol_today, hire_today, speak, staff_sign_in
from tests.support.messages import add_planned
from tests.support.people import NOW

pytestmark = pytest.mark.browser


REACH = "/staff/participants/RJ-001/texts"


def fill_the_ledger() -> None:
    """One text of each kind of end, and words nobody has read."""
    enrol_today()
    person = db.session.query(Participant).one()
    add_planned(person, "waiting")
    add_planned(person, "gone", state="delivered", phone="+8613800130001", body="Hello.", sent_at=NOW, final_at=NOW)
    add_planned(
        person, "lost", state="failed", reason="unreachable", error_code="30003", phone="+8613800130001", final_at=NOW
    )
    with transaction() as session:
        messages.record_inbound(session, phone="+8613800130001", body="在吗", provider_id="SM1", now=NOW)


@pytest.mark.parametrize(("language", "locale"), LANGUAGES)
def test_the_pages_of_the_ledger_are_clean(
    live: Flask, visit: Open, language: str, locale: str, tmp_path: Path
) -> None:
    fill_the_ledger()
    page = visit(desk=True, locale=locale).new_page()
    staff_sign_in(page, hire_today())
    speak(page, language)
    found = []
    for number, path in enumerate(("/staff/messages", "/staff/messages/3", "/staff/messages/wording", REACH)):
        page.goto(path)
        page.screenshot(path=tmp_path / f"{language}-{number}.png", full_page=True)
        for width in (768, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            found += faults(page)
    assert found == []


def test_the_size_of_a_text_is_told_while_it_is_typed(live: Flask, visit: Open) -> None:
    page = visit(desk=True, locale="en-GB").new_page()
    staff_sign_in(page, hire_today())
    speak(page, "en")
    page.goto("/staff/messages/wording")
    weighs(page, "Good morning", "12 of GSM-7, segments: 1")
    weighs(page, "Good morning, “friend”", "UCS-2")
    weighs(page, "Your fever", "fever")


def weighs(page: Page, words: str, says: str) -> None:
    page.fill("[name=words]", words)
    expect(page.locator("#found")).to_contain_text(says)
    assert "words=" not in page.url


def test_a_number_is_changed_and_reminders_are_switched_off_with_the_keyboard_alone(live: Flask, visit: Open) -> None:
    fill_the_ledger()
    page = visit(desk=True, locale="en-GB").new_page()
    staff_sign_in(page, hire_today())
    speak(page, "en")
    page.goto(REACH)
    page.locator("summary", has_text="Another number").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("139 0013 9999")
    page.keyboard.press("Tab")
    page.keyboard.type("rang today")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Number +86…9999.")).to_be_visible()
    page.locator("summary", has_text="Switch reminders off").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("rang today")
    page.keyboard.press("Enter")
    expect(page.get_by_text("by staff, on the phone")).to_be_visible()
