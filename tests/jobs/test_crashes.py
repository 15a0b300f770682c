"""Death at every marked point: nothing lost, nothing twice, every row accounted for."""

import json
import random
import sys
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask

from config import Config
from portal.adapters import mishap
from portal.extensions import db
from tests.jobs.conftest import enrol_due
from tests.jobs.drill import Drill, Outcome, free_port, fresh
from tests.twilio_server import LocalTwilio

QUICK = "1,0.5,3"  # call time-out, listing delay, lease: seconds
AS_AGREED = "5,10,20"
MakeDrill = Callable[..., Drill]


@pytest.fixture
def drill(core: Flask, config: Config, environment: dict[str, str], twilio: LocalTwilio) -> MakeDrill:
    def make(pace: str, probability: float) -> Drill:
        twilio.listing_delay = float(pace.split(",")[1])
        twilio.after_seconds = 0.02
        settings = {**environment, "PUBLIC_URL": f"http://127.0.0.1:{free_port()}", "PACE": pace}
        return Drill(db.engine, twilio, settings, probability)

    return make


def assert_each_once(outcome: Outcome) -> None:
    assert (outcome.lost, outcome.duplicates, outcome.taken) == (0, 0, outcome.texts), outcome
    assert outcome.states == {"delivered": outcome.texts}, outcome


def test_killed_at_each_marked_point_every_text_goes_once(drill: MakeDrill) -> None:
    enrol_due(40)
    outcome = drill(QUICK, 0.25).round(texts=40, processes=2, seconds=100)
    assert_each_once(outcome)
    assert outcome.kills["planning"] == 1
    assert sum(outcome.kills.values()) >= 3


@pytest.mark.soak
@pytest.mark.parametrize("rounds", [50])
def test_fifty_rounds_of_five_hundred(
    drill: MakeDrill, config: Config, twilio: LocalTwilio, rounds: int, capsys: pytest.CaptureFixture[str]
) -> None:
    database = config.database_url.split(":", 1)[0]
    enrol_due(500)
    one, kills, total = drill(AS_AGREED, 0.03), Counter[str](), Counter[str]()
    for number in range(1, rounds + 1):
        fresh(db.engine, twilio)
        outcome = one.round(texts=500, processes=random.randint(2, 4), seconds=300)
        kills.update(outcome.kills)
        total.update(rounds=1, texts=outcome.texts, lost=outcome.lost, duplicates=outcome.duplicates)
        total.update(uncertain=outcome.uncertain)
        with capsys.disabled():
            say({"database": database, "round": number, **outcome.as_json})
        assert_each_once(outcome)
    with capsys.disabled():
        say({"database": database, **total, "kills": dict(kills)})


def say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


@pytest.mark.parametrize("words", ["", "after-call:0.5, planning:1"])
def test_a_demo_may_be_told_where_to_die(words: str) -> None:
    mishap.arm("demo", {mishap.VARIABLE: words})
    armed = dict(mishap._armed)
    mishap.arm("demo", {})
    assert armed == ({"after-call": 0.5, "planning": 1.0} if words else {})


def test_in_production_nothing_is_armed() -> None:
    mishap.arm("production", {mishap.VARIABLE: "planning:1"})
    assert mishap._armed == {}
    mishap.at("planning")


def test_a_point_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="elsewhere"):
        mishap.parse("elsewhere:1")
