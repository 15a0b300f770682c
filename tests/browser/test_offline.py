"""Without a network: nothing is lost, nothing is sent twice, nothing of one person is left for the next."""

import re
import socket
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import BrowserContext, Dialog, Page, expect
from sqlalchemy import select

from portal import protocols
from portal.extensions import db, transaction
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.people import Participant
from portal.services import infusions
from tests.support.browser.actions import Open, activate, enrol_today, fill_in_a_well_day, go_on
from tests.support.people import PIN
from tests.support.plans import NURSE

pytestmark = pytest.mark.browser
URGENT = 'a[href="tel:+862155500199"]'
STORES = """async () => {
  const done = (asked) => new Promise((yes) => { asked.onsuccess = () => yes(asked.result); });
  const db = await done(indexedDB.open("portal"));
  const keys = (store) => done(db.transaction(store).objectStore(store).getAllKeys());
  const values = (store) => done(db.transaction(store).objectStore(store).getAll());
  const found = { keys: await keys("keys"), sealed: await keys("sealed"), plain: await keys("plain"), cached: [] };
  found.bytes = (await values("sealed")).map(({ data }) => new TextDecoder().decode(data)).join("");
  found.extractable = (await values("keys")).map((key) => key.extractable);
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) found.cached.push(new URL(request.url).pathname);
  db.close();
  return found;
}"""


@pytest.fixture
def phone(live: Flask, visit: Open) -> Page:
    """A phone whose owner has signed in and whose worker is ready."""
    page = visit(locale="en-GB").new_page()
    activate(page, enrol_today(), language="en")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("async () => (await caches.match('/offline/language')) !== undefined")
    return page


def fill_in_offline(page: Page, *, sign: str = "none") -> None:
    page.goto("/diary")
    page.locator("#start-today").click()
    taps = {
        "how-you-are": ("[name=temperature-taken][value=no]", f"[name=warning-signs][value={sign}]"),
        "skin": ("[name=skin-change][value=no]",),
        "stomach": ("[name=stomach-trouble][value=no]",),
        "bowel": ("[name=bowel-trouble][value=no]",),
        "liver-medicines": ("[name=liver-signs][value=none]", "[name=immunosuppressant][value=all-taken]"),
    }
    for name, fields in taps.items():
        topic = page.locator(f"form[data-page={name}]")
        expect(topic).to_be_visible()
        for field in fields:
            topic.locator(field).check()
        topic.locator("button[type=submit]").click()
        if name == "how-you-are" and sign != "none":
            go_past_the_card(page)
    page.locator("form[data-page]:visible button[type=submit]").click()
    expect(page.locator("[data-screen=kept], [data-screen=red]").locator("visible=true")).to_be_visible()


def go_past_the_card(page: Page) -> None:
    """The card interrupts once for a new sign."""
    expect(page.locator(f"[data-red-card] {URGENT}")).to_be_visible()
    page.locator("[data-red-go]").click()


def fill_in_the_rest(page: Page) -> None:
    for taps in (
        ("[name=skin-change][value=no]",),
        ("[name=stomach-trouble][value=no]",),
        ("[name=bowel-trouble][value=no]",),
        ("[name=liver-signs][value=none]", "[name=immunosuppressant][value=all-taken]"),
    ):
        for tap in taps:
            page.check(tap)
        go_on(page)
    page.wait_for_url("**/review")


def tap_and_keep(page: Page, what: str) -> None:
    """Tap, and wait until the phone has written it down."""
    before = page.evaluate(STORES)["bytes"]
    page.check(what)
    page.wait_for_function(f"async (before) => (await ({STORES})()).bytes !== before", arg=before)


def sign_in_again(page: Page) -> None:
    page.fill("[name=who]", "13800130001")
    page.fill("[name=pin]", PIN)
    go_on(page)
    page.wait_for_url("**/today")


def diaries() -> list[Diary]:
    db.session.rollback()
    return list(db.session.scalars(select(Diary).order_by(Diary.id)))


def offline(page: Page, *, gone: bool = True) -> BrowserContext:
    page.context.set_offline(gone)
    return page.context


