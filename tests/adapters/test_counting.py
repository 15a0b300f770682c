"""Counting tries within one process: windows that end, nothing kept of them, and no thread."""

import threading
import time

import pytest
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from portal.adapters.rate_limit_storage import SWEEP_SECONDS, ProcessStorage


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: at[0])
    return at


def test_a_limit_lets_through_what_it_says_and_opens_again_when_its_window_ends(clock: list[float]) -> None:
    limiter, three = FixedWindowRateLimiter(storage_from_string("process://")), parse("3 per minute")
    assert [limiter.hit(three, "somebody") for _ in range(4)] == [True, True, True, False]
    assert limiter.hit(three, "somebody else")
    clock[0] += 60
    assert limiter.hit(three, "somebody")


def test_what_is_over_is_forgotten(clock: list[float]) -> None:
    storage = ProcessStorage()
    for number in range(1000):
        storage.incr(f"key-{number}", 60)
    clock[0] += SWEEP_SECONDS
    storage.incr("another", 60)
    assert set(storage.storage) == set(storage.expirations) == {"another"}


def test_many_at_once_are_all_counted_and_no_thread_is_started() -> None:
    storage, each = ProcessStorage(), 2000
    storage.timer.join()
    before = threading.active_count()
    counting = [threading.Thread(target=lambda: [storage.incr("key", 60) for _ in range(each)]) for _ in range(4)]
    for one in counting:
        one.start()
    for one in counting:
        one.join()
    assert (storage.get("key"), threading.active_count()) == (4 * each, before)
