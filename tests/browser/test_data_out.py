"""Taking data out in a real browser: the pages judged by axe in both languages, and an archive that arrives."""

import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import expect

from portal.domain.access import SYSTEM, Role
from portal.extensions import transaction
from portal.services import enrolment
from tests.support.browser.accessibility import faults_as_shown
from tests.support.browser.actions import Open, hire_today, shoot, speak, staff_sign_in
from tests.support.people import PASSWORD, new_participant

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "locale"), [("en", "en-GB"), ("zh-CN", "zh-CN")])
def test_an_investigator_takes_data_out(live: Flask, visit: Open, tmp_path: Path, language: str, locale: str) -> None:
    with transaction() as session:
        now = datetime.now(UTC) - timedelta(hours=1)
        enrolment.register_participant(session, actor=SYSTEM, person=new_participant(), now=now)
    secret = hire_today(Role.INVESTIGATOR)
    page = visit(desk=True, locale=locale).new_page()
    staff_sign_in(page, secret)
    speak(page, language)
    for path, name in (("/staff/data", "data"), ("/staff/data/pack", "pack")):
        page.goto(path)
        assert faults_as_shown(page) == []
        shoot(page, f"{name}-{language}")
        page.set_viewport_size({"width": 390, "height": 844})
        assert faults_as_shown(page) == []
        shoot(page, f"{name}-{language}-phone")
        page.set_viewport_size({"width": 1280, "height": 900})
    page.fill("[name=study_number]", "RJ-001")
    page.fill("[name=why]", "Inspection")
    page.click("#do-pack")
    expect(page.locator(".nhsuk-error-summary")).to_be_visible()
    assert faults_as_shown(page) == []
    shoot(page, f"pack-{language}-faults")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=code]", pyotp.TOTP(secret).at(int(page.evaluate("Date.now()")) // 1000 + 30))
    with page.expect_download() as coming:
        page.click("#do-pack")
    with zipfile.ZipFile(str(coming.value.path())) as pack:
        assert {"forms.html", "raw.zip", "manifest.json"} == set(pack.namelist())
