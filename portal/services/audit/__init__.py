"""The audit log: recording events, the history of a row, search, and the hash chain that seals it."""

from portal.services.audit.history import ERASED, Change, history, opened, reason_of
from portal.services.audit.recording import act, done, tell

__all__ = ["ERASED", "Change", "act", "done", "history", "opened", "reason_of", "tell"]
