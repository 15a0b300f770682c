"""axe-core finds nothing on any page of the way, in both languages, in light and dark, at 320 and 390 px."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.support.browser.accessibility import LANGUAGES, OTHERS, Look, every_look, faults
from tests.support.browser.actions import (
    Open,
    activate,
    enrol_today,
    fill_in_a_well_day,
    follow,
    go_on,
    hire_today,
    report_bloody_stool,
    speak,
    staff_sign_in,
)

pytestmark = pytest.mark.browser


SIGNED_OUT = ("/sign-in", "/sign-in/forgotten", "/study", "/activate", "/d/nothing")
SIGNED_IN = ("/today", "/calendar", "/record", "/settings", "/settings/leave", "/settings/data", "/settings/calendar",
             "/no-such-page")  # fmt: skip
AFTERWARDS = ("/today", "/calendar", "/record", "/record/charts", "/record/1", "/record/1/correct",
              "/record/1/correct/bowel")  # fmt: skip
TOPICS = {"skin": "skin-change", "stomach": "stomach-trouble", "bowel": "bowel-trouble"}


@pytest.mark.parametrize(("language", "locale"), LANGUAGES)
def test_the_participants_pages_are_clean(live: Flask, visit: Open, language: str, locale: str) -> None:
    """Each language in light at 390 px and dark at 320 px; ``soak`` sees every page in every look."""
    walk(visit(locale=locale).new_page(), language, OTHERS[:1])


@pytest.mark.soak
@pytest.mark.parametrize(("language", "locale"), LANGUAGES)
def test_the_participants_pages_are_clean_in_every_look(live: Flask, visit: Open, language: str, locale: str) -> None:
    walk(visit(locale=locale).new_page(), language, OTHERS)


def walk(page: Page, language: str, looks: Sequence[Look]) -> None:
    code = enrol_today()
    found = seen(page, SIGNED_OUT, looks)
    page.goto("/activate")
    page.fill("[name=code]", "wrong")
    go_on(page)
    found += every_look(page, looks)
    activate(page, code, language=language)
    found += seen(page, (*SIGNED_IN, f"/photos/{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m-%d}"), looks)
    found += diary_faults(page, looks)
    assert found + seen(page, AFTERWARDS, looks) == []


def seen(page: Page, paths: Sequence[str], looks: Sequence[Look]) -> list[str]:
    found = []
    for path in paths:
        page.goto(path)
        found += every_look(page, looks)
    return found


def diary_faults(page: Page, looks: Sequence[Look]) -> list[str]:
    """Each topic with everything open and with its errors; the page before sending; the red card."""
    page.goto("/diary")
    first = page.url
    go_on(page)
    found = every_look(page, looks)
    for name, gate in TOPICS.items():
        page.goto(first.replace("how-you-are", name))
        page.check(f"[name={gate}][value=yes]")
        found += every_look(page, looks)
        go_on(page)
        found += every_look(page, looks)
    page.goto(first)
    fill_in_a_well_day(page, until="bowel")
    report_bloody_stool(page)
    found += every_look(page, looks)
    go_on(page)
    return found + every_look(page, looks)


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
    follow(desk.locator("#do-claim"))
    desk.locator("#close summary").click()
    follow(desk.locator("#do-close"))
    assert found + faults(desk) == []
