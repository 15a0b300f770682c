"""The audit log: recording events, the history of a row, search, and the hash chain that seals it."""

from portal.services.audit.history import ERASED, Change, history, opened, reason_of
from portal.services.audit.recording import act

__all__ = ["ERASED", "Change", "act", "history", "opened", "reason_of"]
