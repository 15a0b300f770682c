"""Sending texts. One small protocol; ``configure`` puts the provider in place when the portal starts."""

from portal.adapters.sms.outcomes import Found, Later, Outcome, Refused, Sender, Taken, TwilioSettings, Unknown
from portal.adapters.sms.twilio_errors import final_reason

__all__ = ["Found", "Later", "Outcome", "Refused", "Sender", "Taken", "Unknown", "configure", "final_reason", "sender"]

_fuse: dict[str, Sender] = {}


def configure(provider: str, twilio: TwilioSettings | None) -> None:
    """``console``, or ``twilio`` with its settings. The real client is imported only when it is wanted."""
    if provider == "twilio" and twilio is not None:
        from portal.adapters.sms.twilio import TwilioSender

        _fuse["sender"] = TwilioSender(twilio)
    else:
        from portal.adapters.sms.console import ConsoleSender

        _fuse["sender"] = ConsoleSender()


def sender() -> Sender:
    return _fuse["sender"]
