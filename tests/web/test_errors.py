"""What goes wrong is told to people in words, and to the log without theirs."""

import json
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import text

from portal.adapters import logs
from portal.extensions import db
from portal.services import team
from portal.web import errors
from portal.web.http import headers
from tests.support.web.visitor import Visitor


def test_a_broken_page_says_so_and_quotes_nothing(
    capsys: pytest.CaptureFixture[str], app: Flask, client: Visitor
) -> None:
    logs.configure_logging(testing=True)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken() -> str:
        raise ValueError("王小明 +8613800130001")

    app.view_functions["health.check_liveness"] = broken
    response = client.get("/healthz")
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    failure = next(line for line in logged if line["event"] == "failure")
    assert (response.status_code, failure["error"]) == (500, "ValueError")
    assert "王小明" not in json.dumps(logged, ensure_ascii=False) + response.get_data(as_text=True)


@pytest.mark.usefixtures("both_databases")
def test_a_broken_statement_leaves_a_page_that_says_so(app: Flask, coordinator: Visitor) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.view_functions["staff_triage.show_triage_list"] = lambda: db.session.execute(text("SELECT nothing"))
    response = coordinator.get("/staff/triage")
    assert (response.status_code, "<h1" in response.get_data(as_text=True)) == (500, True)


def test_without_a_database_the_page_that_says_so_stands_for_who_is_signed_in_too(
    app: Flask, coordinator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_given: object, **_more: object) -> None:
        raise OSError("no database")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(team, "find_staff", away)
    response = coordinator.get("/staff/triage")
    assert (response.status_code, "<h1" in response.get_data(as_text=True)) == (500, True)


def test_a_refusal_says_in_the_log_who_was_refused_and_where(
    coordinator: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, object]] = []
    monkeypatch.setattr(headers, "log", SimpleNamespace(info=lambda _event, **values: lines.append(values)))
    coordinator.get("/staff/people")
    coordinator.get("/staff/triage")
    refused, shown = lines
    assert (refused["status"], refused["route"], refused["who"]) == (403, "/staff/people", "staff:1")
    assert "who" not in shown


@pytest.mark.parametrize("status", sorted(errors.WORDS))
def test_every_status_has_a_page_with_a_heading(app: Flask, status: int) -> None:
    with app.test_request_context("/"):
        app.preprocess_request()
        body, code = errors.error_page(status)
    assert code == status
    assert "<h1" in body
