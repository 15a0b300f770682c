"""Every route is guarded, and every way to change something asks for the token."""

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.support.web.visitor import Visitor

SAFE = {"GET", "HEAD", "OPTIONS"}


def rules(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def test_every_route_wears_a_guard(app: Flask) -> None:
    bare = [rule.rule for rule in rules(app) if not hasattr(app.view_functions[rule.endpoint], "guard")]
    assert bare == []


def test_whatever_changes_something_asks_for_the_token_or_the_providers_signature(app: Flask) -> None:
    unsafe = [rule for rule in rules(app) if (rule.methods or set()) - SAFE]
    views = {rule.rule: app.view_functions[rule.endpoint] for rule in unsafe}
    open_doors = [path for path, view in views.items() if not (view.csrf or view.guard == "twilio-signed")]  # type: ignore[attr-defined]
    assert open_doors == []
    assert len(unsafe) > 10


@pytest.mark.parametrize("path", ["/sign-out", "/language", "/activate/pin", "/staff/sign-out", "/activate"])
def test_a_request_without_the_token_changes_nothing(client: Visitor, path: str) -> None:
    assert client.post(path).status_code == 400


@pytest.mark.parametrize("path", ["/settings", "/settings/pin", "/settings/sign-out-everywhere"])
def test_a_participants_request_without_the_token_changes_nothing(signed_in: Visitor, path: str) -> None:
    assert signed_in.post(path).status_code == 400
    assert signed_in.get("/settings").status_code == 200
