"""Death at every marked point: nothing lost, nothing twice, every row accounted for."""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from config import Config
from portal.adapters import fault_injection
from portal.domain.messages import SendPace
from portal.extensions import db
from portal.services import heartbeats
from tests.support.jobs.drill import Drill, Outcome, fresh
from tests.support.jobs.processes import JOBS, PATIENCE, PLAN, Start, wait_until
from tests.support.jobs.reminders import count_in, enrol_due
from tests.support.servers.postgres import free_port
from tests.support.servers.twilio import LocalTwilio

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
    outcome = drill(QUICK, 1.0).round(texts=40, processes=2, seconds=240)
    assert_each_once(outcome)
    assert outcome.kills == dict.fromkeys(fault_injection.POINTS, 1)


@pytest.mark.soak
def test_fifty_rounds_of_five_hundred(
    drill: MakeDrill, config: Config, twilio: LocalTwilio, capsys: pytest.CaptureFixture[str]
) -> None:
    """``SOAK_ROUNDS`` asks for fewer."""
    database = config.database_url.split(":", 1)[0]
    enrol_due(500)
    one, kills, total = drill(AS_AGREED, 0.03), Counter[str](), Counter[str]()
    for number in range(1, int(os.environ.get("SOAK_ROUNDS", "50")) + 1):
        fresh(db.engine, twilio)
        outcome = one.round(texts=500, processes=random.randint(2, 4), seconds=900)
        kills.update(outcome.kills)
        total.update(rounds=1, texts=outcome.texts, lost=outcome.lost, duplicates=outcome.duplicates)
        total.update(uncertain=outcome.uncertain)
        with capsys.disabled():
            say({"database": database, "round": number, **outcome.as_json})
        assert_each_once(outcome)
    with capsys.disabled():
        say({"database": database, **total, "kills": dict(kills)})


def test_a_lease_and_a_tick_are_over_within_half_a_minute() -> None:
    pace = SendPace()
    assert pace.lease + heartbeats.JOB_INTERVALS["send-due"] + pace.call_timeout <= timedelta(seconds=30)


@pytest.mark.soak
def test_after_a_kill_all_has_gone_within_half_a_minute_of_the_restart(
    core: Flask,
    config: Config,
    start: Start,
    environment: dict[str, str],
    twilio: LocalTwilio,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``jobs run`` as it is in earnest, killed with texts in the air."""
    twilio.listing_delay = SendPace().listing_delay.total_seconds()
    enrol_due(200)
    assert start(PLAN).wait(PATIENCE) == 0
    environment[fault_injection.VARIABLE] = "after-call:0.02"
    assert start(JOBS).wait(PATIENCE) == -signal.SIGKILL
    del environment[fault_injection.VARIABLE]
    left, began = count_in("claimed"), time.monotonic()
    start(JOBS)
    wait_until(lambda: count_in("sent") == 200, seconds=30)
    with capsys.disabled():
        database = config.database_url.split(":", 1)[0]
        say({"drill": "recovery", "database": database, "left": left, "seconds": round(time.monotonic() - began, 1)})
    assert left > 0
    assert len({text["to"] for text in twilio.texts}) == len(twilio.texts) == 200


def say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


@pytest.mark.parametrize("words", ["", "after-call:0.5, planning:1"])
def test_a_demo_may_be_told_where_to_die(words: str) -> None:
    fault_injection.arm_faults("demo", {fault_injection.VARIABLE: words})
    armed = dict(fault_injection._armed)
    fault_injection.arm_faults("demo", {})
    assert armed == ({"after-call": 0.5, "planning": 1.0} if words else {})


def test_in_production_nothing_is_armed() -> None:
    fault_injection.arm_faults("production", {fault_injection.VARIABLE: "planning:1"})
    assert fault_injection._armed == {}
    fault_injection.maybe_crash_at("planning")


def test_a_point_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="elsewhere"):
        fault_injection.parse_faults("elsewhere:1")
