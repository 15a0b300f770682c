"""axe-core finds nothing on any page of the way, in both languages, and no page scrolls sideways at 320 px."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.people import (
    activate,
    enrol_today,
    fill_in_a_well_day,
    go_on,
    hire_today,
    report_bloody_stool,
    speak,
    staff_sign_in,
)

pytestmark = pytest.mark.browser
NARROW = {"width": 320, "height": 640}
LANGUAGES = [("zh-CN", "zh-CN"), ("en", "en-GB")]


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Any, sqlite_template: Any) -> str:
    """What a page looks like does not depend on the database."""
    path = tmp_path / "portal.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


def faults(page: Page) -> list[str]:
    """What axe-core says of the page, and whether it is wider than a small phone."""
    found = [
        f"{page.url}: {violation['id']} at {[node['target'] for node in violation['nodes'][:3]]}"
        for violation in Axe().run(page).response["violations"]
    ]
    size = page.viewport_size
    if size and size["width"] < 768:
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{page.url}: wider than 320 px")
        page.set_viewport_size(size)
    return found


@pytest.mark.parametrize(("language", "locale"), LANGUAGES)
def test_the_participants_pages_are_clean(live: Flask, visit: Open, language: str, locale: str) -> None:
    page = visit(locale=locale).new_page()
    code = enrol_today()
    found = []
    for path in ("/sign-in", "/study", "/activate"):
        page.goto(path)
        found += faults(page)
    page.fill("[name=code]", "wrong")
    go_on(page)
    found += faults(page)
    activate(page, code, language=language)
    for path in ("/today", "/calendar", "/record", "/settings", "/diary", "/no-such-page"):
        page.goto(path)
        found += faults(page)
    found += diary_faults(page)
    for path in ("/today", "/record", "/calendar"):
        page.goto(path)
        found += faults(page)
    assert found == []


TOPICS = {"skin": "skin-change", "stomach": "stomach-trouble", "bowel": "bowel-trouble"}


def diary_faults(page: Page) -> list[str]:
    """Each topic with everything open and with its errors; the page before sending; the red card."""
    page.goto("/diary")
    first = page.url
    go_on(page)
    found = faults(page)
    for name, gate in TOPICS.items():
        page.goto(first.replace("how-you-are", name))
        page.check(f"[name={gate}][value=yes]")
        found += faults(page)
        go_on(page)
        found += faults(page)
    page.goto(first)
    fill_in_a_well_day(page, until="bowel")
    report_bloody_stool(page)
    found += faults(page)
    go_on(page)
    return found + faults(page)


@pytest.mark.parametrize(("language", "locale"), LANGUAGES)
def test_the_staff_pages_are_clean(live: Flask, visit: Open, language: str, locale: str) -> None:
    phone, desk = visit().new_page(), visit(desk=True, locale=locale).new_page()
    activate(phone, enrol_today())
    phone.goto("/diary")
    fill_in_a_well_day(phone, until="bowel")
    report_bloody_stool(phone)
    go_on(phone)
    secret = hire_today()
    desk.goto("/staff/sign-in")
    found = faults(desk)
    staff_sign_in(desk, secret)
    speak(desk, language)
    for path in (
        "/staff/triage", "/staff/episodes/1", "/staff/participants", "/staff/participants/RJ-001",
        "/staff/participants/RJ-001/diaries/1", "/staff/messages", "/staff/study",
    ):  # fmt: skip
        desk.goto(path)
        found += faults(desk)
    desk.goto("/staff/episodes/1")
    desk.locator("#do-claim").click()
    desk.locator("#close summary").click()
    desk.locator("#do-close").click()
    assert found + faults(desk) == []
