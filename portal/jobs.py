"""Background jobs. The scheduler only triggers; due work is stored in rows, so any number of processes may run."""

import logging
import os
import secrets
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any, Final

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from portal.adapters import logs
from portal.extensions import db, transaction
from portal.services import diary, heartbeats, messages, participation, triage, watching
from portal.services.audit import chain

Counts = dict[str, int]
CALLBACK_PATH: Final = "/webhooks/twilio/status"


@dataclass(frozen=True, slots=True)
class Worker:
    """One process: its application, its own name in claims, and the wish to end."""

    app: Flask
    name: str
    stop: Event

    @classmethod
    def of(cls, app: Flask) -> "Worker":
        name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
        return cls(app, name, Event())


def plan_reminders(_worker: Worker, now: datetime) -> Counts:
    """Make the rows of what falls due in the next 24 hours."""
    with transaction() as session:
        return {"planned": messages.plan_reminders(session, now=now)}


def send_due_messages(worker: Worker, now: datetime) -> Counts:
    """Hand over what is due, look for what a dead worker left, and end what is stale."""
    config = worker.app.config["PORTAL"]
    return messages.send_due(
        transaction,
        now=now,
        worker=worker.name,
        callback_url=config.public_url + CALLBACK_PATH,
        pace=worker.app.config.get("PACE"),
        stop=worker.stop.is_set,
    )


def close_unreceipted_messages(_worker: Worker, now: datetime) -> Counts:
    """End what was handed over 72 hours ago and has had no receipt since."""
    with transaction() as session:
        return {"closed": messages.close_unreceipted(session, now=now)}


def escalate_overdue(_worker: Worker, now: datetime) -> Counts:
    """Take what nobody has looked at in time down the rota."""
    return {"escalated": triage.escalate_episodes(transaction, now=now)}


# What opens tasks without a report, by the name of its count.
TASK_OPENINGS: Final = {
    "unreachable_phones": watching.open_unreachable_tasks,
    "reconsents": watching.open_reconsent_tasks,
    "bilirubins": watching.open_scheduled_bilirubins,
    "confirmations": watching.open_assumption_tasks,
}


def judge_and_open_tasks(_worker: Worker, now: datetime) -> Counts:
    """Store the red drafts whose day is over, then judge the diaries that did not come, and open the tasks that no
    report opens.
    """
    counts = {"drafts": diary.store_overdue_drafts(transaction, now=now)}
    counts["missed"] = watching.judge_missed_diaries(transaction, now=now)
    for name, open_tasks in TASK_OPENINGS.items():
        with transaction() as session:
            counts[name] = open_tasks(session, now=now)
    return counts


def end_pauses(_worker: Worker, now: datetime) -> Counts:
    """Stays whose day has come are over, and who was paused takes part again."""
    with transaction() as session:
        return {"resumed": participation.resume_due_participants(session, now=now)}


def seal_audit(worker: Worker, now: datetime) -> Counts:
    """Seal new audit events into the chain, and sign an anchor of its head once a day."""
    sealed, batch = 0, chain.BATCH
    while batch == chain.BATCH and not worker.stop.is_set():
        with transaction() as session:
            batch = chain.seal_events(session, now=now)
        sealed += batch
    with transaction() as session:
        secret = worker.app.config["PORTAL"].audit_signing_key
        return {"sealed": sealed, "anchored": chain.sign_due_anchor(session, secret=secret, now=now)}


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    run: Callable[[Worker, datetime], Counts]

    @property
    def seconds(self) -> float:
        return heartbeats.JOB_INTERVALS[self.id].total_seconds()


JOBS: Final = (
    Job("plan-reminders", plan_reminders),
    Job("send-due", send_due_messages),
    Job("close-unreceipted", close_unreceipted_messages),
    Job("escalate", escalate_overdue),
    Job("watch", judge_and_open_tasks),
    Job("end-pauses", end_pauses),
    Job("seal-audit", seal_audit),
)


def run_once(worker: Worker, job: Job) -> Counts:
    """One round within an application context, with its heartbeat; an error is noted and raised."""
    started_at = datetime.now(UTC)
    try:
        counts = job.run(worker, started_at)
    except Exception as error:
        with transaction() as session:
            heartbeats.record_failure(
                session, job=job.id, started_at=started_at, failed_at=datetime.now(UTC), detail=type(error).__name__
            )
        raise
    with transaction() as session:
        heartbeats.record_run(
            session, job=job.id, started_at=started_at, finished_at=datetime.now(UTC), detail=str(counts)
        )
    return counts


def run_tick(worker: Worker, job: Job) -> None:
    """Run one round from the scheduler: no error stops the scheduler."""
    log = logs.get_logger("jobs")
    with worker.app.app_context():
        try:
            counts = run_once(worker, job)
        except Exception as error:
            log.exception("job failed", job=job.id, error=type(error).__name__)
            return
        finally:
            db.session.close()
    if any(counts.values()):
        log.info("job done", job=job.id, count=sum(counts.values()))


def run_scheduler(app: Flask) -> None:
    """Tick until SIGTERM or SIGINT; calls in the air are finished and recorded first."""
    worker = Worker.of(app)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stop.set())
    scheduler = _scheduler(worker)
    scheduler.start()
    logs.get_logger("jobs").info("jobs running", pid=os.getpid())
    worker.stop.wait()
    scheduler.shutdown(wait=True)


def _scheduler(worker: Worker) -> Any:
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # a round that is still running is no news
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job in JOBS:
        scheduler.add_job(
            run_tick, "interval", seconds=job.seconds, args=[worker, job], id=job.id, next_run_time=datetime.now(UTC)
        )
    return scheduler
