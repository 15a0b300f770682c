"""The row of a text that has not been called yet: what every way of making one has in common."""

import secrets
from datetime import datetime
from typing import Any

from portal.adapters import message_templates
from portal.domain.messages import MessageKind, MessageState


def new_row(
    *, recipient: str, kind: MessageKind, dedupe_key: str, language: str, now: datetime, expires_at: datetime
) -> dict[str, Any]:
    """Column values of ``Message``, due at once. ``recipient``: ``account:1``, ``staff:1`` or ``invitation:1``."""
    return {
        "recipient": recipient,
        "kind": kind,
        "dedupe_key": dedupe_key,
        "token": secrets.token_hex(16),
        "template_version": message_templates.CURRENT,
        "language": language,
        "state": MessageState.PLANNED,
        "not_before_at": now,
        "expires_at": expires_at,
        "created_at": now,
        "attempts": 0,
    }
