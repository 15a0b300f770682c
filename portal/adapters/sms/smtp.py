"""E-mail to staff through an SMTP server, behind the same protocol as texts.

A mail server keeps no list that could be read, so a mail of which nobody knows is sent again: under the same
``Message-ID``, by which mailboxes fold the two into one.
"""

import smtplib
import ssl
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote, urlsplit

from portal.adapters.sms.outcomes import (
    Accepted,
    ListedMessage,
    OutgoingMessage,
    Rejected,
    Retryable,
    SendOutcome,
    Unknown,
)
from portal.domain.messages import MessageReason

if TYPE_CHECKING:
    from collections.abc import Iterator


LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """``smtp://user:password@host:587/?from=portal@example.org``; ``smtps`` speaks TLS from the first byte.

    On ``smtp`` TLS is begun before anything is said; without it only a server on this machine is spoken to.
    """

    host: str
    port: int
    tls: bool
    user: str
    password: str
    origin: str
    name: str = "smtp"

    @classmethod
    def of(cls, url: str) -> "SmtpSender":
        parts = urlsplit(url)
        host, tls = parts.hostname or "localhost", parts.scheme == "smtps"
        origin = parse_qs(parts.query).get("from", [f"portal@{host}"])[0]
        return cls(
            host=host,
            port=parts.port or (465 if tls else 25),
            tls=tls,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            origin=origin,
        )

    def send(self, text: OutgoingMessage, *, timeout: timedelta) -> SendOutcome:
        try:
            with self._connected(timeout.total_seconds()) as server:
                return self._mailed(server, text)
        except smtplib.SMTPAuthenticationError as error:
            return Retryable(MessageReason.PROVIDER_BUSY, str(error.smtp_code))
        except (smtplib.SMTPException, OSError):
            return Retryable(MessageReason.PROVIDER_BUSY, "unreachable")

    def find(self, text: OutgoingMessage, *, since: datetime, timeout: timedelta) -> tuple[ListedMessage, ...]:  # noqa: ARG002
        return ()

    def signature_is_valid(self, url: str, form: Mapping[str, str], signature: str) -> bool:  # noqa: ARG002
        return False

    @contextmanager
    def _connected(self, seconds: float) -> "Iterator[smtplib.SMTP]":
        context = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(self.host, self.port, timeout=seconds, context=context)
            if self.tls
            else smtplib.SMTP(self.host, self.port, timeout=seconds)
        )
        try:
            server.ehlo()
            if not self.tls and (server.has_extn("starttls") or self.host not in LOOPBACK):
                server.starttls(context=context)  # raises where it is not offered
            if self.user:
                server.login(self.user, self.password)
            yield server
        finally:
            server.close()

    def _mailed(self, server: smtplib.SMTP, text: OutgoingMessage) -> SendOutcome:
        identity = f"<{text.reference}@{self.origin.rpartition('@')[2]}>"
        try:
            server.send_message(self._mail(text, identity))
        except smtplib.SMTPRecipientsRefused as error:
            return outcome_of_reply(next(iter(error.recipients.values()))[0])
        except smtplib.SMTPResponseException as error:
            return outcome_of_reply(error.smtp_code)
        except (smtplib.SMTPException, OSError):
            return Unknown("no-answer")
        return Accepted(provider_id=identity[:64], status="sent")

    def _mail(self, text: OutgoingMessage, identity: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self.origin, text.to, text.subject
        mail["Message-ID"], mail["Auto-Submitted"] = identity, "auto-generated"
        mail.set_content(text.body)
        return mail


def outcome_of_reply(code: int) -> SendOutcome:
    """RFC 5321: 4xx is "not now", 5xx is "not ever"."""
    if 400 <= code < 500:
        return Retryable(MessageReason.PROVIDER_BUSY, str(code))
    return Rejected(MessageReason.UNREACHABLE if code in {550, 551, 553} else MessageReason.PROVIDER_REFUSED, str(code))
