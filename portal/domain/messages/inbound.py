"""What people text back."""

from enum import StrEnum
from typing import Final


class InboundMeaning(StrEnum):
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
    **dict.fromkeys(STOP_WORDS, InboundMeaning.STOP),
    **dict.fromkeys(START_WORDS, InboundMeaning.START),
    **dict.fromkeys(HELP_WORDS, InboundMeaning.HELP),
}
# What Twilio answers by itself; a second answer of ours would be a word too much (and is blocked after a stop).
ANSWERED_BY_TWILIO: Final = frozenset(word for word in MEANINGS if word.isascii())


def read_meaning(body: str) -> InboundMeaning:
    """The meaning of a text's words: only the bare word counts, in any case, with spaces or a full stop around it."""
    return MEANINGS.get(normalize_words(body), InboundMeaning.OTHER)


def normalize_words(body: str) -> str:
    return body.strip(" \t\r\n.。!！").upper()
