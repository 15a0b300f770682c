"""Every route wears exactly one guard, and only what changes something is allowed to."""

from flask import Flask
from werkzeug.routing import Rule

GUARDS = ("public", "patient", "staff:", "twilio-signed")
SAFE = {"GET", "HEAD", "OPTIONS"}


def rules(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def test_every_route_wears_exactly_one_guard(app: Flask) -> None:
    guards = {rule.endpoint: getattr(app.view_functions[rule.endpoint], "guard", None) for rule in rules(app)}
    bare = sorted(endpoint for endpoint, guard in guards.items() if not str(guard).startswith(GUARDS))
    assert bare == []


def test_a_page_that_is_only_read_never_writes(app: Flask) -> None:
    writing = [
        rule.rule
        for rule in rules(app)
        if "GET" in (rule.methods or ()) and getattr(app.view_functions[rule.endpoint], "writes", False)
    ]
    assert writing == []


def test_the_promised_addresses_exist(app: Flask) -> None:
    promised = {
        "/", "/sign-in", "/today", "/activate", "/diary", "/calendar", "/record", "/settings", "/study",
        "/staff/sign-in", "/staff/triage", "/staff/participants", "/webhooks/twilio/status",
        "/webhooks/twilio/inbound", "/healthz", "/readyz", "/metrics",
    }  # fmt: skip
    assert promised <= {rule.rule for rule in rules(app)}


def test_staff_and_participants_have_separate_addresses(app: Flask) -> None:
    for rule in rules(app):
        guard = str(getattr(app.view_functions[rule.endpoint], "guard", None))
        assert guard.startswith("staff:") <= rule.rule.startswith("/staff")
        assert (guard == "patient") <= (not rule.rule.startswith("/staff"))
