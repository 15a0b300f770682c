"""What machines ask."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal.adapters import database
from portal.extensions import transaction
from portal.services import heartbeats
from tests.support.people import NOW
from tests.support.web.visitor import Visitor


def beat(job: str, ago: timedelta) -> None:
    with transaction() as session:
        heartbeats.record_run(session, job=job, started_at=NOW - ago, finished_at=NOW - ago, detail="")


def test_it_is_alive(client: Visitor) -> None:
    assert client.get("/healthz").text == "ok\n"


def test_it_is_ready_with_a_database_and_names_the_state_of_each_job(client: Visitor) -> None:
    beat("send-due", timedelta(seconds=9))
    beat("plan-reminders", timedelta(hours=1))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["database"] == "ok"  # type: ignore[index]
    assert {"plan-reminders": "late", "send-due": "on-time"}.items() <= answer.json["jobs"].items()  # type: ignore[index]


def test_a_job_that_never_ran_is_named(client: Visitor) -> None:
    assert client.get("/readyz").json["jobs"]["send-due"] == "never"  # type: ignore[index]


def test_without_its_tables_it_is_not_ready(app: Flask, client: Visitor) -> None:
    database.downgrade_database(app.config["PORTAL"].database_url, "base")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"database": "down", "jobs": {}})


def test_a_failure_is_noted_and_the_last_good_round_is_kept(app: Flask) -> None:
    beat("send-due", timedelta(seconds=9))
    with transaction() as session:
        heartbeats.record_failure(session, job="send-due", started_at=NOW, failed_at=NOW, detail="OperationalError")
        seen = {one.job: one for one in heartbeats.list_heartbeats(session, now=NOW)}["send-due"]
    assert (seen.state, seen.finished_at, seen.failed_at) == ("on-time", NOW - timedelta(seconds=9), NOW)


def test_figures_are_open_in_a_demo_without_a_token(client: Visitor) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert 'portal_job_late{job="send-due"} 1.0' in answer.text


def test_figures_say_when_each_job_last_ran(client: Visitor) -> None:
    beat("send-due", timedelta(seconds=9))
    (line,) = [one for one in client.get("/metrics").text.splitlines() if one.startswith("portal_job_finished")]
    assert float(line.rpartition(" ")[2]) == (NOW - timedelta(seconds=9)).timestamp()


@pytest.mark.parametrize(("given", "status"), [(None, 403), ("Bearer wrong", 403), ("Bearer right", 200)])
def test_a_token_closes_them_to_others(app: Flask, client: Visitor, given: str | None, status: int) -> None:
    app.config["PORTAL"] = replace(app.config["PORTAL"], metrics_token="right")
    assert client.get("/metrics", headers={"Authorization": given} if given else {}).status_code == status


def test_in_production_no_token_means_closed(app: Flask, client: Visitor) -> None:
    app.config["PORTAL"] = replace(app.config["PORTAL"], env="production")
    assert client.get("/metrics").status_code == 403
