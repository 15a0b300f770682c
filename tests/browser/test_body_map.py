"""The drawing and the list say the same, at a size that a thumb can hit; the list works without the drawing."""

from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from portal.domain import body_surface
from tests.support.browser.actions import Open, activate, enrol_today, fill_in_a_well_day, go_on

pytestmark = pytest.mark.browser
NARROW: Any = {"width": 320, "height": 640}
SHARE = "[data-percent]"


@pytest.fixture
def skin(live: Flask, visit: Open) -> Page:
    """The page about the skin, on a phone of 320 px, with a rash."""
    page = visit(locale="en-GB").new_page()
    page.set_viewport_size(NARROW)
    activate(page, enrol_today(), language="en")
    fill_in_a_well_day(page, until="skin")
    page.check("[name=skin-change][value=yes]")
    return page


def shape(page: Page, region: str) -> Any:
    return page.locator(f"[data-region={region}]")


def marked(page: Page, region: str) -> str | None:
    radio = page.locator(f'[name="skin-areas.{region}"]:checked')
    return radio.get_attribute("value") if radio.count() else None


def test_a_tap_marks_some_then_most_then_none_and_the_list_follows(skin: Page) -> None:
    taps = []
    for _ in range(3):
        shape(skin, "trunk-front").click()
        taps.append((marked(skin, "trunk-front"), shape(skin, "trunk-front").get_attribute("data-extent")))
    assert taps == [("some", "some"), ("most", "most"), ("none", "none")]


def test_the_drawing_follows_the_list(skin: Page) -> None:
    skin.locator("summary", has_text="Trunk").click()
    skin.check('[name="skin-areas.buttocks"][value=most]')
    assert shape(skin, "buttocks").get_attribute("data-extent") == "most"
    expect(skin.locator(SHARE)).to_have_text("Marked: about 5 % of your skin")


def test_the_share_of_the_skin_is_the_servers_own(skin: Page) -> None:
    areas = {"trunk-back": "most", "thigh-left-front": "some", "hand-right-back": "most"}
    for region, extent in areas.items():
        shape(skin, region).click(click_count=1)
        if extent == "most":
            shape(skin, region).click()
    percent = body_surface.affected_percent(areas, age=34).quantize(Decimal(1))
    expect(skin.locator(SHARE)).to_have_text(f"Marked: about {percent} % of your skin")


def test_every_region_is_drawn_once_and_large_enough_for_a_thumb(skin: Page) -> None:
    shapes = skin.locator("[data-region]").all()
    assert sorted(str(one.get_attribute("data-region")) for one in shapes) == sorted(
        region.code for region in body_surface.REGIONS
    )
    boxes = [one.bounding_box() for one in shapes]
    assert min(min(box["width"], box["height"]) for box in boxes if box) >= 44


def test_no_two_regions_overlap(skin: Page) -> None:
    for side in ("front", "back"):
        boxes = [one.bounding_box() for one in skin.locator(f"svg:has([data-region=head-{side}]) [data-region]").all()]
        pairs = [(one, other) for at, one in enumerate(boxes) for other in boxes[at + 1 :] if one and other]
        assert not [pair for pair in pairs if _overlap(*pair)]


def _overlap(one: Any, other: Any) -> bool:
    beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
    return not beside and not (one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_clean_and_fits_a_narrow_phone(skin: Page, scheme: Any) -> None:
    skin.emulate_media(color_scheme=scheme)
    shape(skin, "trunk-front").click()
    assert [fault["id"] for fault in Axe().run(skin).response["violations"]] == []
    assert not skin.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_what_was_tapped_is_sent(skin: Page) -> None:
    shape(skin, "head-front").click()
    skin.check("[name=skin-itch] >> nth=1")
    skin.check("[name=skin-blisters][value=no]")
    skin.check("[name=skin-peeling][value=no]")
    go_on(skin)
    skin.wait_for_url("**/stomach")
    skin.go_back()
    expect(shape(skin, "head-front")).to_have_attribute("data-extent", "some")
