"""The commands of real processes, and waiting for what they do."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[3]
JOBS = [sys.executable, "-m", "flask", "--app", "app", "jobs", "run"]
PLAN = [*JOBS, "--once", "plan-reminders"]
WORKER = [sys.executable, "-m", "tests.support.jobs.worker"]
PATIENCE = 150.0
Start = Callable[[list[str]], "subprocess.Popen[bytes]"]


def wait_until(condition: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    """The deadline is there to end a test that hangs: a busy machine may take its time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)
