"""One round of the crash drill: due texts, several processes, and death at each marked point. And the counts.

The first process dies while planning; then one process a point dies there, each replaced by the next; what is left of
the round runs undisturbed until every text has come to its end.
"""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, func, select, text

from portal.adapters import fault_injection
from portal.models.messages import Message
from tests.support.jobs.receipts import Receipts
from tests.support.servers.twilio import LocalTwilio

ROOT = Path(__file__).parents[3]
WORKER, WEB = "tests.support.jobs.worker", "tests.support.jobs.web_server"
ENDED = ("delivered", "failed", "suppressed", "expired")


@dataclass
class Outcome:
    """``kills`` by marked point. ``lost`` were never taken by the provider, ``duplicates`` more than once; ``states``
    are where the rows of the round stand, and ``uncertain`` those that went again after an unknown end."""

    texts: int
    processes: int
    kills: dict[str, int] = field(default_factory=dict)
    taken: int = 0
    lost: int = 0
    duplicates: int = 0
    uncertain: int = 0
    states: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def as_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass
class Drill:
    """``probability`` of dying at a point each time that it is passed."""

    engine: Engine
    twilio: LocalTwilio
    environment: Mapping[str, str]
    probability: float
    running: dict["subprocess.Popen[bytes]", str] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    web: "subprocess.Popen[bytes] | None" = None

    def round(self, *, texts: int, processes: int, seconds: float) -> Outcome:
        """Raises AssertionError when a text has not come to its end in time."""
        began = time.monotonic()
        receipts = Receipts()
        self.twilio.taken = receipts
        self.kills.clear()
        try:
            self._run(processes, began + seconds)
        finally:
            self._end()
            receipts.stop()
        return self._outcome(texts, processes, time.monotonic() - began)

    def _run(self, processes: int, deadline: float) -> None:
        points = [point for point in fault_injection.POINTS if point not in {"planning", "callback"}]
        random.shuffle(points)
        self.web = self._start(WEB, "callback")
        self._start(WORKER, "planning", certain=True)
        wait_for(self._reap, deadline)
        for _ in range(processes):
            self._start(WORKER, points.pop() if points else "")
        while not self._all_ended():
            assert time.monotonic() < deadline, self._states()
            for module in self._reap():
                point = points.pop() if points and module == WORKER else ""
                replacement = self._start(module, point)
                self.web = replacement if module == WEB else self.web
            time.sleep(0.3)

    def _start(self, module: str, point: str, *, certain: bool = False) -> "subprocess.Popen[bytes]":
        crash = {fault_injection.VARIABLE: f"{point}:{1 if certain else self.probability}"} if point else {}
        process = subprocess.Popen(
            [sys.executable, "-m", module], env={**self.environment, **crash}, cwd=ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.running[process] = point
        return process

    def _reap(self) -> list[str]:
        """Which modules died; a death that was not asked for is an error."""
        dead = [process for process in self.running if process.poll() is not None]
        for process in dead:
            point = self.running.pop(process)
            assert (process.returncode, bool(point)) == (-signal.SIGKILL, True), (process.args, process.returncode)
            self.kills[point] += 1
        return [WEB if process is self.web else WORKER for process in dead]

    def _end(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()
        self.running.clear()

    def _states(self) -> dict[str, int]:
        due = Message.not_before_at <= datetime.now(UTC)  # tomorrow's are planned as well, and stay so
        query = select(Message.state, func.count()).where(due).group_by(Message.state)
        with self.engine.connect() as connection:
            return {state: number for state, number in connection.execute(query)}  # noqa: C416 - a row is no tuple

    def _all_ended(self) -> bool:
        states = self._states()
        return bool(states) and all(state in ENDED for state in states)

    def _outcome(self, texts: int, processes: int, seconds: float) -> Outcome:
        with self.engine.connect() as connection:
            uncertain = connection.execute(text("SELECT count(*) FROM message WHERE uncertain_at IS NOT NULL")).scalar()
        numbers = Counter(one["to"] for one in self.twilio.texts)
        return Outcome(
            texts=texts,
            processes=processes,
            kills=dict(self.kills),
            taken=len(self.twilio.texts),
            lost=texts - len(numbers),
            duplicates=sum(count - 1 for count in numbers.values()),
            uncertain=int(uncertain or 0),
            states=self._states(),
            seconds=round(seconds, 1),
        )


def fresh(engine: Engine, twilio: LocalTwilio) -> None:
    """As before the first plan: the same people, no texts, and a provider that has seen none."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM message"))
    with twilio.lock:
        twilio.texts.clear()


def wait_for(condition: object, deadline: float) -> None:
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)
