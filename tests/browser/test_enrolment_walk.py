"""From the first question of a screening to an infusion that was given, by everybody who has a hand in it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from icalendar import Calendar
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.domain.screening import ScreeningStep
from portal.extensions import db, transaction
from portal.models.infusions import Infusion
from portal.models.messages import Message
from portal.services import messages, screening
from tests.support.browser.accessibility import faults
from tests.support.browser.actions import Open, activate, go_on, hire_today, speak, staff_sign_in
from tests.support.people import PIN
from tests.support.screenings import adult

pytestmark = pytest.mark.browser
ZONE = ZoneInfo("Asia/Shanghai")
STATISTICIAN = "gu.nianci@example.org"
FIRST, PERSON = "/staff/screenings/RJ-S001", "/staff/participants/RJ-001"
LIST = b"sequence,stratum,arm\n1,all,imsc\n2,all,control\n"
TEXTS = ("infusion-evening", "infusion-morning")


@pytest.fixture
def morning() -> Iterator[time_machine.Traveller]:
    """The next 10:00 in Shanghai: from there the plan is ahead, whatever the hour at which the test runs."""
    today = datetime.now(ZONE)
    start = datetime.combine(today.date() + timedelta(days=1), time(10), ZONE)
    with time_machine.travel(start, tick=True) as traveller:
        yield traveller


def today() -> date:
    return datetime.now(ZONE).date()


def infusions() -> list[Infusion]:
    db.session.expire_all()
    db.session.rollback()
    return list(db.session.scalars(select(Infusion).order_by(Infusion.number)))


def reminded_days() -> set[date]:
    """The days for which a text about an infusion waits to be sent."""
    db.session.rollback()
    waiting = select(Message).where(Message.kind.in_(TEXTS), Message.state == "planned")
    days = set()
    for text in db.session.scalars(waiting):
        on = text.not_before_at.astimezone(ZONE).date()
        days.add(on + timedelta(days=1) if text.kind == "infusion-evening" else on)
    return days


def infusion_days(*numbers: int) -> set[date]:
    return {one.planned_at.astimezone(ZONE).date() for one in infusions() if not numbers or one.number in numbers}


def the_clock_ticks() -> None:
    """The job that plans the texts of the next days."""
    with transaction() as session:
        messages.plan_reminders(session, now=datetime.now(UTC))


def test_from_screening_to_the_first_infusion(live: Flask, visit: Open, morning: time_machine.Traveller) -> None:
    nurse_secret, other_secret = hire_today(), hire_today(Role.STATISTICIAN, STATISTICIAN)
    import_the_list(visit(desk=True, locale="en-GB").new_page(), other_secret)
    nurse, phone = visit(desk=True, locale="en-GB").new_page(), visit(locale="en-GB").new_page()
    staff_sign_in(nurse, nurse_secret)
    speak(nurse, "en")
    screen(nurse)
    allocate(nurse)
    plan(nurse)
    activate(phone, print_the_card(nurse), language="en")
    see_eight_infusions(phone)
    address = make_a_feed(phone)
    before = read_feed(phone, address)
    morning.move_to(infusions()[2].planned_at - timedelta(hours=20))
    staff_sign_in(nurse, nurse_secret)
    move_the_third(nurse)
    changed_in_the_feed(before, read_feed(phone, address))
    morning.move_to(infusions()[2].planned_at - timedelta(hours=20))
    the_clock_ticks()
    assert infusion_days(3) <= reminded_days() <= infusion_days()
    staff_sign_in(nurse, nurse_secret)
    record_as_given(nurse)
    hear_of_the_change(phone)


def import_the_list(page: Page, secret: str) -> None:
    staff_sign_in(page, secret, STATISTICIAN)
    speak(page, "en")
    page.goto("/staff/allocation")
    page.set_input_files("[name=list]", {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST})
    page.locator("#do-import").click()
    expect(page.locator("main")).to_contain_text("0 of 2 rows drawn")


def screen(page: Page) -> None:
    """Step by step, with a MAP that is just enough."""
    page.goto("/staff/screenings")
    page.locator("#begin").click()
    for answers in adult(today=today()).values():
        for name, value in answers.items():
            field = page.locator(f'main [name="{name}"]')
            if field.first.get_attribute("type") == "radio":
                page.check(f'main [name="{name}"][value="{value}"]')
            else:
                field.fill(value)
        page.locator("#do-save").click()
    page.wait_for_url(f"**{FIRST}")
    expect(page.locator("main")).to_contain_text("Eligible: every criterion is met")


def allocate(page: Page) -> None:
    page.locator("#allocate").click()
    page.locator("#do-allocate").click()
    expect(page.locator("main")).to_contain_text("RJ-001: iMSC arm")


def plan(page: Page) -> None:
    page.locator("#plan").click()
    page.wait_for_url("**/plan")
    page.fill("[name=reason]", "The day ward is closed over the holiday")  # asked for only where a holiday is near
    page.locator("#confirm").click()
    page.wait_for_url("**/course")
    assert len(infusions()) == 8


def print_the_card(page: Page) -> str:
    """From the screening that has ended: one page of A6. The code on it."""
    page.goto(FIRST)
    page.locator("#card-participant").click()
    expect(page.locator("h1")).to_contain_text("RJ-001")
    paper = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert [(round(float(wide) / 72 * 25.4), round(float(high) / 72 * 25.4)) for wide, high in boxes] == [(105, 148)]
    return page.locator("main p strong").first.inner_text()


def see_eight_infusions(page: Page) -> None:
    page.goto("/calendar")
    expect(
        page.locator("main :is(h3, p strong):not(#preparation *)").filter(has_text=re.compile("^Infusion"))
    ).to_have_count(8)


def make_a_feed(page: Page) -> str:
    page.goto("/settings/calendar")
    page.locator("#make-feed").click()
    return page.locator("#feed-address").inner_text()


def read_feed(page: Page, address: str) -> dict[str, Any]:
    """Its events by UID."""
    events = Calendar.from_ical(page.request.get(address).body()).walk("VEVENT")
    return {str(event["UID"]): event for event in events}


def move_the_third(page: Page) -> None:
    """To the day before the fourth, which has to yield; the text that waited for the old day is gone at once."""
    the_clock_ticks()
    old_day = infusion_days(3)
    assert old_day <= reminded_days()
    third, fourth = infusions()[2:4]
    to = fourth.planned_at.astimezone(ZONE).date() - timedelta(days=1)
    page.goto(f"/staff/infusions/{third.id}/move")
    page.fill("[name=on]", to.isoformat())
    page.locator("#look").click()
    expect(page.locator("main table")).to_contain_text("4")
    page.fill("[name=reason]", "no bed on that day")
    page.locator("#do-move").click()
    page.wait_for_url("**/course")
    days = sorted(infusion_days())
    assert to in days
    assert to + timedelta(days=1) not in days
    assert all(later - earlier >= timedelta(days=3) for earlier, later in pairwise(days))
    assert not old_day & reminded_days()
    assert reminded_days() <= infusion_days()


def changed_in_the_feed(before: dict[str, Any], after: dict[str, Any]) -> None:
    """The same events; those that moved have a new time and a higher SEQUENCE, the others are as they were."""
    assert set(before) == set(after)
    moved = {uid for uid in before if before[uid]["DTSTART"].dt != after[uid]["DTSTART"].dt}
    assert len(moved) >= 2
    assert all(after[uid]["SEQUENCE"] > before[uid]["SEQUENCE"] for uid in moved)
    assert all(after[uid]["SEQUENCE"] == before[uid]["SEQUENCE"] for uid in set(before) - moved)
    starts = {event["DTSTART"].dt.astimezone(UTC) for event in after.values()}
    assert {one.planned_at.astimezone(UTC) for one in infusions()} <= starts


def hear_of_the_change(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("[name=who]", "138 0013 0077")
    page.fill("[name=pin]", PIN)
    go_on(page)
    page.wait_for_url("**/today")
    expect(page.locator("main")).to_contain_text("Your appointments have changed")


def record_as_given(page: Page) -> None:
    """62.5 kg make 62,500,000 cells, on the page and in the record."""
    first = infusions()[0]
    page.goto(f"/staff/infusions/{first.id}/given")
    page.fill("[name=weight_kg]", "62.5")
    start = first.planned_at.astimezone(ZONE)
    page.fill("[name=started_at]", f"{start:%H:%M}")
    page.fill("[name=ended_at]", f"{start + timedelta(minutes=30):%H:%M}")
    page.fill("[name=lot]", "MSC-2026-011")
    page.check('[name=grade][value="0"]')
    page.locator("#look").click()
    expect(page.locator("#dose")).to_contain_text("62,500,000")
    page.locator("#do-record").click()
    page.wait_for_url("**/course")
    db.session.rollback()
    assert (infusions()[0].state, infusions()[0].dose_cells) == ("given", 62_500_000)


@pytest.mark.parametrize(("language", "locale"), [("zh-CN", "zh-CN"), ("en", "en-GB")])
def test_the_pages_of_a_screening_are_clean_and_fit_a_tablet(
    live: Flask, visit: Open, language: str, locale: str
) -> None:
    page = visit(desk=True, locale=locale).new_page()
    staff_sign_in(page, hire_today())
    speak(page, language)
    screened_today()
    found = []
    steps = ("disease", "map", "exclusion", "consent")
    for path in ("/staff/screenings", "/staff/screenings/new", FIRST, *(f"{FIRST}/{step}" for step in steps),
                 f"{FIRST}/allocate"):  # fmt: skip
        page.goto(path)
        found += faults(page)
        page.set_viewport_size({"width": 768, "height": 1024})
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{path}: wider than 768 px")
        page.set_viewport_size({"width": 1280, "height": 900})
    assert found == []


def screened_today() -> None:
    """Somebody who waits for nothing but the allocation."""
    nurse, now = Actor("staff", Role.COORDINATOR, 1, sites=frozenset({"RJ"})), datetime.now(UTC)
    answers = adult(today=today())
    with transaction() as session:
        number = screening.begin_screening(
            session, actor=nurse, site="RJ", typed=answers[ScreeningStep.PERSON], now=now
        )
        for version, step in enumerate(list(ScreeningStep)[1:], 1):
            screening.save_step(
                session, actor=nurse, number=number, step=step, typed=answers[step], version=version, now=now
            )
