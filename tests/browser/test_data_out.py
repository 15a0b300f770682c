"""Taking data out in a real browser: the pages judged by axe in both languages, and an archive that arrives."""

import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from portal.domain.access import SYSTEM, Role
from portal.extensions import transaction
from portal.services import enrolment
from tests.browser.conftest import Open
from tests.support.browser.actions import PASSWORD, hire_today, speak, staff_sign_in
from tests.support.people import new_participant

pytestmark = pytest.mark.browser


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> str:
    """Pages do not depend on the database."""
    path = tmp_path / "portal.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


def faults(page: Page) -> list[str]:
    found: list[Any] = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [one["id"] for one in found] + (["wider than the screen"] if wide else [])


def shoot(page: Page, name: str) -> None:
    """Where ``SHOTS`` names a folder, a picture to look at."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("language", "locale"), [("en", "en-GB"), ("zh-CN", "zh-CN")])
def test_an_investigator_takes_data_out(live: Flask, visit: Open, tmp_path: Path, language: str, locale: str) -> None:
    with transaction() as session:
        now = datetime.now(UTC) - timedelta(hours=1)
        enrolment.register(session, actor=SYSTEM, person=new_participant(), now=now)
    secret = hire_today(Role.INVESTIGATOR)
    page = visit(desk=True, locale=locale).new_page()
    staff_sign_in(page, secret)
    speak(page, language)
    for path, name in (("/staff/data", "data"), ("/staff/data/pack", "pack")):
        page.goto(path)
        assert faults(page) == []
        shoot(page, f"{name}-{language}")
        page.set_viewport_size({"width": 390, "height": 844})
        assert faults(page) == []
        shoot(page, f"{name}-{language}-phone")
        page.set_viewport_size({"width": 1280, "height": 900})
    page.fill("[name=study_number]", "RJ-001")
    page.fill("[name=why]", "Inspection")
    page.click("#do-pack")
    expect(page.locator(".nhsuk-error-summary")).to_be_visible()
    assert faults(page) == []
    shoot(page, f"pack-{language}-faults")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=code]", pyotp.TOTP(secret).at(int(page.evaluate("Date.now()")) // 1000 + 30))
    with page.expect_download() as coming:
        page.click("#do-pack")
    with zipfile.ZipFile(str(coming.value.path())) as pack:
        assert {"forms.html", "raw.zip", "manifest.json"} == set(pack.namelist())