def test_two_days_without_a_network_are_sent_once_each_with_their_own_time(phone: Page) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    offline(phone)
    phone.clock.install(time=now + timedelta(minutes=1))
    fill_in_offline(phone)
    expect(phone.locator("[data-screen=kept]")).to_contain_text("not sent yet")
    phone.clock.set_fixed_time(now + timedelta(days=1))
    phone.goto("/today")
    expect(phone.locator("#outbox")).to_contain_text("not sent yet")
    fill_in_offline(phone)
    expect(phone.locator("[data-screen=kept]")).to_be_visible()
    phone.goto("/today")
    expect(phone.locator("#outbox p")).to_have_count(2)
    assert diaries() == []
    with time_machine.travel(now + timedelta(days=1, hours=1)):
        offline(phone, gone=False)
        phone.wait_for_url(re.compile("/sign-in"))
        sign_in_again(phone)
        expect(phone.locator("#outbox p", has_text="Sent now")).to_have_count(2)
    sent = diaries()
    entered = [now + timedelta(minutes=1), now + timedelta(days=1)]
    assert [diary.timing for diary in sent] == ["on-time", "on-time"]
    assert all(abs(diary.entered_at - at) < timedelta(minutes=1) for diary, at in zip(sent, entered, strict=True))
    assert [(diary.diary_on - sent[0].diary_on).days for diary in sent] == [0, 1]


def test_a_red_answer_shows_the_card_at_once_and_is_sent_when_the_network_is_back(phone: Page) -> None:
    offline(phone)
    fill_in_offline(phone, sign="chest-pain")
    expect(phone.locator("[data-screen=red] .nhsuk-card--care--urgent")).to_be_visible()
    expect(phone.locator(f"[data-screen=red] {URGENT}")).to_be_visible()
    offline(phone, gone=False)
    phone.wait_for_url("**/diary/sent/*")
    expect(phone.locator(".nhsuk-card--care--urgent").first).to_be_visible()
    assert [diary.severity for diary in diaries()] == ["red"]


def test_what_was_being_typed_when_the_network_went_is_still_there(phone: Page) -> None:
    fill_in_a_well_day(phone, until="skin")
    tap_and_keep(phone, "[name=skin-change][value=yes]")
    tap_and_keep(phone, "[name=skin-itch] >> nth=2")
    offline(phone)
    go_on(phone)
    topic = phone.locator("form[data-page=skin]")
    expect(topic).to_be_visible()
    expect(topic.locator("[name=skin-change][value=yes]")).to_be_checked()
    expect(topic.locator("[name=skin-itch]").nth(2)).to_be_checked()
    offline(phone, gone=False)
    address, another_tab = phone.url, phone.context.new_page()
    phone.close()
    another_tab.goto(address)
    expect(another_tab.locator("[name=skin-itch]").nth(2)).to_be_checked()


def cut(live: Flask, monkeypatch: pytest.MonkeyPatch, path: str, *, before: bool) -> None:
    """The line goes dead for what is sent to ``path``, before or after the server has done its work."""
    whole = live.wsgi_app

    def dying(environ: Any, start: Any) -> Any:
        hit = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].endswith(path)
        body = whole(environ, start) if not (hit and before) else None
        if hit:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError
        return body

    monkeypatch.setattr(live, "wsgi_app", dying)


