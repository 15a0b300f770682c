"""Counters of one process, for the limits on how often somebody may try.

limits' own ones start a thread for almost every request, to forget what is over: half a millisecond each. These forget
on their way. Registered by its scheme when it is imported.
"""

import time
from threading import Lock
from typing import Any, Final

from limits.storage import MemoryStorage

SCHEME: Final = "process"
SWEEP_SECONDS: Final = 60.0


class ProcessStorage(MemoryStorage):
    """Fixed windows only: what ``hit`` counts, in a count and an end for each key."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - as limits reads it

    def __init__(self, uri: str | None = None, *, wrap_exceptions: bool = False, **options: Any) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._counting = Lock()
        self._sweep_at = 0.0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count one more try; the count within the window, which begins with its first and lasts ``expiry`` seconds."""
        now = time.time()
        with self._counting:
            if now >= self._sweep_at:
                self._forget(now)
            if self.expirations.get(key, 0) <= now:
                self.storage[key], self.expirations[key] = 0, now + expiry
            self.storage[key] += amount
            return self.storage[key]

    def _forget(self, now: float) -> None:
        self._sweep_at = now + SWEEP_SECONDS
        for key in [key for key, end in self.expirations.items() if end <= now]:
            self.clear(key)
