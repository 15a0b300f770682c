"""Twilio through its own client. No retries below this line: only the ledger knows whether a text may go again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from requests import ConnectTimeout, RequestException
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance, MessageList
from urllib3.exceptions import MaxRetryError, NewConnectionError

from portal.adapters.sms.outcomes import (
    Accepted,
    ListedMessage,
    OutgoingMessage,
    Rejected,
    Retryable,
    SendOutcome,
    TwilioSettings,
    Unknown,
)
from portal.adapters.sms.twilio_errors import BUSY, FINAL, LATER_STATUSES, final_reason
from portal.domain.messages import MessageReason

LISTED = 50
CONNECTIONS = 32


class TwilioSender:
    """Sends from a number or a Messaging Service; a base URL on loopback addresses a local server."""

    name = "twilio"

    def __init__(self, settings: TwilioSettings) -> None:
        self._settings = settings
        self._clients: dict[float, Client] = {}
        self._validator = RequestValidator(settings.auth_token)

    def send(self, text: OutgoingMessage, *, timeout: timedelta) -> SendOutcome:
        messages = self._messages(timeout)
        try:
            made = messages.create(to=text.to, body=text.body, status_callback=text.callback_url, **self._origin())
        except (TwilioException, RequestException, ValueError) as error:
            return outcome_of(error)
        return Accepted(provider_id=str(made.sid), status=str(made.status))

    def find(self, text: OutgoingMessage, *, since: datetime, timeout: timedelta) -> tuple[ListedMessage, ...] | None:
        """Read by number alone and sifted here: a queued text has no sending date yet that could be asked for."""
        try:
            listed = self._messages(timeout).list(to=text.to, limit=LISTED)
        except (TwilioException, RequestException, ValueError):
            return None
        ours = (_found(one) for one in listed if one.body == text.body)
        return tuple(sorted((one for one in ours if one.created_at >= since), key=lambda one: one.created_at))

    def signature_is_valid(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        return bool(self._validator.validate(url, dict(form), signature))

    def _origin(self) -> dict[str, str]:
        if self._settings.messaging_service_sid:
            return {"messaging_service_sid": self._settings.messaging_service_sid}
        return {"from_": self._settings.sender}

    def _messages(self, timeout: timedelta) -> MessageList:
        seconds = timeout.total_seconds()
        if seconds not in self._clients:
            self._clients[seconds] = _client(self._settings, seconds)
        return self._clients[seconds].messages


def _client(settings: TwilioSettings, timeout_seconds: float) -> Client:
    http = TwilioHttpClient(timeout=timeout_seconds)
    adapter = HTTPAdapter(pool_maxsize=CONNECTIONS, max_retries=0)
    http.session.mount("https://", adapter)
    http.session.mount("http://", adapter)
    client = Client(settings.account_sid, settings.auth_token, http_client=http)
    if settings.api_base_url:
        http.session.trust_env = False  # a proxy from the environment must not carry off what is meant for loopback
        client.api.base_url = settings.api_base_url
    return client


def _found(message: MessageInstance) -> ListedMessage:
    created: datetime = message.date_created
    code = message.error_code
    return ListedMessage(
        provider_id=str(message.sid),
        status=str(message.status),
        error_code=None if code is None else str(code),
        created_at=created if created.tzinfo else created.replace(tzinfo=UTC),
    )


def outcome_of(error: Exception) -> SendOutcome:
    """Map a failed call to an outcome. Only a response, or a connection never made, proves that it was not accepted."""
    if isinstance(error, TwilioRestException | TwilioServiceException):
        return _answered(error.status, str(error.code or error.status))
    if _never_connected(error):
        return Retryable(MessageReason.PROVIDER_BUSY, "unreachable")
    return Unknown("no-answer")


def _answered(status: int, code: str) -> SendOutcome:
    if code in FINAL:
        return Rejected(FINAL[code], code)
    if status >= 500:
        return Unknown(code)
    if status in LATER_STATUSES or code in BUSY:
        return Retryable(MessageReason.PROVIDER_BUSY, code)
    return Rejected(final_reason(code), code)


def _never_connected(error: Exception) -> bool:
    if isinstance(error, ConnectTimeout):
        return True
    cause: object = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
