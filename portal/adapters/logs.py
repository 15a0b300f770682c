"""Structured logs without personal data: one JSON object a line, known keys only."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

# A key that is not here does not reach the log, whatever a careless line passes.
KNOWN_KEYS = frozenset(
    {
        "event", "level", "timestamp", "logger", "request_id", "method", "route", "status", "ms", "job", "count",
        "state", "kind", "provider", "error", "error_code", "message_id", "attempts", "faults", "action", "role",
        "where", "who", "port", "host", "pid", "to_loopback", "outcome", "frames",
    }
)  # fmt: skip


def _only_known(_logger: Any, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in entry.items() if key in KNOWN_KEYS}


def configure_logging(*, testing: bool = False) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_known,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if testing else logging.INFO),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=not testing,
    )


def get_logger(where: str) -> Any:
    """Return a logger bound to the name of the calling module."""
    return structlog.get_logger(where=where)


def format_frames(error: BaseException) -> list[str]:
    """The way to an error as ``file:line function``, innermost last, without values."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
