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
LOOK_RULES = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable", "meta-viewport"]
# And by words: the two languages share every other piece of a page.
WORD_RULES = ["html-has-lang", "html-lang-valid", "valid-lang", "label-content-name-mismatch", "document-title"]


def every_look(page: Page, looks: Sequence[Look] = OTHERS) -> list[str]:
    return [one for look in (LIGHT, *looks) for one in faults(page, look=look)]


LANGUAGES = [("zh-CN", "zh-CN"), ("en", "en-GB")]


def faults(page: Page, *, look: Look = LIGHT) -> list[str]:
    """What axe-core says of the page, and whether it is wider than a small phone.

    All rules run once, on the English page in light. A Chinese page, and a look other than light, are judged by the
    rules that depend on looks or words alone, on a screen so high that the bar covers nothing.
    """
    size = page.viewport_size
    partly = look is not LIGHT or page.evaluate("document.documentElement.lang").startswith("zh")
    if partly:
        page.emulate_media(color_scheme=look.scheme)
        page.set_viewport_size({"width": size["width"] if size and look is LIGHT else look.width, "height": 12_000})
    rules = {"runOnly": {"type": "rule", "values": LOOK_RULES + WORD_RULES}} if partly else None
    found = [
        f"{page.url} {look}: {violation['id']} at {[node['target'] for node in violation['nodes'][:3]]}"
        for violation in Axe().run(page, options=rules).response["violations"]
    ]
    if partly and size:
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
