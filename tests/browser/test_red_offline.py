"""What a phone calls red without a network is what the server calls red when it knows nothing of the days before."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from portal import protocols
from portal.domain import alert_rules
from portal.domain.alert_rules.device import device_rules, device_stool
from portal.domain.reports import Report
from portal.web.questionnaire_form import body_surface_table

pytestmark = pytest.mark.browser
JUDGE = Path(__file__).parents[2] / "assets" / "js" / "judge.js"
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
ASK = """async ([asked, config, map]) => {
  const { judge } = await import("/judge.js");
  return asked.map(([answers, facts]) => judge(answers, config, map, facts));
}"""

CASES: list[dict[str, Any]] = [
    {},
    {"temperature-taken": True, "temperature": 37.9},
    {"temperature-taken": True, "temperature": 38.0},
    {"temperature-taken": True, "temperature": 35.9, "immunosuppressant": "missed"},
    {"temperature-taken": True, "temperature": 36.0},
    *({"warning-signs": [code]} for code in ("breathlessness", "chest-pain", "fainting", "confusion", "bleeding")),
    {"liver-signs": ["dark-urine", "pale-stools"]},
    {"liver-signs": ["yellow"]},
    {"immunosuppressant": "missed"},
    {"immunosuppressant": "not-kept-down"},
    {"immunosuppressant": "not-prescribed"},
]
HALF = dict.fromkeys(("trunk-front", "trunk-back", "thigh-left-front", "thigh-left-back", "thigh-right-front"), "most")
SKIN: list[dict[str, str]] = [
    {"trunk-front": "most"},
    {"trunk-front": "most", "trunk-back": "most"},
    {"head-front": "some"},
    {**HALF, "buttocks": "most", "thigh-right-back": "some"},
]
MORE_SKIN: list[dict[str, Any]] = [{}, {"skin-blisters": True}, {"skin-itch": 3}, {"immunosuppressant": "missed"}]
BOWEL = [
    (0, "none", 0, None, None),
    (2, "none", 1, None, None),
    (3, "none", 0, None, None),
    (4, "none", 2, None, None),
    (5, "none", 0, None, None),
    (1, "streaks", 0, None, None),
    (1, "obvious", 0, None, None),
    (0, "none", 3, None, None),
    (2, "none", 0, 999, None),
    (2, "none", 0, 1000, None),
    (2, "none", 0, 800, 1),
    (4, "none", 0, 100, 1),
]
STOMACH: list[dict[str, Any]] = [
    {"vomit-blood": "streaks"},
    {"vomit-blood": "obvious"},
    {"fluids-kept": False},
    {"nausea": 3},
    {"nausea": 2, "appetite-loss": 3},
    {"nausea": 3, "appetite-loss": 3},
]


def stool(count: int, blood: str, pain: int, volume: int | None, unmeasured: int | None) -> dict[str, Any]:
    given = {"stool-volume-ml": volume, "stool-unmeasured-count": unmeasured}
    known = {link_id: value for link_id, value in given.items() if value is not None}
    return {"bowel-trouble": True, "loose-stool-count": count, "stool-blood": blood, "abdominal-pain": pain, **known}


def cases() -> Iterator[tuple[dict[str, Any], int, float | None]]:
    """Answers, age and weight: every rule at its edge, and rules together."""
    base = {"warning-signs": ["none"], "skin-change": False, "stomach-trouble": False, "bowel-trouble": False,
            "liver-signs": ["none"], "immunosuppressant": "all-taken"}  # fmt: skip
    for change in CASES:
        yield {**base, **change}, 34, 62.0
    for areas in SKIN:
        for more in MORE_SKIN:
            yield {**base, "skin-change": True, "skin-areas": areas, **more}, 15, None
    for row in BOWEL:
        for age, weight in ((34, 62.0), (15, 40.0), (15, 60.0), (15, None)):
            yield {**base, **stool(*row)}, age, weight
    for answers in STOMACH:
        yield {**base, "stomach-trouble": True, **answers}, 34, 62.0
    for signs in (["none"], ["headache"], ["other"], ["headache", "other"], ["hives-rash"], ["fever-chills"]):
        yield {**base, "infusion-signs": signs}, 34, 62.0
        yield {**base, "infusion-signs": signs, "stomach-trouble": True, "nausea": 1}, 34, 62.0


def the_phone_says(page: Page) -> list[str]:
    def answer(route: Route) -> None:
        script = route.request.url.endswith("judge.js")
        kind = "text/javascript" if script else "text/html"
        route.fulfill(body=JUDGE.read_text() if script else "<title>phone</title>", content_type=kind)

    page.route("**/*", answer)
    page.goto("http://portal.test/")
    limits = protocols.load_protocol().thresholds
    config = {"rules": [list(rule) for rule in device_rules(limits)], "stool": device_stool(limits)}
    asked = [(answers, {"age": age, "weight": weight}) for answers, age, weight in cases()]
    said: list[str] = page.evaluate(ASK, [asked, config, body_surface_table()])
    return said


def the_server_says(answers: dict[str, Any], age: int, weight: float | None) -> str:
    typed = json.loads(json.dumps(answers), parse_float=Decimal)
    report = Report(on=NOW.date(), entered_at=NOW, answers=typed, weight_kg=None, study_day=20)
    judged = alert_rules.evaluate_report(
        report,
        [],
        infusions_given_at=(),
        age=age,
        weight_kg=Decimal(str(weight)) if weight is not None else None,
        thresholds=protocols.load_protocol().thresholds,
    )
    return str(judged.severity or "")


def test_the_phone_and_the_server_call_the_same_answers_red(page: Page) -> None:
    expected = [the_server_says(*case) for case in cases()]
    assert {"", "amber", "red"} == set(expected)
    assert list(zip(cases(), the_phone_says(page), strict=True)) == list(zip(cases(), expected, strict=True))
