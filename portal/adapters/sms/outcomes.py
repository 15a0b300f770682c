"""What may come of handing a text to a provider. Four answers, and only one of them lets us simply try again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from portal.domain.messages import MessageReason


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it, under its own id."""

    provider_id: str
    status: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """It will never go to this number in this form."""

    reason: MessageReason
    error_code: str


@dataclass(frozen=True, slots=True)
class Retryable:
    """Certainly not taken, and worth another try."""

    reason: MessageReason
    error_code: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No conclusive answer: the provider's list must be read before another try."""

    error_code: str


SendOutcome = Accepted | Rejected | Retryable | Unknown


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """A text in the provider's own list."""

    provider_id: str
    status: str
    error_code: str | None
    created_at: datetime


class TwilioSettings(Protocol):
    """What the sender needs of the settings; exactly one of ``sender`` and ``messaging_service_sid`` is filled."""

    @property
    def account_sid(self) -> str: ...
    @property
    def auth_token(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def messaging_service_sid(self) -> str: ...
    @property
    def api_base_url(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What is handed over. ``reference`` is our own id, the same in every try of the same row.

    A provider that sends only registered wordings takes ``approval`` (its own id of the template) and ``values``
    instead of ``body``. ``subject`` is an e-mail's.
    """

    to: str
    body: str
    reference: str
    callback_url: str = ""
    subject: str = ""
    approvals: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


class Sender(Protocol):
    """A way for texts to leave. Called from several threads at once."""

    @property
    def name(self) -> str: ...

    def send(self, text: OutgoingMessage, *, timeout: timedelta) -> SendOutcome:
        """Hand a text over; an answer that does not come in time is ``Unknown``. Raises nothing that was foreseen."""
        ...

    def find(self, text: OutgoingMessage, *, since: datetime, timeout: timedelta) -> tuple[ListedMessage, ...] | None:
        """The same wording to the same number since then, oldest first; None when the list could not be read."""
        ...

    def signature_is_valid(self, url: str, form: Mapping[str, str], signature: str) -> bool: ...
