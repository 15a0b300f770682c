"""Real processes, a real clock and a real HTTP server: what ``jobs run`` does when there are two of it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Config
from tests.support.jobs.processes import ROOT, Start
from tests.support.servers.twilio import SID, TOKEN, LocalTwilio, local_twilio


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
