"""Sending texts and e-mails. One small protocol; ``configure`` puts the ways out in place when the portal starts."""

from portal.adapters.sms.outcomes import Found, Later, Outcome, Refused, Sender, Taken, Text, TwilioSettings, Unknown
from portal.adapters.sms.twilio_errors import final_reason
from portal.domain.messages import Channel

__all__ = [
    "Found",
    "Later",
    "Outcome",
    "Refused",
    "Sender",
    "Taken",
    "Text",
    "Unknown",
    "configure",
    "final_reason",
    "has",
    "sender",
]

_fuse: dict[str, Sender] = {}


def configure(provider: str, twilio: TwilioSettings | None, smtp_url: str | None = None) -> None:
    """``console``, or ``twilio`` with its settings; e-mail where an SMTP server is named.

    The real client is imported only when it is wanted.
    """
    _fuse.clear()
    if provider == "twilio" and twilio is not None:
        from portal.adapters.sms.twilio import TwilioSender

        _fuse["sender"] = TwilioSender(twilio)
    else:
        from portal.adapters.sms.console import ConsoleSender

        _fuse["sender"] = ConsoleSender()
    if smtp_url:
        from portal.adapters.sms.smtp import SmtpSender

        _fuse[Channel.EMAIL] = SmtpSender.of(smtp_url)


def has(channel: Channel) -> bool:
    return channel is Channel.SMS or channel in _fuse


def sender(channel: Channel = Channel.SMS) -> Sender:
    """The way out of a channel; a channel that was not configured is a ``KeyError``."""
    return _fuse["sender" if channel is Channel.SMS else channel]
