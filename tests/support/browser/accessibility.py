"""What axe-core says of a page, in each look."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

NARROW = {"width": 320, "height": 640}


class Look(NamedTuple):
    scheme: Literal["light", "dark"]
    width: int


LIGHT = Look("light", 390)
OTHERS = (Look("dark", 320), Look("light", 320), Look("dark", 390))
# What axe-core judges by colours and sizes; everything else it says of a page is the same in any look.
LOOKS_RULES = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable", "meta-viewport"]


def every_look(page: Page, looks: Sequence[Look] = OTHERS) -> list[str]:
    return [one for look in (LIGHT, *looks) for one in faults(page, look=look)]


LANGUAGES = [("zh-CN", "zh-CN"), ("en", "en-GB")]


def faults(page: Page, *, look: Look = LIGHT) -> list[str]:
    """What axe-core says of the page, and whether it is wider than a small phone.

    A look other than light runs only the rules that depend on it, on a screen so high that the bar covers nothing.
    """
    size = page.viewport_size
    if look is not LIGHT:
        page.emulate_media(color_scheme=look.scheme)
        page.set_viewport_size({"width": look.width, "height": 12_000})
    rules = None if look is LIGHT else {"runOnly": {"type": "rule", "values": LOOKS_RULES}}
    found = [
        f"{page.url} {look}: {violation['id']} at {[node['target'] for node in violation['nodes'][:3]]}"
        for violation in Axe().run(page, options=rules).response["violations"]
    ]
    if look is not LIGHT and size:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(size)
    if size and size["width"] < 768:
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{page.url}: wider than 320 px")
        page.set_viewport_size(size)
    return found


def faults_as_shown(page: Page) -> list[str]:
    found: list[Any] = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [one["id"] for one in found] + (["wider than the screen"] if wide else [])
