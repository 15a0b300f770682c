"""What a phone without a network reads is what the server reads: the same table of cases, run in the browser."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Route

from portal.web.participant.offline import device_config
from tests.support.reading import CASES

pytestmark = pytest.mark.browser
READING = Path(__file__).parents[2] / "assets" / "js" / "reading.js"
# Chromium's data, made to write dates as CLDR 42 does: 12/1/26 where a machine format was expected.
CLDR_42 = """const D = Intl.DateTimeFormat;
Intl.DateTimeFormat = function (l, o) {
  return l === "en-CA" && o && o.dateStyle === "short" ? new D("en-US", o) : new D(l, o);
};"""
ASK = """async ([cases, config]) => {
  const { readAnswer, readAll, isDay, localDay, localTime } = await import("/reading.js");
  const items = Object.fromEntries(config.pages.flatMap((page) => page.items).map((item) => [item.id, item]));
  const alone = (id, raw) => {
    const { answers, faults } = readAll([items[id]], { [id]: raw }, config.pairs);
    return faults[id]?.fault ?? answers[id] ?? null;
  };
  const pair = (raw) => Object.fromEntries(Object.entries(
    readAll(Object.keys(raw).map((id) => items[id]), raw, config.pairs).faults).map(([id, { fault }]) => [id, fault]));
  return {
    answers: cases.answers.map(([id, raw]) => [id, raw, alone(id, raw)]),
    pairs: cases.pairs.map(([raw]) => [raw, pair(raw)]),
    days: cases.days.map(([text]) => [text, isDay(text)]),
    local_days: cases.local_days.map(([at, zone]) => {
      const instant = new Date(at);
      return [at, zone, localDay(instant, zone), localTime(instant, zone)];
    }),
  };
}"""


@pytest.mark.parametrize("script", ["", CLDR_42], ids=["as it is", "as CLDR 42 writes dates"])
def test_the_phone_reads_what_the_table_says(app: Flask, page: Page, script: str) -> None:
    def answer(route: Route) -> None:
        is_script = route.request.url.endswith("reading.js")
        kind = "text/javascript" if is_script else "text/html"
        route.fulfill(body=READING.read_text() if is_script else "<title>phone</title>", content_type=kind)

    page.route("**/*", answer)
    page.add_init_script(script)
    page.goto("http://portal.test/")
    with app.test_request_context():
        config: dict[str, Any] = app.json.loads(app.json.dumps(device_config("en")))
    assert page.evaluate(ASK, [CASES, config]) == CASES
