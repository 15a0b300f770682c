"""Dying on purpose, for the drills that prove that nothing is lost: ``PORTAL_CRASH_AT=after-call:0.05,planning:1``.

Each marked point of the code kills its own process with the given probability, as ``kill -9`` would. Nothing is armed
unless a demo's process asks for it by name (``arm``), and production never does: there ``at`` looks into an empty dict.
"""

import os
import random
import signal
from collections.abc import Mapping
from typing import Final

VARIABLE: Final = "PORTAL_CRASH_AT"
POINTS: Final = ("planning", "after-claim", "before-call", "after-call", "before-record", "callback")
_armed: dict[str, float] = {}


def arm_faults(env: str, environ: Mapping[str, str]) -> None:
    """Read the variable, in a demo only. An unknown point is a ``ValueError``."""
    _armed.clear()
    if env == "demo" and environ.get(VARIABLE):
        _armed.update(parse_faults(environ[VARIABLE]))


def parse_faults(words: str) -> dict[str, float]:
    """``point:probability`` pairs with commas between."""
    pairs = (part.split(":", 1) for part in words.split(","))
    found = {point.strip(): float(probability) for point, probability in pairs}
    unknown = set(found) - set(POINTS)
    if unknown:
        raise ValueError(f"{VARIABLE}: no such point: {', '.join(sorted(unknown))}")
    return found


def maybe_crash_at(point: str) -> None:
    """A marked point: the process may end here, without a word."""
    if _armed and random.random() < _armed.get(point, 0.0):  # noqa: S311 - a drill, not a secret
        os.kill(os.getpid(), signal.SIGKILL)
