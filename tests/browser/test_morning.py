"""A coordinator's morning, and a second person who comes a moment too late; every page of the desk judged by axe."""

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.alert_rules import Organ
from portal.extensions import db
from portal.models.people import Participant
from tests.support.browser.accessibility import faults
from tests.support.browser.actions import Open, enrol_today, hire_today, speak, staff_sign_in
from tests.support.diaries import red, report
from tests.support.people import PASSWORD

pytestmark = pytest.mark.browser
DOCTOR = "lu.wen@example.org"
PLACE = "/staff/participants/RJ-001"
PAGES = (
    "/staff/triage",
    "/staff/triage?severity=amber",
    "/staff/episodes/1",
    "/staff/tasks",
    "/staff/tasks/1",
    "/staff/participants",
    PLACE,
    f"{PLACE}?show=diaries",
    f"{PLACE}/print",
    f"{PLACE}/calls",
    f"{PLACE}/clinical",
    f"{PLACE}/course",
    f"{PLACE}/plan",
    "/staff/infusions",
    "/staff/infusions/deviations",
    "/staff/study",
    "/staff/study/figures",
    "/staff/study/figures/alerts?level=red",
    "/staff/study/figures/completion?arm=imsc",
    "/staff/silence",
    "/staff/calculator",
    "/staff/rota",
)


@pytest.fixture
def person(live: Flask) -> Participant:
    """RJ-001 on day +20, of whom nothing has come yet."""
    enrol_today()
    found = db.session.scalars(select(Participant)).one()
    assert found.accounts
    return found


def jaundice(person: Participant) -> None:
    report(person, [red("jaundice-red", Organ.LIVER)], now=datetime.now(UTC))


def test_a_morning_from_a_new_red_to_a_signed_assessment(live: Flask, visit: Open, person: Participant) -> None:
    """Everything after the sign-in by keys alone."""
    nurse_secret, doctor_secret = hire_today(), hire_today(Role.INVESTIGATOR, DOCTOR)
    nurse, second = visit(desk=True, locale="en-GB").new_page(), visit(desk=True, locale="en-GB").new_page()
    for page, secret, email in ((nurse, nurse_secret, "li.na@example.org"), (second, doctor_secret, DOCTOR)):
        staff_sign_in(page, secret, email)
        speak(page, "en")
    hear_of_a_new_red(nurse, person)
    second.goto("/staff/episodes/1")
    claim(nurse)
    come_too_late(second)
    ring(nurse)
    enter_a_bilirubin(nurse)
    assess_and_sign(second, doctor_secret)
    close(nurse)


def hear_of_a_new_red(page: Page, person: Participant) -> None:
    """Without a reload: announced, in the title, and first on the list."""
    page.goto("/staff/triage")
    expect(page.locator("main")).to_contain_text("Nothing is open")
    jaundice(person)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-live-announcer]")).to_have_text("New red: RJ-001, Liver")
    expect(page).to_have_title(re.compile(r"^\(1\) Triage"))
    expect(page.locator("[data-episode]").first).to_contain_text("RJ-001")


