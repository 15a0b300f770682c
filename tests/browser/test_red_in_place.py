"""A red answer shows the card "call now" before the next page, and is on the ward's list before the diary is sent."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.extensions import db
from portal.models.triage import Flag
from tests.support.browser.actions import Open, activate, enrol_today, fill_in_a_well_day, go_on, shoot

pytestmark = pytest.mark.browser
URGENT = 'a[href="tel:+862155500199"]'
AMBULANCE = 'a.app-call[href="tel:120"]'
CARD = "[data-call-now]:visible"
STRIP = ".app-red-strip:visible"


def unsent_reds() -> list[str]:
    """The rules of the red answers that stand on the ward's list and whose diary is not sent."""
    db.session.rollback()
    waiting = select(Flag.rule_id).where(Flag.diary_id.is_(None), Flag.corrected_at.is_(None))
    return sorted(db.session.scalars(waiting))


def answer_first_page(page: Page, *signs: str) -> None:
    fill_in_a_well_day(page, until="how-you-are")
    page.check("[name=temperature-taken][value=no]")
    for sign in signs:
        page.check(f"[name=warning-signs][value={sign}]")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_without_scripts_the_card_stands_above_the_next_page(live: Flask, visit: Open, language: str) -> None:
    words = {"en": ("Chest pain", "RJ-001"), "zh-CN": ("胸痛", "RJ-001")}[language]
    page = visit(java_script_enabled=False, locale={"en": "en-GB"}.get(language, language)).new_page()
    activate(page, enrol_today(), language=language)
    answer_first_page(page, "chest-pain")
    go_on(page)
    expect(page).to_have_url(re.compile("/skin"))
    for said in words:
        expect(page.locator(CARD)).to_contain_text(said)
    expect(page.locator(f"{CARD} >> {AMBULANCE}")).to_be_visible()
    expect(page.locator(f"{CARD} >> {URGENT}")).to_be_visible()
    assert unsent_reds() == ["chest-pain-red"]
    shoot(page, f"red-next-page-{language}")
    page.check("[name=skin-change][value=no]")
    go_on(page)
    expect(page.locator(STRIP)).to_be_visible()
    expect(page.locator(CARD)).to_have_count(0)
    shoot(page, f"red-strip-{language}")
    page.goto("/today")
    expect(page.locator(f"{CARD} >> {URGENT}")).to_be_visible()
    shoot(page, f"red-today-{language}")
    page.goto("/unwell")
    page.check("[name=warning-signs][value=confusion]")
    shoot(page, f"unwell-{language}")
    go_on(page)
    assert unsent_reds() == ["chest-pain-red", "confusion-red"]
    page.locator("a[href*='/mistake/']").first.click()
    shoot(page, f"mistake-{language}")
    go_on(page)
    expect(page).to_have_url(re.compile("/how-you-are"))


@pytest.fixture
def phone(live: Flask, visit: Open) -> Page:
    page = visit(locale="en-GB").new_page()
    activate(page, enrol_today(), language="en")
    return page


def test_with_scripts_the_card_comes_in_place_and_interrupts_once(phone: Page) -> None:
    answer_first_page(phone, "chest-pain")
    phone.locator("main form button[type=submit]").last.click()
    expect(phone.locator("[data-red-card]")).to_be_visible()
    expect(phone.locator(f"[data-red-card] {AMBULANCE}")).to_be_visible()
    expect(phone.locator("[data-red-card] [data-red-signs]")).to_have_text("Chest pain")
    expect(phone.locator("[data-red-card] [data-red-state=sent]")).to_be_visible()
    expect(phone).to_have_url(re.compile("/how-you-are"))
    assert unsent_reds() == ["chest-pain-red"]
    shoot(phone, "red-in-place")
    phone.locator("[data-red-go]:visible").click()
    phone.wait_for_url("**/skin")
    expect(phone.locator(STRIP)).to_be_visible()
    expect(phone.locator(CARD)).to_have_count(0)
    phone.go_back()
    phone.wait_for_url("**/how-you-are")
    go_on(phone)
    phone.wait_for_url("**/skin")  # the same sign does not interrupt again
    phone.go_back()
    phone.uncheck("[name=warning-signs][value=chest-pain]")
    phone.check("[name=warning-signs][value=none]")
    go_on(phone)
    phone.wait_for_url("**/mistake/*")
    go_on(phone)
    expect(phone.locator(STRIP)).to_have_count(0)
    assert unsent_reds() == []
