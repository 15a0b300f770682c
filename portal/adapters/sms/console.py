"""The built-in sender: no message leaves the machine. ``/staff/messages`` lists them; the log has their times."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from portal.adapters import logs
from portal.adapters.sms.outcomes import Accepted, ListedMessage, OutgoingMessage


class ConsoleSender:
    """Delivers at once. There is no list beside the ledger, so a text that was not recorded was not seen either."""

    name = "console"

    def send(self, text: OutgoingMessage, *, timeout: timedelta) -> Accepted:  # noqa: ARG002
        identity = uuid.uuid4().hex
        logs.get_logger("sms").info("text shown", provider=self.name, message_id=identity)
        return Accepted(provider_id=identity, status="delivered")

    def find(self, text: OutgoingMessage, *, since: datetime, timeout: timedelta) -> tuple[ListedMessage, ...]:  # noqa: ARG002
        return ()

    def signature_is_valid(self, url: str, form: Mapping[str, str], signature: str) -> bool:  # noqa: ARG002
        return False
