"""Walks: a photograph, a question from the ward and a correction; a PIN forgotten, and a link that opens one day."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal.domain.diary import local_day
from portal.extensions import db
from portal.models.messages import Message
from portal.models.people import Account
from portal.services import day_tokens
from tests.support.browser.accessibility import faults
from tests.support.browser.actions import (
    Open,
    activate,
    enrol_today,
    fill_in_a_well_day,
    follow,
    go_on,
    hire_today,
    report_bloody_stool,
    staff_sign_in,
)

pytestmark = pytest.mark.browser
SHOTS: Path | None = None  # a folder to look at the pages in


def look(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    assert faults(page) == []


def test_a_report_is_illustrated_questioned_and_corrected(live: Flask, visit: Open, tmp_path: Path) -> None:
    phone, desk = visit(locale="en-GB").new_page(), visit(desk=True, locale="en-GB").new_page()
    code, secret = enrol_today(), hire_today()
    activate(phone, code, language="en")
    fill_in_a_well_day(phone, until="bowel")
    report_bloody_stool(phone)
    go_on(phone)
    phone.wait_for_url("**/diary/sent/*")
    send_a_photograph(phone, tmp_path)
    ask_about_it(desk, secret)
    answer_and_correct(phone)
    see_both_versions(desk)


def send_a_photograph(phone: Page, tmp_path: Path) -> None:
    Image.new("RGB", (3000, 2000), "firebrick").save(tmp_path / "rash.jpg")
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    follow(phone.get_by_role("link", name="Add a photograph"))
    look(phone, "photos")
    phone.set_input_files("#photo", tmp_path / "scan.pdf")
    go_on(phone)
    expect(phone.locator("#photo-error")).to_contain_text("not a photograph")
    look(phone, "photos-error")
    phone.set_input_files("#camera", tmp_path / "rash.jpg")
    go_on(phone)
    expect(phone.get_by_text("Sent so far: 1 of 3.")).to_be_visible()


def ask_about_it(desk: Page, secret: str) -> None:
    staff_sign_in(desk, secret)
    follow(desk.get_by_role("button", name="English"))
    desk.goto("/staff/participants/RJ-001/diaries/1")
    desk.fill("[name=question]", "Was the blood red or black?")
    desk.click("#ask")
    look(desk, "staff-diary")
    follow(desk.get_by_role("link", name="Photograph of"))
    assert desk.locator("img").evaluate("image => image.naturalWidth") == 1600
    desk.go_back()


def answer_and_correct(phone: Page) -> None:
    phone.goto("/today")
    look(phone, "today-query")
    follow(phone.get_by_role("link", name="Read and answer it"))
    look(phone, "query")
    follow(phone.get_by_role("link", name="See what you sent"))
    look(phone, "record-day")
    follow(phone.get_by_text("Correct these answers"))
    look(phone, "correct-topics")
    follow(phone.get_by_role("link", name="Change").nth(3))
    phone.check("[name=stool-blood][value=none]")
    go_on(phone)
    look(phone, "correct-topic-error")
    phone.fill("[name=reason]", "I ticked the wrong box")
    go_on(phone)
    expect(phone.get_by_text("You were asked to ring at once")).to_have_count(0)
    phone.goto("/today")
    follow(phone.get_by_role("link", name="Read and answer it"))
    phone.fill("[name=answer]", "There was none, sorry.")
    go_on(phone)
    expect(phone.get_by_text("Read and answer it")).to_have_count(0)


def see_both_versions(desk: Page) -> None:
    desk.reload()
    follow(desk.get_by_role("link", name="The newest version"))
    expect(desk.get_by_text("I ticked the wrong box")).to_be_visible()
    look(desk, "staff-diary-corrected")
    follow(desk.get_by_role("button", name="Close the question"))
    expect(desk.get_by_text("Closed on")).to_be_visible()
    desk.goto("/staff/triage")
    follow(desk.get_by_role("link", name="RJ-001").first)
    look(desk, "staff-after")


def test_a_forgotten_pin_and_a_link_that_opens_one_day(live: Flask, visit: Open) -> None:
    phone, other = visit(locale="en-GB").new_page(), visit(locale="en-GB").new_page()
    activate(phone, enrol_today(), language="en")
    account = db.session.scalars(select(Account)).one()
    number, account_id = account.phone, account.id
    assert number
    db.session.rollback()
    other.goto("/sign-in")
    follow(other.get_by_role("link", name="Get a code by text"))
    look(other, "forgotten-who")
    other.fill("[name=who]", number)
    go_on(other)
    look(other, "forgotten-code")
    values = db.session.scalars(select(Message.values).where(Message.kind == "sign-in-code")).one()
    db.session.rollback()
    assert values
    other.fill("[name=code]", values["code"])
    go_on(other)
    look(other, "forgotten-pin")
    other.fill("[name=pin]", "730418")
    other.fill("[name=again]", "730418")
    go_on(other)
    other.wait_for_url("**/today")
    open_the_day(visit(locale="en-GB").new_page(), account_id)


def open_the_day(page: Page, account_id: int) -> None:
    token = day_tokens.make_day_token(account_id=account_id, diary_on=local_day(datetime.now(UTC), "Asia/Shanghai"))
    page.goto(f"/d/{token}")
    look(page, "day-link")
    go_on(page)
    page.wait_for_url("**/how-you-are")
    look(page, "day-link-diary")
    expect(page.locator("nav")).to_have_count(0)
    page.goto("/record")
    assert "/sign-in" in page.url
    page.goto(f"/d/{token}")
    look(page, "day-link-used")
