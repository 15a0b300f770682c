"""Real processes, a real clock and a real HTTP server: what ``jobs run`` does when there are two of it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from config import Config
from portal.domain.access import SYSTEM, Role
from portal.extensions import db, transaction
from portal.models.messages import Message
from portal.models.people import Account
from portal.services import audit, enrolment
from tests.support.people import new_participant
from tests.support.servers.twilio import SID, TOKEN, LocalTwilio, local_twilio

ROOT = Path(__file__).parents[2]
JOBS = [sys.executable, "-m", "flask", "--app", "app", "jobs", "run"]
PLAN = [*JOBS, "--once", "plan-reminders"]
WORKER = [sys.executable, "-m", "tests.support.jobs.worker"]
PATIENCE = 150.0
Start = Callable[[list[str]], "subprocess.Popen[bytes]"]


@pytest.fixture
def twilio() -> Iterator[LocalTwilio]:
    with local_twilio() as server:
        yield server


@pytest.fixture
def environment(config: Config, twilio: LocalTwilio) -> dict[str, str]:
    return {
        **os.environ,
        "APP_ENV": "demo",
        "DATABASE_URL": config.database_url,
        "SECRET_KEY": config.secret_key,
        "FIELD_KEYS": config.field_keys[0],
        "BLIND_INDEX_KEY": config.blind_index_key,
        "SMS_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": "+15005550006",
        "TWILIO_API_BASE_URL": twilio.url,
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What all started processes say."""
    return tmp_path / "processes.log"


@pytest.fixture
def start(environment: dict[str, str], log: Path) -> Iterator[Start]:
    """Start a process; whatever still runs at the end is killed."""
    running: list[subprocess.Popen[bytes]] = []

    def start_one(command: list[str]) -> "subprocess.Popen[bytes]":
        with log.open("ab") as written:
            process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=written, stderr=written)
        running.append(process)
        return process

    yield start_one
    for process in running:
        process.kill()
        process.wait()


def noon_zone(now: datetime) -> ZoneInfo:
    """A time zone in which it is about noon, so that no test meets quiet hours."""
    east = (12 - now.hour + 12) % 24 - 12
    return ZoneInfo(f"Etc/GMT{-east:+d}" if east else "Etc/GMT")


def enrol_due(count: int) -> None:
    """So many participants whose reminder fell due five minutes ago by the real clock."""
    now = datetime.now(UTC)
    zone = noon_zone(now)
    due = (now - timedelta(minutes=5)).astimezone(zone)
    for number in range(1, count + 1):
        _enrol_one(number, zone.key, due.date(), due.time().replace(second=0, microsecond=0), now)
    with transaction() as session:
        audit.act(session, actor=SYSTEM, action="test:activate", now=now)
        session.execute(update(Account).values(activated_at=now))


def _enrol_one(number: int, zone: str, today: date, at: wall, now: datetime) -> None:
    account = enrolment.NewAccount(
        role=Role.PARTICIPANT, name="王小明", phone=f"+861380013{number:04}", language="zh-CN", reminder_at=at
    )
    person = new_participant(
        number, timezone=zone, transplant_on=today - timedelta(days=20), enrolled_on=today, accounts=(account,)
    )
    with transaction() as session:
        enrolment.register(session, actor=SYSTEM, person=person, now=now)


def count_in(state: str) -> int:
    found = db.session.scalar(select(func.count()).select_from(Message).where(Message.state == state)) or 0
    db.session.rollback()
    return found


def senders() -> set[str | None]:
    """Which workers handed texts over."""
    return set(db.session.scalars(select(Message.claimed_by).where(Message.state == "sent").distinct()))


def claimers() -> set[str | None]:
    """Which workers hold texts."""
    found = set(db.session.scalars(select(Message.claimed_by).where(Message.state == "claimed").distinct()))
    db.session.rollback()
    return found


def wait_until(condition: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    """The deadline is there to end a test that hangs: a busy machine may take its time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)
