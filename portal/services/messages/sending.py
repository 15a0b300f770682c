"""The one verb that is given the transaction: it claims, lets the connection go, calls the provider, then records."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters import logs, sms
from portal.domain.access import SYSTEM
from portal.domain.messages import Pace
from portal.services import audit
from portal.services.messages import claiming
from portal.services.messages.claiming import Job
from portal.services.messages.recording import Adopted, Lapsed, Result, record

Transaction = Callable[[], AbstractContextManager[Session]]
Counts = dict[str, int]
NAMES: Final[Mapping[type[Result], str]] = MappingProxyType(
    {
        sms.Taken: "sent",
        sms.Refused: "refused",
        sms.Later: "later",
        sms.Unknown: "unknown",
        Adopted: "adopted",
        Lapsed: "expired",
    }
)


def send_due(
    transaction: Transaction,
    *,
    now: datetime,
    worker: str,
    callback_url: str,
    pace: Pace | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Counts:
    """Hand over everything that is due, a few at a time, until nothing is left, ``stop`` says so or the tick is long.

    A text is claimed only when a thread is free for it, in the same transaction that looks once more whether it
    should go, and nothing of the database is held while the provider is called. ``now`` is the start of the tick.
    """
    round_ = _Round(transaction, now, worker, callback_url, pace or Pace(), sms.sender(), stop)
    with ThreadPoolExecutor(round_.pace.threads, thread_name_prefix="sms") as pool:
        round_.run(pool)
    return dict(round_.counts)


@dataclass
class _Round:
    """One tick of one worker."""

    transaction: Transaction
    started_at: datetime
    worker: str
    callback_url: str
    pace: Pace
    sender: sms.Sender
    stop: Callable[[], bool]
    counts: Counter[str] = field(default_factory=Counter)
    flying: dict[Future[Result], Job] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)

    def run(self, pool: ThreadPoolExecutor) -> None:
        more, finished = True, list[tuple[Job, Result]]()
        while more or self.flying or finished:
            jobs, more = self._record_and_claim(finished)
            for job in jobs:
                self.flying[pool.submit(self._hand_over, job)] = job
            finished = self._wait()

    def _now(self) -> datetime:
        return self.started_at + timedelta(seconds=time.monotonic() - self.began)

    def _record_and_claim(self, finished: list[tuple[Job, Result]]) -> tuple[tuple[Job, ...], bool]:
        """The next texts to hand over, and whether there may be more after them."""
        now = self._now()
        with self.transaction() as session:
            if not finished and not claiming.anything_due(session, now=now):
                return (), False
            audit.act(session, actor=SYSTEM, action="message:send", now=now)
            record(session, results=finished, provider=self.sender.name, worker=self.worker, now=now)
            self.counts.update(NAMES[type(result)] for _, result in finished)
            return self._claim(session, now)

    def _claim(self, session: Session, now: datetime) -> tuple[tuple[Job, ...], bool]:
        if self.stop() or now - self.started_at > self.pace.longest_tick:
            return (), False
        ended = 0 if self.flying else claiming.expire(session, now=now)
        free = self.pace.threads - len(self.flying)
        jobs, counted = claiming.claim(
            session, now=now, worker=self.worker, limit=free, pace=self.pace, reminders=protocols.load().reminders
        )
        self.counts.update({**counted, "expired": ended})
        return jobs, bool(ended) or any(counted.values())

    def _wait(self) -> list[tuple[Job, Result]]:
        if not self.flying:
            return []
        done, _ = wait(self.flying, return_when=FIRST_COMPLETED)
        return [(self.flying.pop(future), future.result()) for future in done]

    def _hand_over(self, job: Job) -> Result:
        """In a thread, without a session. What nobody foresaw counts as unknown: the provider's list will tell."""
        try:
            return self._found_or_sent(job)
        except Exception as error:
            logs.get("messages").exception("call failed", message_id=job.message_id, error=type(error).__name__)
            return sms.Unknown("internal")

    def _found_or_sent(self, job: Job) -> Result:
        if job.look_since is not None:
            known = self._look(job, job.look_since)
            if known is not None:
                return known
        url = f"{self.callback_url}?{urlencode({'token': job.token})}"
        return self.sender.send(to=job.to, body=job.body, callback_url=url, timeout=self.pace.call_timeout)

    def _look(self, job: Job, since: datetime) -> Result | None:
        """Read the provider's list before anything is sent again; None when the text is not there."""
        found = self.sender.find(to=job.to, body=job.body, since=since, timeout=self.pace.call_timeout)
        if found is None:
            return sms.Unknown("no-list")
        ours = [one for one in found if one.provider_id not in job.known_ids]
        if ours:
            return Adopted(ours[0])
        return Lapsed() if self._now() >= job.expires_at else None
