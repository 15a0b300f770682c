"""The main job in a real browser: a card, a diary in Chinese, the red card, the ward's list, and back to the phone."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.browser.actions import (
    Open,
    activate,
    enrol_today,
    fill_in_a_well_day,
    go_on,
    hire_today,
    report_bloody_stool,
    staff_sign_in,
)

pytestmark = pytest.mark.browser
URGENT = 'a[href="tel:+862155500199"]'


@pytest.mark.usefixtures("both_databases")
@pytest.mark.parametrize("javascript", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_bloody_stool_reaches_the_ward_and_the_ward_answers(live: Flask, visit: Open, javascript: bool) -> None:
    code, secret = enrol_today(), hire_today()
    phone = visit(java_script_enabled=javascript).new_page()
    desk = visit(desk=True, java_script_enabled=javascript).new_page()

    activate(phone, code)
    send_a_red_diary(phone)
    staff_sign_in(desk, secret)
    see_it_first_on_the_list(desk)
    claim(desk)
    see_who_has_seen_it(phone)
    speak_and_close(desk)
    see_that_it_is_over(phone)


def send_a_red_diary(phone: Page) -> None:
    phone.locator('a[href^="/diary"]').first.click()
    fill_in_a_well_day(phone, until="bowel")
    report_bloody_stool(phone)
    go_on(phone)
    expect(phone.locator(".nhsuk-card--care--urgent").first).to_be_visible()
    expect(phone.locator(URGENT).first).to_be_visible()
    expect(phone.locator("main")).to_contain_text("请立即打电话")
    expect(phone).to_have_title("日记已提交 - 随访平台")


def see_it_first_on_the_list(desk: Page) -> None:
    desk.goto("/staff/triage")
    first = desk.locator("[data-episode]").first
    expect(first).to_contain_text("RJ-001")
    expect(first).to_contain_text("红色")


def claim(desk: Page) -> None:
    desk.locator('a[href*="/staff/episodes/"]').first.click()
    desk.locator("#do-claim").click()
    expect(desk.locator("main")).to_contain_text("李娜")


def speak_and_close(desk: Page) -> None:
    desk.locator("#contact summary").click()
    desk.locator("#do-contact").click()
    expect(desk.locator(".app-message--success")).to_be_visible()
    desk.locator("#close summary").click()
    desk.locator("#close [name=outcome][value=advice-given]").check()
    desk.locator("#close [name=note]").fill("已嘱来院复查")
    desk.locator("#do-close").click()
    expect(desk.locator("[data-episode]")).to_have_count(0)


def see_who_has_seen_it(phone: Page) -> None:
    """Claimed is not contacted: the card stays, and says until when the nurse will call."""
    phone.reload()
    expect(phone.locator("main")).to_contain_text("护士已经看到")
    phone.goto("/today")
    expect(phone.locator("main")).to_contain_text("护士已经看到")
    expect(phone.locator("main")).to_contain_text("请立即打电话")


def see_that_it_is_over(phone: Page) -> None:
    phone.reload()
    expect(phone.locator("main")).not_to_contain_text("请立即打电话")
