"""A day without symptoms: at most 14 taps from opening to sent."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.support.browser.actions import Open, activate, enrol_today

pytestmark = pytest.mark.browser
TAPS = (
    'a[href="/diary"]',
    "[name=temperature-taken][value=no]", "[name=warning-signs][value=none]", "GO",
    "[name=skin-change][value=no]", "GO",
    "[name=stomach-trouble][value=no]", "GO",
    "[name=bowel-trouble][value=no]", "GO",
    "[name=liver-signs][value=none]", "[name=immunosuppressant][value=all-taken]", "GO",
    "GO",
)  # fmt: skip


def tap(page: Page, what: str) -> None:
    if what == "GO":
        before = page.url
        page.locator("main form button[type=submit]").last.tap()
        page.wait_for_url(lambda url: url != before)
    elif what.startswith("a["):
        page.locator(what).first.tap()
    else:
        page.locator(what).first.locator("xpath=following-sibling::label").tap()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_day_without_symptoms_takes_fourteen_taps_and_less_than_a_minute(
    live: Flask, visit: Open, javascript: bool
) -> None:
    page = visit(java_script_enabled=javascript, has_touch=True).new_page()
    activate(page, enrol_today())
    started = datetime.now(UTC)
    for what in TAPS:
        tap(page, what)
    page.wait_for_url("**/diary/sent/*")
    assert len(TAPS) == 14
    assert (datetime.now(UTC) - started).total_seconds() < 60
