"""What people do in a browser, said once."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
from playwright.sync_api import BrowserContext, Locator, Page, expect

from portal.domain.access import SYSTEM, Role
from portal.extensions import transaction
from portal.services import accounts, enrolment, team
from tests.support.people import PASSWORD, PIN, new_participant


def enrol_today(number: int = 1, *, arm: str = "imsc") -> str:
    """Somebody on day +20, with a card in hand; the code on it."""
    today = datetime.now(UTC).date()
    with transaction() as session:
        person = enrolment.register_participant(
            session,
            actor=SYSTEM,
            person=new_participant(
                number,
                arm=arm,
                transplant_on=today - timedelta(days=20),
                enrolled_on=today - timedelta(days=10),
            ),
            now=datetime.now(UTC),
        )
        return accounts.issue_card(session, actor=SYSTEM, account_id=person.accounts[0].id, now=datetime.now(UTC))


def hire_today(role: Role = Role.COORDINATOR, email: str = "li.na@example.org") -> str:
    """A member of staff; the secret of their one-time codes."""
    with transaction() as session:
        return team.create_staff(
            session,
            actor=SYSTEM,
            email=email,
            name="李娜",
            role=role,
            sites=frozenset({"RJ"}),
            password=PASSWORD,
            now=datetime.now(UTC),
            phone="+8613900000001",
        ).totp_secret


def follow(target: Locator) -> None:
    """Tap, and be where it leads: a click alone does not wait for the next page."""
    with target.page.expect_navigation():
        target.click()


def go_on(page: Page) -> None:
    """Follow the page's own button."""
    follow(page.locator("main form button.nhsuk-button[type=submit]").last)


def go_on_past_red(page: Page) -> None:
    """Send a page that is red; with scripts the card stands in its place first."""
    page.locator("main form button.nhsuk-button[type=submit]").last.click()
    onward, following = page.locator("[data-red-go]:visible"), page.locator("[name=liver-signs]").first
    expect(onward.or_(following).first).to_be_visible()
    if onward.count():
        follow(onward)


def activate(page: Page, code: str, *, language: str = "zh-CN") -> None:
    page.goto("/activate")
    page.fill("[name=code]", code)
    page.fill("[name=birth_year]", "1992")
    go_on(page)
    page.fill("[name=pin]", PIN)
    page.fill("[name=again]", PIN)
    go_on(page)
    page.check(f"[name=language][value={language}]")
    go_on(page)
    page.check("[name=agree]")
    go_on(page)
    page.wait_for_url("**/today")


def fill_in_a_well_day(page: Page, *, until: str = "review") -> None:
    """Tap through a day without symptoms, to the page before sending or to an earlier one."""
    if not page.url.endswith("/how-you-are"):
        page.goto("/diary")
    steps = {
        "how-you-are": ("[name=temperature-taken][value=no]", "[name=warning-signs][value=none]"),
        "skin": ("[name=skin-change][value=no]",),
        "stomach": ("[name=stomach-trouble][value=no]",),
        "bowel": ("[name=bowel-trouble][value=no]",),
        "liver-medicines": ("[name=liver-signs][value=none]", "[name=immunosuppressant][value=all-taken]"),
    }
    for name, taps in steps.items():
        page.wait_for_url(f"**/{name}")
        if name == until:
            return
        for tap in taps:
            page.check(tap)
        go_on(page)
    page.wait_for_url("**/review")


def report_bloody_stool(page: Page) -> None:
    page.check("[name=bowel-trouble][value=yes]")
    page.fill("[name=loose-stool-count]", "3")
    page.check("[name=stool-blood][value=obvious]")
    page.check('[name=abdominal-pain][value="1"]')
    go_on_past_red(page)
    page.check("[name=liver-signs][value=none]")
    page.check("[name=immunosuppressant][value=all-taken]")
    go_on(page)
    page.wait_for_url("**/review")


def staff_sign_in(page: Page, secret: str, email: str = "li.na@example.org") -> None:
    page.goto("/staff/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=code]", pyotp.TOTP(secret).now())
    go_on(page)
    page.wait_for_url(re.compile("/staff/(?!sign-in)"))


def speak(page: Page, language: str) -> None:
    """Have the pages in this language, if they are not."""
    other = page.locator(f"button[name=language][value={language}]")
    if other.count():
        follow(other)


Open = Callable[..., BrowserContext]


def shoot(page: Page, name: str) -> None:
    """Where ``SHOTS`` names a folder, a picture to look at."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
