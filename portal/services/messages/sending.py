"""The one verb that is given the transaction: it claims, lets the connection go, calls the provider, then records."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters import fault_injection, logs, message_templates, sms
from portal.domain.access import SYSTEM
from portal.domain.messages import MessageReason, SendPace
from portal.models.base import Transaction
from portal.services import audit
from portal.services.messages import claiming
from portal.services.messages.claiming import SendJob
from portal.services.messages.recording import FoundAtProvider, NotAtProvider, Result, WithheldMessage, record_results

Counts = dict[str, int]
GATHERING: Final = 0.01  # seconds
NAMES: Final[Mapping[type[Result], str]] = MappingProxyType(
    {
        sms.Accepted: "sent",
        sms.Rejected: "refused",
        sms.Retryable: "later",
        sms.Unknown: "unknown",
        FoundAtProvider: "adopted",
        NotAtProvider: "absent",
        WithheldMessage: "withheld",
    }
)


def send_due(
    transaction: Transaction,
    *,
    now: datetime,
    worker: str,
    callback_url: str,
    pace: SendPace | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Counts:
    """Hand over everything that is due, a few at a time, until nothing is left, ``stop`` says so or the tick is long.

    A text is claimed only when a thread is free for it, in the same transaction that looks once more whether it
    should go, and nothing of the database is held while the provider is called. ``now`` is the start of the tick.
    """
    round_ = _Round(transaction, now, worker, callback_url, pace or _usual_pace(), stop)
    with ThreadPoolExecutor(round_.pace.threads, thread_name_prefix="sms") as pool:
        round_.run(pool)
    return dict(round_.counts)


def _usual_pace() -> SendPace:
    per_second, calls = message_templates.get_route(sms.get_sender().name)
    return SendPace(threads=calls, per_second=per_second)


class Throttle:
    """So many texts a second and no more; what was not used is saved for a quarter of a second."""

    def __init__(self, per_second: float) -> None:
        self._rate, self._most = per_second, max(1.0, per_second / 4)
        self._left, self._at = self._most, time.monotonic()

    def wait(self) -> int:
        """How many may go now; waits until it is at least one."""
        self._refill()
        if self._left < 1:
            time.sleep((1 - self._left) / self._rate)
            self._refill()
        return max(1, int(self._left))

    def spend(self, count: int) -> None:
        self._left -= count

    def _refill(self) -> None:
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now


@dataclass
class _Round:
    """One tick of one worker."""

    transaction: Transaction
    started_at: datetime
    worker: str
    callback_url: str
    pace: SendPace
    stop: Callable[[], bool]
    counts: Counter[str] = field(default_factory=Counter)
    flying: dict[Future[Result], SendJob] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    throttle: Throttle = field(init=False)

    def __post_init__(self) -> None:
        self.throttle = Throttle(self.pace.per_second)

    def run(self, pool: ThreadPoolExecutor) -> None:
        more, finished = True, list[tuple[SendJob, Result]]()
        while more or self.flying or finished:
            jobs, more = self._record_and_claim(finished)
            fault_injection.maybe_crash_at("after-claim")
            go, finished = self._last_look(jobs)
            for job in go:
                self.flying[pool.submit(self._hand_over, job)] = job
            finished += self._wait()

    def _now(self) -> datetime:
        return self.started_at + timedelta(seconds=time.monotonic() - self.began)

    def _record_and_claim(self, finished: list[tuple[SendJob, Result]]) -> tuple[tuple[SendJob, ...], bool]:
        """The next texts to hand over, and whether there may be more after them.

        The time is taken within the transaction: a lease must not have run while the database was waited for.
        """
        room = min(self.throttle.wait(), self.pace.threads - len(self.flying))
        with self.transaction() as session:
            now = self._now()
            if not finished and not claiming.has_due_messages(session, now=now):
                return (), False
            audit.begin(session, actor=SYSTEM, action="message:send", now=now)
            record_results(session, results=finished, worker=self.worker, now=now)
            self.counts.update(NAMES[type(result)] for _, result in finished)
            if finished:
                fault_injection.maybe_crash_at("before-record")
            return self._claim(session, now, room)

    def _claim(self, session: Session, now: datetime, room: int) -> tuple[tuple[SendJob, ...], bool]:
        if self.stop() or now - self.started_at > self.pace.longest_tick:
            return (), False
        ended = 0 if self.flying else claiming.expire_messages(session, now=now)
        jobs, counted = claiming.claim_messages(
            session,
            now=now,
            worker=self.worker,
            limit=room,
            pace=self.pace,
            reminders=protocols.load_protocol().reminders,
        )
        self.throttle.spend(len(jobs))
        self.counts.update({**counted, "expired": ended})
        return jobs, bool(ended) or any(counted.values())

    def _last_look(self, jobs: tuple[SendJob, ...]) -> tuple[list[SendJob], list[tuple[SendJob, Result]]]:
        """A change of mind that was committed since the claim still counts. Then the connection is let go."""
        fresh = [job for job in jobs if job.look_since is None]
        if not fresh:
            return list(jobs), []
        with self.transaction() as session:
            good = claiming.recheck_jobs(session, fresh, now=self._now(), reminders=protocols.load_protocol().reminders)
        held = [job for job in fresh if job.message_id not in good]
        return [job for job in jobs if job not in held], [(job, WithheldMessage()) for job in held]

    def _wait(self) -> list[tuple[SendJob, Result]]:
        """What has come back; a little later than the first, so that one transaction serves several."""
        if not self.flying:
            return []
        wait(self.flying, return_when=FIRST_COMPLETED)
        done, _ = wait(self.flying, timeout=GATHERING)
        return [(self.flying.pop(future), future.result()) for future in done]

    def _hand_over(self, job: SendJob) -> Result:
        """In a thread, without a session. What nobody foresaw counts as unknown: the provider's list will tell."""
        try:
            return self._call(job) if job.look_since is None else self._look(job, job.look_since)
        except Exception as error:
            logs.get_logger("messages").exception("call failed", message_id=job.message_id, error=type(error).__name__)
            return sms.Unknown("internal")

    def _call(self, job: SendJob) -> Result:
        if not sms.has_channel(job.channel):
            return sms.Retryable(MessageReason.PROVIDER_BUSY, "no-sender")
        if self._now() > job.call_by:
            return WithheldMessage()
        text = replace(job.text, callback_url=f"{self.callback_url}?{urlencode({'token': job.text.reference})}")
        fault_injection.maybe_crash_at("before-call")
        outcome = sms.get_sender(job.channel).send(text, timeout=self.pace.call_timeout)
        fault_injection.maybe_crash_at("after-call")
        return outcome

    def _look(self, job: SendJob, since: datetime) -> Result:
        """Read the provider's list before anything is decided about a text that may have gone already."""
        if not sms.has_channel(job.channel):
            return sms.Unknown("no-sender")
        found = sms.get_sender(job.channel).find(job.text, since=since, timeout=self.pace.call_timeout)
        if found is None:
            return sms.Unknown("no-list")
        ours = [one for one in found if one.provider_id not in job.known_ids]
        return FoundAtProvider(ours[0]) if ours else NotAtProvider()
