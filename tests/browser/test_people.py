"""An administrator invites a colleague, who joins: in both languages, clean under axe at two widths."""

from pathlib import Path

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page

from portal.domain.access import Role
from tests.support.browser.accessibility import LANGUAGES, faults
from tests.support.browser.actions import Open, go_on, hire_today, speak, staff_sign_in

pytestmark = pytest.mark.browser
PASSWORD = "seven lamps in the orchard"


def look(page: Page, picture: Path) -> list[str]:
    found = []
    for width in (768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found += faults(page)
    page.screenshot(path=picture, full_page=True)
    return found


@pytest.mark.parametrize(("language", "locale"), LANGUAGES)
def test_a_colleague_is_invited_joins_and_signs_in_with_a_recovery_code(
    live: Flask, visit: Open, language: str, locale: str, tmp_path: Path
) -> None:
    boss, colleague = visit(desk=True, locale=locale).new_page(), visit(desk=True, locale=locale).new_page()
    staff_sign_in(boss, hire_today(Role.ADMINISTRATOR))
    speak(boss, language)
    boss.goto("/staff/people/invite")
    found = look(boss, tmp_path / "invite.png")
    boss.fill("[name=name]", "吴磊")
    boss.fill("[name=email]", "wu.lei@example.org")
    go_on(boss)
    found += look(boss, tmp_path / "invited.png")
    colleague.goto(boss.input_value("[name=link]"))
    found += look(colleague, tmp_path / "join.png")
    found += join(colleague, tmp_path)
    for path in ("/staff/people", "/staff/people/2", "/staff/confirm"):
        boss.goto(path)
        found += look(boss, tmp_path / f"{path.replace('/', '-')}.png")
    assert found == []


def join(page: Page, pictures: Path) -> list[str]:
    key = page.locator("main code").inner_text().replace(" ", "")
    for name, value in (("password", PASSWORD), ("again", PASSWORD), ("code", pyotp.TOTP(key).now())):
        page.fill(f"[name={name}]", value)
    go_on(page)
    found = look(page, pictures / "codes.png")
    code = page.locator(".app-codes code").first.inner_text()
    page.goto("/staff/sign-in")
    for name, value in (("email", "wu.lei@example.org"), ("password", PASSWORD), ("code", code)):
        page.fill(f"[name={name}]", value)
    go_on(page)
    page.wait_for_url("**/staff/account")
    return found + look(page, pictures / "account.png")
