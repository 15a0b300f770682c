"""Whatever is sent to whichever route: no 5xx, no unsaid write, nothing reflected raw, no way out to another site."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings

from config import Twilio
from portal.adapters import sms
from portal.extensions import db
from tests.support.servers.postgres import run_statement
from tests.support.web import fuzzing

ROUND = 250  # after so many requests the world is put back: somebody will have left the study by then


@pytest.fixture
def world(app: Flask, both_databases: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[fuzzing.World]:
    monkeypatch.setattr(sms, "_senders", dict(sms._senders))
    sms.configure_senders("twilio", Twilio("AC1", fuzzing.TOKEN, "+15005550006", "", "http://127.0.0.1:9"))
    yield fuzzing.build(app, tmp_path / "kept.sqlite3")
    db.session.close()
    db.engine.dispose()
    if db.engine.url.get_backend_name() == "postgresql":
        server = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False).rsplit("/", 1)[0]
        run_statement(f"{server}/postgres", f"DROP DATABASE IF EXISTS {db.engine.url.database}_kept WITH (FORCE)")


def fuzz(world: fuzzing.World, requests: int) -> Counter[str]:
    """Send so many, each one twice now and then; every tenth of them again as it was. What came back, by kind."""
    answers: Counter[str] = Counter()
    reached: set[str] = set()
    found: list[str] = []

    @settings(
        max_examples=requests, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(fuzzing.shots(world))
    def throw(shot: fuzzing.Shot) -> None:
        for _ in range(2 if answers.total() % 10 == 9 else 1):
            answer = world.send(shot)
            wrong = fuzzing.faults(world, answer)
            if wrong:
                found.append(f"{wrong}: {shot.about()}")
            answers[f"{answer.status_code // 100}xx"] += 1
            if answer.status_code in {200, 204, 409, 422} or "location" in answer.headers:
                reached.add(shot.path)
            answer.close()
            if answers.total() % ROUND == 0:
                world.restore()

    throw()
    assert found[:20] == []
    answers["paths"] = len(reached)
    return answers


def test_some_hundreds_of_hostile_requests_do_no_harm(world: fuzzing.World) -> None:
    answers = fuzz(world, 300)
    assert answers["2xx"] > 30


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_ten_thousand_hostile_requests_do_no_harm(world: fuzzing.World) -> None:
    answers = fuzz(world, 10_000)
    print(json.dumps({"database": db.engine.dialect.name, "routes": len(world.rules), **answers}))  # noqa: T201
    assert answers["2xx"] > 1_000