def reach(page: Page, selector: str) -> Locator:
    """Press Tab until it has the focus: whatever cannot be reached so fails here."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return page.locator(selector).first
    raise AssertionError(f"the Tab key never comes to {selector}")


def press(page: Page, selector: str) -> None:
    reach(page, selector)
    page.keyboard.press("Enter")


def enter(page: Page, selector: str) -> None:
    """A link or a button that leads to another page."""
    reach(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, selector: str, words: str) -> None:
    reach(page, selector)
    page.keyboard.type(words)


def choose(page: Page, selector: str, value: str) -> None:
    """In a list, with the arrow."""
    field = reach(page, selector)
    while field.input_value() != value:
        page.keyboard.press("ArrowDown")


def tick(page: Page, name: str, value: str) -> None:
    """One of a group: the arrow goes through it."""
    reach(page, f"[name={name}]")
    wanted = page.locator(f"[name={name}][value={value}]")
    page.keyboard.press("Space")
    while not wanted.is_checked():
        page.keyboard.press("ArrowDown")


def claim(page: Page) -> None:
    enter(page, "#episode-1")
    page.wait_for_url("**/staff/episodes/1")
    enter(page, "#do-claim")
    expect(page.locator(".app-message--success")).to_contain_text("You have claimed")


def come_too_late(page: Page) -> None:
    """The page was opened before the claim: whoever presses second is told who was first, and sees how it stands."""
    enter(page, "#do-claim")
    expect(page.locator(".nhsuk-error-summary")).to_contain_text("Already claimed by 李娜")
    expect(page.locator("#do-claim")).to_have_count(0)
    expect(page.locator("#contact")).to_be_visible()


def ring(page: Page) -> None:
    """The number is shown on demand, and the call recorded as a step."""
    assert page.locator('a[href^="tel:+86138"]').count() == 0
    enter(page, "#show-phone")
    expect(page.locator('a[href="tel:+8613800130001"]')).to_be_visible()
    press(page, "#contact summary")
    write(page, "#contact [name=note]", "Comes this afternoon")
    enter(page, "#do-contact")
    expect(page.locator(".app-message--success")).to_contain_text("The contact is recorded")
    enter(page, f'a[href="{PLACE}"]')
    enter(page, f'a[href="{PLACE}/calls"]')
    expect(page.locator("main")).to_contain_text("Comes this afternoon")


def enter_a_bilirubin(page: Page) -> None:
    """The task is on the list, leads to the form, and goes when the result has come."""
    enter(page, 'nav a[href="/staff/triage"]')
    enter(page, "[id^=task-]")
    enter(page, 'a[href*="/clinical"]')
    write(page, "[name=value]", "60")
    choose(page, "[name=measure]", "bilirubin:umol/L")
    enter(page, "#do-enter")
    expect(page.locator("main")).to_contain_text("liver stage 2")
    enter(page, 'nav a[href="/staff/triage"]')
    expect(page.locator("h1")).to_have_text("Triage")
    expect(page.locator("main")).not_to_contain_text("Bilirubin wanted")


def assess_and_sign(page: Page, secret: str) -> None:
    page.goto(f"{PLACE}/assessments/new")
    day = page.locator("[name=assessed_on]").input_value()
    for organ, stage in (("skin", "0"), ("upper_gi", "0"), ("lower_gi", "0"), ("liver", "2")):
        choose(page, f"[name={organ}]", stage)
    tick(page, "certainty", "confirmed")
    year, month, of_month = day.split("-")
    write(
        page, "[name=onset_on]", f"{month}{of_month}{year}"
    )  # in the browser's own order, whatever the page's language
    expect(page.locator("[name=onset_on]")).to_have_value(day)
    enter(page, "#do-assess")
    expect(page.locator("main")).to_contain_text("III")
    write(page, "[name=password]", PASSWORD)
    write(page, "[name=code]", fresh_code(secret))
    enter(page, "#do-sign")
    expect(page.locator("main")).to_contain_text("signed")


def fresh_code(secret: str) -> str:
    """A code works once, and the one of this half minute opened the door: the next is accepted a moment early."""
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30))


def close(page: Page) -> None:
    """The bilirubin has alerted again, so somebody has to look again first."""
    claim(page)
    press(page, "#close summary")
    tick(page, "outcome", "agvhd-suspected")
    write(page, "#close [name=note]", "Assessed and treated")
    enter(page, "#do-close")
    expect(page.locator("main")).to_contain_text("0 open episodes")


@pytest.mark.parametrize(("language", "locale"), [("zh-CN", "zh-CN"), ("en", "en-GB")])
def test_every_page_of_the_desk_is_clean_and_fits_a_tablet(
    live: Flask, visit: Open, person: Participant, language: str, locale: str
) -> None:
    jaundice(person)
    page = visit(desk=True, locale=locale).new_page()
    staff_sign_in(page, hire_today())
    speak(page, language)
    found = []
    for path in PAGES:
        page.goto(path)
        found += faults(page)
        page.set_viewport_size({"width": 768, "height": 1024})
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{path}: wider than 768 px")
        page.set_viewport_size({"width": 1280, "height": 900})
    assert found == []
