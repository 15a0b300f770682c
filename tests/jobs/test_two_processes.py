"""Any number of processes, each text once; and one of them may die at any moment."""

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from flask import Flask

from tests.support.jobs.processes import JOBS, PATIENCE, PLAN, WORKER, Start, wait_until
from tests.support.jobs.reminders import claimers, count_in, enrol_due, noon_zone, senders
from tests.support.servers.twilio import LocalTwilio


def each_once(twilio: LocalTwilio, count: int) -> bool:
    return len(twilio.texts) == count == len({text["to"] for text in twilio.texts})


def test_two_processes_send_two_hundred_reminders_each_once(
    core: Flask, start: Start, twilio: LocalTwilio, log: Path
) -> None:
    """The provider answers nobody before both have taken something up."""
    both = Event()
    twilio.refuse = lambda _form: None if both.wait(PATIENCE) else (503, {})
    for _ in range(2):
        start(JOBS)
    wait_until(lambda: log.read_text().count("jobs running") == 2)
    enrol_due(200)
    assert start(PLAN).wait(PATIENCE) == 0
    wait_until(lambda: len(claimers()) == 2)
    both.set()
    wait_until(lambda: count_in("sent") == 200)
    assert each_once(twilio, 200)
    assert len(senders()) == 2


def test_a_process_killed_in_the_middle_loses_nothing_and_doubles_nothing(
    core: Flask, start: Start, twilio: LocalTwilio
) -> None:
    twilio.after_seconds = 0.2
    enrol_due(40)
    first = start(WORKER)
    wait_until(lambda: len(twilio.texts) >= 6)
    first.kill()
    assert first.wait() == -signal.SIGKILL
    assert count_in("claimed") > 0
    start(WORKER)
    wait_until(lambda: count_in("sent") == 40)
    assert each_once(twilio, 40)


def test_a_process_that_is_asked_to_end_finishes_what_is_in_the_air(
    core: Flask, start: Start, twilio: LocalTwilio
) -> None:
    twilio.after_seconds = 0.3
    enrol_due(30)
    process = start(WORKER)
    wait_until(lambda: len(twilio.texts) >= 4)
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert count_in("claimed") == 0
    assert count_in("sent") == len(twilio.texts) < 30


@pytest.mark.parametrize("hour", range(24))
def test_there_is_always_a_time_zone_at_noon(hour: int) -> None:
    now = datetime(2026, 11, 23, hour, 30, tzinfo=UTC)
    assert now.astimezone(noon_zone(now)).time().hour == 12
    assert abs(now.astimezone(noon_zone(now)).utcoffset() or timedelta()) <= timedelta(hours=12)
