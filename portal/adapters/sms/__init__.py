"""Sending texts and e-mails. One small protocol; ``configure`` puts the ways out in place when the portal starts."""

from portal.adapters.sms.outcomes import (
    Accepted,
    ListedMessage,
    OutgoingMessage,
    Rejected,
    Retryable,
    Sender,
    SendOutcome,
    TwilioSettings,
    Unknown,
)
from portal.adapters.sms.twilio_errors import final_reason
from portal.domain.messages import Channel

__all__ = [
    "Accepted",
    "ListedMessage",
    "OutgoingMessage",
    "Rejected",
    "Retryable",
    "SendOutcome",
    "Sender",
    "Unknown",
    "configure_senders",
    "final_reason",
    "get_sender",
    "has_channel",
]

_senders: dict[str, Sender] = {}


def configure_senders(provider: str, twilio: TwilioSettings | None, smtp_url: str | None = None) -> None:
    """``console``, or ``twilio`` with its settings; e-mail where an SMTP server is named.

    The real client is imported only when it is wanted.
    """
    _senders.clear()
    if provider == "twilio" and twilio is not None:
        from portal.adapters.sms.twilio import TwilioSender

        _senders["sender"] = TwilioSender(twilio)
    else:
        from portal.adapters.sms.console import ConsoleSender

        _senders["sender"] = ConsoleSender()
    if smtp_url:
        from portal.adapters.sms.smtp import SmtpSender

        _senders[Channel.EMAIL] = SmtpSender.of(smtp_url)


def has_channel(channel: Channel) -> bool:
    return channel is Channel.SMS or channel in _senders


def get_sender(channel: Channel = Channel.SMS) -> Sender:
    """The way out of a channel; a channel that was not configured is a ``KeyError``."""
    return _senders["sender" if channel is Channel.SMS else channel]
