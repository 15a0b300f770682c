"""A phone whose store, clock or engine fails: the card first, then an honest word, and nothing red is lost."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from portal.extensions import db
from portal.models.diary import Diary
from portal.models.triage import Flag
from tests.support.browser.actions import Open, activate, enrol_today, fill_in_a_well_day, go_on, shoot
from tests.support.people import PIN

pytestmark = pytest.mark.browser
URGENT = 'a[href="tel:+862155500199"]'
ABSENT = (
    """Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("refused", "SecurityError"); } });"""
)
HANGS = """const open = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (...given) {
  const request = open.apply(this, given);
  request.addEventListener = () => {};
  return request;
};"""
FULL = """IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };"""
CLDR_42 = """const D = Intl.DateTimeFormat;
Intl.DateTimeFormat = function (l, o) {
  return l === "en-CA" && o && o.dateStyle === "short" ? new D("en-US", o) : new D(l, o);
};"""


def keep(route: Route, held: list[Route]) -> None:
    held.append(route)


def ready(page: Page) -> Page:
    """Its worker has what it needs without a network."""
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("async () => (await caches.match('/offline/language')) !== undefined")
    return page


@pytest.fixture
def phone(live: Flask, visit: Open) -> Page:
    page = visit(locale="en-GB").new_page()
    activate(page, enrol_today(), language="en")
    page.locator("#device[data-known]").wait_for(state="attached")
    return ready(page)


def stored(statement: object) -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(statement))  # type: ignore[call-overload]


def unsent_reds() -> list[str]:
    return stored(select(Flag.rule_id).where(Flag.diary_id.is_(None), Flag.corrected_at.is_(None)))


def answer_offline(page: Page, sign: str) -> None:
    """The first page of today's diary without a network, to the card."""
    page.context.set_offline(True)
    page.goto("/diary")
    page.locator("#start-today").click()
    first = page.locator("form[data-page=how-you-are]")
    first.locator("[name=temperature-taken][value=no]").check()
    first.locator(f"[name=warning-signs][value={sign}]").check()
    first.locator("button[type=submit]").click()
    expect(page.locator(f"[data-red-card] {URGENT}")).to_be_visible()


def finish_offline(page: Page) -> None:
    page.locator("[data-red-go]").click()
    for name in ("skin-change", "stomach-trouble", "bowel-trouble"):
        page.locator(f"form[data-page]:visible [name={name}][value=no]").check()
        page.locator("form[data-page]:visible button[type=submit]").click()
    page.locator("form[data-page]:visible [name=liver-signs][value=none]").check()
    page.locator("form[data-page]:visible [name=immunosuppressant][value=all-taken]").check()
    page.locator("form[data-page]:visible button[type=submit]").click()
    page.locator("form[data-page]:visible button[type=submit]").click()
    expect(page.locator(f"[data-red-card] {URGENT}")).to_be_visible()


@pytest.mark.parametrize("script", [ABSENT, HANGS], ids=["absent", "hanging"])
def test_without_a_store_pages_work_the_card_comes_and_signing_out_signs_out(
    live: Flask, visit: Open, script: str
) -> None:
    context = visit(locale="en-GB")
    context.add_init_script(script)
    page = context.new_page()
    activate(page, enrol_today(), language="en")
    ready(page)
    fill_in_a_well_day(page, until="how-you-are")
    page.check("[name=temperature-taken][value=yes]")
    expect(page.locator("[name=temperature]")).to_be_visible()
    page.fill("[name=temperature]", "３９．５")
    page.check("[name=warning-signs][value=none]")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator(f"[data-red-card] {URGENT}")).to_be_visible()
    expect(page.locator("[data-red-state=sent]")).to_be_visible()
    assert unsent_reds() == ["fever-red"]
    context.set_offline(True)
    page.goto("/today")
    expect(page.locator("[data-closed-store]")).to_be_visible()
    page.locator("[data-unwell]").click()
    page.locator("[name=unwell][value=chest-pain]").check()
    page.locator("form[data-screen=unwell] button[type=submit]").click()
    expect(page.locator(f"[data-red-card] {URGENT}")).to_be_visible()
    expect(page.locator("[data-red-card] [data-emergency]")).to_be_visible()
    context.set_offline(False)
    page.wait_for_function("() => document.querySelector('h1')?.textContent === 'Today'")  # it goes back by itself
    page.goto("/settings")
    page.locator('form[action="/sign-out"] button').click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate("async () => (await fetch('/diary/device', { redirect: 'manual' })).ok") is False


