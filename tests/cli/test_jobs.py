"""``jobs`` at a terminal."""

import json
import logging

import pytest
from flask import Flask

from portal import jobs
from portal.extensions import db
from portal.models.jobs import Heartbeat
from tests.support.people import enrol


def invoke(app: Flask, *arguments: str) -> str:
    result = app.test_cli_runner().invoke(args=["jobs", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_each_job_is_named_with_what_it_does(app: Flask) -> None:
    said = invoke(app, "list")
    assert [line.split()[:4] for line in said.splitlines()][:3] == [
        ["plan-reminders", "every", "60", "s"],
        ["send-due", "every", "5", "s"],
        ["close-unreceipted", "every", "600", "s"],
    ]


def test_one_round_prints_its_counts_as_json_and_leaves_a_heartbeat(app: Flask) -> None:
    enrol()
    assert json.loads(invoke(app, "run", "--once", "plan-reminders")) == {"job": "plan-reminders", "planned": 0}
    assert db.session.get_one(Heartbeat, "plan-reminders").finished_at is not None


def test_a_job_that_is_not_there_is_refused(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["jobs", "run", "--once", "dance"]).exit_code == 2


def test_an_error_is_noted_and_the_clock_goes_on(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_worker: jobs.Worker, _now: object) -> dict[str, int]:
        raise RuntimeError("no luck")

    with caplog.at_level(logging.CRITICAL):
        jobs.run_tick(jobs.Worker.of(app), jobs.Job("send-due", fail))
    beat = db.session.get_one(Heartbeat, "send-due")
    assert (beat.finished_at, beat.detail) == (None, "RuntimeError")
    assert beat.failed_at is not None
