"""The audit log: recording events, the history of a row, search, and the hash chain that seals it."""

from portal.services.audit.history import ERASED, RowChange, decrypted, decrypted_reason, list_row_changes
from portal.services.audit.recording import begin

__all__ = ["ERASED", "RowChange", "begin", "decrypted", "decrypted_reason", "list_row_changes"]
