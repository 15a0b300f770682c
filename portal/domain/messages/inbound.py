"""What people text back."""

from enum import StrEnum
from typing import Final


class Inbound(StrEnum):
    """``unknown``: from a number that is nobody's here."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    OTHER = "other"
    UNKNOWN = "unknown"


class ReminderSwitch(StrEnum):
    """Through whom reminders were last switched on or off."""

    PORTAL = "portal"
    TEXT = "text"
    STAFF = "staff"
    PROVIDER = "provider"


# The words that carriers and Twilio treat as opting out and in, and the usual Chinese ones.
STOP_WORDS: Final = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE", "TD", "T", "退订", "取消", "停止"}
)
START_WORDS: Final = frozenset({"START", "UNSTOP", "YES", "恢复", "开始"})
HELP_WORDS: Final = frozenset({"HELP", "INFO", "帮助"})
MEANINGS: Final = {
    **dict.fromkeys(STOP_WORDS, Inbound.STOP),
    **dict.fromkeys(START_WORDS, Inbound.START),
    **dict.fromkeys(HELP_WORDS, Inbound.HELP),
}
# What Twilio answers by itself; a second answer of ours would be a word too much (and is blocked after a stop).
ANSWERED_BY_TWILIO: Final = frozenset(word for word in MEANINGS if word.isascii())


def heard_from(body: str) -> Inbound:
    """The meaning of a text's words: only the bare word counts, in any case, with spaces or a full stop around it."""
    return MEANINGS.get(bare(body), Inbound.OTHER)


def bare(body: str) -> str:
    return body.strip(" \t\r\n.。!！").upper()
