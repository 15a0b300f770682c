"""What the participant's pages weigh, and how soon the diary is usable on a slow phone. Prints a JSON line a page.

    python -m benchmarks.pages http://127.0.0.1:8000 PHONE PIN

400 kbit/s, 400 ms latency and a 4 times slower CPU, with an empty cache and then again. ``kb`` is what came over the
wire, bodies and headers; what the service worker fetches afterwards, in the background, is not counted.
"""

import json
import sys
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.support.chromium import find_chromium

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
SHIFT = """() => new Promise((done) => { let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => { sum += one.value; }))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300); })"""


def main() -> None:
    base, phone, pin = sys.argv[1:4]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for name, path in (("sign-in", "/sign-in"), ("today", "/today"), ("diary", "/diary")):
            _visit(browser, base, name, path, None if name == "sign-in" else (phone, pin))
        browser.close()


def _visit(browser: Browser, base: str, name: str, path: str, who: tuple[str, str] | None) -> None:
    context = browser.new_context(
        base_url=base, viewport={"width": 390, "height": 844}, service_workers="block", locale="zh-CN"
    )
    page = context.new_page()
    if who:
        page.goto("/sign-in")
        page.fill("[name=who]", who[0])
        page.fill("[name=pin]", who[1])
        page.locator("main form button[type=submit]").last.click()
        page.wait_for_url("**/today")
        page.goto("about:blank")
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.clearBrowserCache")
    wire.send("Network.emulateNetworkConditions", SLOW)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    for visit in ("first", "again"):
        print(json.dumps({"page": name, "visit": visit, **_measured(page, wire, path)}), flush=True)
    context.close()


def _measured(page: Page, wire: CDPSession, path: str) -> dict[str, Any]:
    asked: list[str] = []
    sizes: list[int] = []

    def count(response: Any) -> None:
        asked.append(response["requestId"])

    def weigh(finished: Any) -> None:
        sizes.append(finished["encodedDataLength"])

    wire.on("Network.responseReceived", count)
    wire.on("Network.loadingFinished", weigh)
    page.goto(path, wait_until="load")
    usable = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    shift = page.evaluate(SHIFT)
    wire.remove_listener("Network.responseReceived", count)
    wire.remove_listener("Network.loadingFinished", weigh)
    sent = [size for size in sizes if size]
    return {
        "requests": len(sent),
        "kb": round(sum(sent) / 1024, 1),
        "usable_ms": round(usable),
        "shift": round(shift, 3),
    }


if __name__ == "__main__":
    main()
