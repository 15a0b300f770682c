"""The signs of life of the jobs: when each last ran to its end, and whether one is late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.models.jobs import Heartbeat
from portal.models.upsert import insert_into

JOB_INTERVALS: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "plan-reminders": timedelta(seconds=60),
        "send-due": timedelta(seconds=5),
        "close-unreceipted": timedelta(minutes=10),
        "escalate": timedelta(seconds=30),
        "watch": timedelta(seconds=120),
        "end-pauses": timedelta(minutes=10),
        "seal-audit": timedelta(seconds=10),
    }
)
# A round may take a while when much is due; three missed rounds and two minutes are more than that.
LATE_GRACE: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class HeartbeatView:
    """``state`` is ``never`` until the job has once run to its end."""

    job: str
    state: Literal["on-time", "late", "never"]
    finished_at: datetime | None
    failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Readiness:
    """Only the database decides whether pages can be served; a late job must not take the diary off the air."""

    database: bool
    jobs: tuple[HeartbeatView, ...]


def record_run(session: Session, *, job: str, started_at: datetime, finished_at: datetime, detail: str) -> None:
    _beat(session, job=job, started_at=started_at, finished_at=finished_at, detail=detail[:200])


def record_failure(session: Session, *, job: str, started_at: datetime, failed_at: datetime, detail: str) -> None:
    """``detail`` names the kind of error and no data."""
    _beat(session, job=job, started_at=started_at, failed_at=failed_at, detail=detail[:200])


def list_heartbeats(session: Session, *, now: datetime) -> tuple[HeartbeatView, ...]:
    """Every job of ``EVERY``, whether it has ever run or not."""
    rows = {row.job: row for row in session.scalars(select(Heartbeat))}
    return tuple(_seen(job, every, rows.get(job), now) for job, every in JOB_INTERVALS.items())


def list_overdue_jobs(session: Session, *, now: datetime, up_for: timedelta) -> tuple[str, ...]:
    """The jobs that staff must be warned of: late ones, and those that never ran although web has long been up."""
    return tuple(
        beat.job
        for beat in list_heartbeats(session, now=now)
        if beat.state == "late" or (beat.state == "never" and up_for > _patience(JOB_INTERVALS[beat.job]))
    )


def check_readiness(session: Session, *, now: datetime) -> Readiness:
    try:
        return Readiness(True, list_heartbeats(session, now=now))
    except SQLAlchemyError:
        session.rollback()
        return Readiness(False, ())


def _beat(session: Session, **values: Any) -> None:
    insert = insert_into(session, Heartbeat).values(**values)
    session.execute(insert.on_conflict_do_update(index_elements=["job"], set_=values))


def _seen(job: str, every: timedelta, row: Heartbeat | None, now: datetime) -> HeartbeatView:
    finished_at = row.finished_at if row else None
    failed_at = row.failed_at if row else None
    if finished_at is None:
        return HeartbeatView(job, "never", None, failed_at)
    late = now - finished_at > _patience(every)
    return HeartbeatView(job, "late" if late else "on-time", finished_at, failed_at)


def _patience(every: timedelta) -> timedelta:
    return 3 * every + LATE_GRACE