def test_a_full_store_says_so_after_the_card_and_sends_from_the_open_page(phone: Page) -> None:
    phone.context.add_init_script(FULL)
    answer_offline(phone, "chest-pain")
    finish_offline(phone)
    expect(phone.locator("[data-screen=red] [data-unsaved]")).to_be_visible()
    expect(phone.locator("[data-screen=red] [data-kept]")).to_be_hidden()
    shoot(phone, "red-unsaved")
    phone.context.set_offline(False)
    phone.wait_for_url("**/diary/sent/*")
    assert stored(select(Diary.severity)) == ["red"]


def test_a_clock_a_day_ahead_and_old_locale_data_lose_no_red(phone: Page) -> None:
    phone.context.add_init_script(CLDR_42)
    phone.clock.install(time=datetime.now(UTC) + timedelta(days=1))
    answer_offline(phone, "chest-pain")
    finish_offline(phone)
    phone.context.set_offline(False)
    phone.wait_for_url("**/diary/sent/*")
    expect(phone.locator(f"[data-call-now] {URGENT}")).to_be_visible()
    assert stored(select(Diary.severity)) == ["red"]


def test_a_red_of_an_unfinished_diary_is_kept_on_the_phone_and_told_when_it_can_be(phone: Page) -> None:
    answer_offline(phone, "fainting")
    shoot(phone, "red-offline")
    phone.goto("/today")
    expect(phone.locator("[data-earlier]")).to_contain_text("Fainting")
    expect(phone.locator(f"[data-earlier] {URGENT}")).to_be_visible()
    shoot(phone, "red-offline-home")
    assert unsent_reds() == []
    phone.context.set_offline(False)
    phone.wait_for_function("() => document.querySelector('h1')?.textContent === 'Today'")
    expect(phone.locator(f"[data-call-now] {URGENT}")).to_be_visible()
    assert unsent_reds() == ["fainting-red"]
    phone.context.set_offline(True)
    phone.goto("/today")  # also when the network is gone again, until a nurse has spoken with them
    expect(phone.locator("[data-earlier]")).to_contain_text("Fainting")


def test_a_red_that_was_a_mistake_is_asked_about_without_a_network_too(phone: Page) -> None:
    answer_offline(phone, "confusion")
    phone.locator("[data-red-mistake]").click()
    first = phone.locator("form[data-page=how-you-are]")
    first.locator("[name=warning-signs][value=none]").check()
    first.locator("button[type=submit]").click()
    expect(phone.locator("[data-screen=mistake]")).to_contain_text("Confusion")
    phone.locator("[data-mistake-yes]").click()
    expect(phone.locator("form[data-page=skin]")).to_be_visible()
    expect(phone.locator("[data-red-strip]")).to_be_hidden()


def test_the_newest_answer_wins_between_two_phones_and_a_late_script(live: Flask, visit: Open) -> None:
    phone = visit(locale="en-GB", service_workers="block").new_page()
    activate(phone, enrol_today(), language="en")
    fill_in_a_well_day(phone, until="bowel")
    address = phone.url
    phone.check("[name=bowel-trouble][value=no]")
    other = visit(locale="en-GB").new_page()
    other.goto("/sign-in")
    other.fill("[name=who]", "13800130001")
    other.fill("[name=pin]", PIN)
    go_on(other)
    other.wait_for_url("**/today")
    other.goto(address)
    other.check("[name=bowel-trouble][value=yes]")
    other.fill("[name=loose-stool-count]", "6")
    other.check("[name=stool-blood][value=obvious]")
    other.check('[name=abdominal-pain][value="3"]')
    other.locator("main form button[type=submit]").last.click()
    expect(other.locator("[data-red-state=sent]")).to_be_visible()
    held: list[Route] = []
    phone.route(re.compile(r"/portal\.js$"), lambda route: keep(route, held))
    phone.goto(address, wait_until="commit")
    expect(phone.locator("[name=bowel-trouble][value=yes]")).to_be_checked()
    expect(phone.locator("body")).to_be_visible()
    phone.check('[name=abdominal-pain][value="4"]')
    held.pop().continue_()
    phone.locator("#device[data-known]").wait_for(state="attached")
    expect(phone.locator("[name=loose-stool-count]")).to_have_value("6")
    expect(phone.locator('[name=abdominal-pain][value="4"]')).to_be_checked()
