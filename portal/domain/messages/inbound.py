"""What people text back."""

from enum import StrEnum
from typing import Final


class Inbound(StrEnum):
    """``unknown``: from a number that is nobody's here."""

    STOP = "stop"
    START = "start"
    OTHER = "other"
    UNKNOWN = "unknown"


# The words that carriers and Twilio treat as opting out and in, and the usual Chinese ones.
STOP_WORDS: Final = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE", "TD", "T", "退订", "取消", "停止"}
)
START_WORDS: Final = frozenset({"START", "UNSTOP", "YES", "恢复", "开始"})


def heard_from(body: str) -> Inbound:
    """The meaning of a text's words: only the bare word counts, in any case, with spaces or a full stop around it."""
    word = body.strip(" \t\r\n.。!！").upper()
    if word in STOP_WORDS:
        return Inbound.STOP
    return Inbound.START if word in START_WORDS else Inbound.OTHER