def test_a_server_that_dies_between_the_tap_and_the_answer_stores_the_diary_once(
    live: Flask, phone: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_in_a_well_day(phone)
    with monkeypatch.context() as dead:
        cut(live, dead, "/review", before=False)
        phone.locator("main form button[type=submit]").last.click()
        review = phone.locator("form[data-page=review]")
        expect(review).to_be_visible()
        assert len(diaries()) == 1
        review.locator("button[type=submit]").click()
        expect(phone.locator("[data-screen=kept]")).to_be_visible()
    phone.wait_for_url("**/today")
    expect(phone.locator("#outbox")).to_contain_text("Sent now")
    assert len(diaries()) == 1


def test_an_answer_that_was_lost_on_its_way_shows_the_red_card_all_the_same(phone: Page) -> None:
    fill_in_a_well_day(phone, until="how-you-are")
    phone.check("[name=temperature-taken][value=no]")
    phone.check("[name=warning-signs][value=chest-pain]")
    phone.locator("main form button[type=submit]").last.click()
    expect(phone.locator("[data-red-state=sent]")).to_be_visible()
    go_past_the_card(phone)
    phone.wait_for_url("**/skin")
    fill_in_the_rest(phone)
    phone.context.route("**/diary/sent/*", lambda route: route.abort())
    go_on(phone)
    expect(phone.locator(f"[data-screen=red] {URGENT}")).to_be_visible()


def test_a_session_that_ended_in_the_middle_keeps_the_answers(phone: Page) -> None:
    fill_in_a_well_day(phone, until="skin")
    tap_and_keep(phone, "[name=skin-change][value=yes]")
    phone.context.clear_cookies()
    phone.reload()
    phone.fill("[name=who]", "13800130001")
    phone.fill("[name=pin]", PIN)
    go_on(phone)
    phone.wait_for_url("**/skin")
    expect(phone.locator("[name=skin-change][value=yes]")).to_be_checked()


def test_nothing_of_somebody_is_left_on_the_phone_after_signing_out(phone: Page) -> None:
    fill_in_a_well_day(phone, until="skin")
    tap_and_keep(phone, "[name=skin-change][value=yes]")
    assert phone.evaluate(STORES)["sealed"]
    phone.goto("/settings")
    phone.locator('form[action="/sign-out"] button').click()
    phone.wait_for_url("**/sign-in")
    left = phone.evaluate(STORES)
    assert (left["keys"], left["sealed"], left["plain"]) == ([], [], [])
    assert all(path.startswith(("/static/", "/offline/")) for path in left["cached"])
    offline(phone)
    phone.goto("/today")
    expect(phone.locator("[data-unknown]")).to_be_visible()


def test_signing_out_asks_before_it_loses_what_waits(live: Flask, phone: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    offline(phone)
    fill_in_offline(phone)
    cut(live, monkeypatch, "/diary/sync", before=True)
    offline(phone, gone=False)
    expect(phone.locator("nav [aria-current=page]")).to_be_visible()
    phone.goto("/settings")
    asked: list[Dialog] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog)
        dialog.dismiss()

    phone.on("dialog", stay)
    with phone.expect_event("dialog"):
        phone.locator('form[action="/sign-out"] button').click()
    assert len(asked) == 1
    assert phone.url.endswith("/settings")
    assert any("waiting/" in name for name in phone.evaluate(STORES)["sealed"])
    monkeypatch.undo()
    phone.locator('form[action="/sign-out"] button').click()
    phone.wait_for_url("**/sign-in")
    assert len(diaries()) == 1


def test_what_waits_cannot_be_read_in_the_store(phone: Page) -> None:
    offline(phone)
    fill_in_offline(phone)
    kept = phone.evaluate(STORES)
    assert any("waiting/" in name for name in kept["sealed"])
    assert "warning-signs" not in kept["bytes"]
    assert kept["extractable"] == [False]


def test_within_48_hours_of_an_infusion_its_page_is_asked_without_a_network_too(phone: Page) -> None:
    """And its red is told there; the page that the worker keeps for everybody has never heard of it."""
    kept = "async () => (await (await caches.match('/offline/en')).text()).includes('infusion')"
    assert phone.evaluate(kept) is False
    give_today()
    phone.goto("/today")
    phone.locator("#device[data-known][data-facts*=extraPage]").wait_for(state="attached")
    offline(phone)
    phone.goto("/diary")
    phone.locator("#start-today").click()
    first = phone.locator("form[data-page=how-you-are]")
    first.locator("[name=temperature-taken][value=no]").check()
    first.locator("[name=warning-signs][value=none]").check()
    first.locator("button[type=submit]").click()
    extra = phone.locator("form[data-page]:visible")
    expect(extra).to_contain_text("2 of 7")
    extra.locator("[name=infusion-signs][value=other]").check()
    expect(extra.locator("[name=infusion-signs-other]")).to_be_visible()
    extra.locator("[name=infusion-signs][value=other]").uncheck()
    extra.locator("[name=infusion-signs][value=hives-rash]").check()
    extra.locator("button[type=submit]").click()
    go_past_the_card(phone)
    for name in ("skin-change", "stomach-trouble", "bowel-trouble"):
        phone.locator(f"form[data-page]:visible [name={name}][value=no]").check()
        phone.locator("form[data-page]:visible button[type=submit]").click()
    phone.locator("form[data-page]:visible [name=liver-signs][value=none]").check()
    phone.locator("form[data-page]:visible [name=immunosuppressant][value=all-taken]").check()
    phone.locator("form[data-page]:visible button[type=submit]").click()
    phone.locator("form[data-page]:visible button[type=submit]").click()
    expect(phone.locator("[data-screen=red]")).to_be_visible()


def give_today() -> None:
    """The first infusion of a plan that is made now, two hours ago."""
    now = datetime.now(UTC)
    given = infusions.GivenInfusion(
        Decimal("62.5"), now - timedelta(hours=2), now - timedelta(hours=1), "MSC-1", deviation="x"
    )
    protocol = protocols.load_protocol()
    with transaction() as session:
        person = session.scalars(select(Participant)).one()
        who = {"actor": NURSE, "protocol": protocol, "now": now}
        infusions.plan_infusions(session, participant_id=person.id, **who)
        first = session.scalars(select(Infusion).where(Infusion.number == 1)).one()
        infusions.record_infusion(session, infusion_id=first.id, given=given, **who)
