"""axe-core finds nothing on the pages of a phone without a network, either: light and dark, in both languages."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.browser.accessibility import LANGUAGES, OTHERS, every_look
from tests.support.browser.actions import Open, activate, enrol_today

pytestmark = pytest.mark.browser
TOPICS = {
    "how-you-are": ("[name=temperature-taken][value=no]", "[name=warning-signs][value={sign}]"),
    "skin": ("[name=skin-change][value=no]",),
    "stomach": ("[name=stomach-trouble][value=no]",),
    "bowel": ("[name=bowel-trouble][value=no]",),
    "liver-medicines": ("[name=liver-signs][value=none]", "[name=immunosuppressant][value=all-taken]"),
}


def faults_on_the_way(page: Page) -> list[str]:
    """Of every page from *today* to the one after sending; each topic is sent empty first."""
    page.goto("/today")
    found = every_look(page, OTHERS[:1])
    page.goto("/diary")
    found += every_look(page, OTHERS[:1])
    page.locator("#start-today").click()
    for name in TOPICS:
        page.locator(f"form[data-page={name}] button[type=submit]").click()
        expect(page.locator("[data-errors]")).to_be_visible()
        found += every_look(page, OTHERS[:1])
        answer(page, name)
    found += every_look(page, OTHERS[:1])
    return found + faults_at_the_end(page, "kept")


def answer(page: Page, name: str, *, sign: str = "none") -> None:
    topic = page.locator(f"form[data-page={name}]")
    for field in TOPICS[name]:
        topic.locator(field.format(sign=sign)).check()
    topic.locator("button[type=submit]").click()
    expect(topic).to_be_hidden()
    if sign != "none" and any("{sign}" in field for field in TOPICS[name]):
        page.locator("[data-red-go]:visible").click()


def faults_at_the_end(page: Page, end: str) -> list[str]:
    page.locator("form[data-page]:visible button[type=submit]").click()
    expect(page.locator(f"[data-screen={end}]")).to_be_visible()
    return every_look(page, OTHERS[:1])


@pytest.mark.parametrize(("language", "locale"), LANGUAGES)
def test_every_page_without_a_network_is_clean(live: Flask, visit: Open, language: str, locale: str) -> None:
    """A day without symptoms all the way, then a red answer ("I feel worse") to its card."""
    page = visit(locale=locale).new_page()
    activate(page, enrol_today(), language=language)
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("async () => (await caches.match('/offline/language')) !== undefined")
    page.context.set_offline(True)
    found = faults_on_the_way(page)
    page.goto("/diary")
    page.locator("#start-today").click()
    for name in TOPICS:
        answer(page, name, sign="fainting")
    assert found + faults_at_the_end(page, "red") == []
