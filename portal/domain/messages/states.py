"""The life of a text as a table, and the order of what a provider says about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class MessageState(StrEnum):
    """``claimed`` has a lease: once that ran out, the provider's own list decides whether the text went."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"


class MessageReason(StrEnum):
    """Why a text did not go, or did not arrive."""

    TEXTS_OFF = "texts-off"
    STATUS = "status"
    NO_PHONE = "no-phone"
    DATE_CHANGED = "date-changed"
    REPLANNED = "replanned"
    DIARY_SENT = "diary-sent"
    TAKEN_BACK = "red-taken-back"
    ON_WARD = "on-ward"
    INACTIVE = "inactive"
    CAP = "cap"
    WINDOW_PASSED = "window-passed"
    NOT_A_MOBILE = "not-a-mobile"
    OPTED_OUT = "opted-out"
    REGION_BLOCKED = "region-blocked"
    UNREACHABLE = "unreachable"
    CARRIER_REFUSED = "carrier-refused"
    PROVIDER_REFUSED = "provider-refused"
    PROVIDER_BUSY = "provider-busy"
    NO_ANSWER = "no-answer"
    NO_RECEIPT = "no-receipt"
    INTERNAL = "internal"


S = MessageState
# A provider's receipt proves that it has the text, whatever we believed: it moves every state but a later one.
TRANSITIONS: Final[Mapping[MessageState, frozenset[MessageState]]] = MappingProxyType(
    {
        S.PLANNED: frozenset({S.CLAIMED, S.SUPPRESSED, S.EXPIRED, S.SENT, S.DELIVERED, S.FAILED}),
        S.CLAIMED: frozenset({S.PLANNED, S.SENT, S.DELIVERED, S.FAILED, S.SUPPRESSED, S.EXPIRED}),
        S.SENT: frozenset({S.DELIVERED, S.FAILED}),
        S.DELIVERED: frozenset(),
        S.FAILED: frozenset({S.DELIVERED}),
        S.SUPPRESSED: frozenset({S.PLANNED, S.SENT, S.DELIVERED, S.FAILED}),
        S.EXPIRED: frozenset({S.SENT, S.DELIVERED, S.FAILED}),
    }
)
OPEN: Final = frozenset({S.PLANNED, S.CLAIMED})
# Without a receipt for so long, "sent" is where a text ends; a receipt that comes later still counts.
RECEIPT_WITHIN: Final = timedelta(hours=72)
# Failures that are about the phone: somebody must ask for another number.
PHONE_REASONS: Final = frozenset(
    {
        MessageReason.NOT_A_MOBILE,
        MessageReason.OPTED_OUT,
        MessageReason.REGION_BLOCKED,
        MessageReason.UNREACHABLE,
        MessageReason.CARRIER_REFUSED,
    }
)
HANDED_OVER: Final = frozenset({S.CLAIMED, S.SENT, S.DELIVERED})
# A text that was taken off for one of these may be planned again when the cause is gone.
REVIVABLE: Final = frozenset(
    {
        MessageReason.TEXTS_OFF,
        MessageReason.STATUS,
        MessageReason.NO_PHONE,
        MessageReason.DATE_CHANGED,
        MessageReason.ON_WARD,
        MessageReason.REPLANNED,
        MessageReason.INACTIVE,
    }
)


@dataclass(frozen=True, slots=True)
class ReceiptRank:
    """How late a provider's word comes in a text's life (``rank``), and what it makes of the row."""

    rank: int
    state: MessageState


# https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
PROVIDER_STATUSES: Final[Mapping[str, ReceiptRank]] = MappingProxyType(
    {
        "accepted": ReceiptRank(0, S.SENT),
        "scheduled": ReceiptRank(1, S.SENT),
        "queued": ReceiptRank(2, S.SENT),
        "sending": ReceiptRank(3, S.SENT),
        "sent": ReceiptRank(4, S.SENT),
        "canceled": ReceiptRank(5, S.FAILED),
        "failed": ReceiptRank(6, S.FAILED),
        "undelivered": ReceiptRank(7, S.FAILED),
        "delivered": ReceiptRank(8, S.DELIVERED),
        "read": ReceiptRank(9, S.DELIVERED),
    }
)


def can_become(before: MessageState, after: MessageState) -> bool:
    return after in TRANSITIONS[before]


def outranking_receipt(known: str | None, heard: str) -> ReceiptRank | None:
    """The ranked status that a new provider status gives a message known as ``known``; None when it changes nothing.

    The highest rank wins, so that receipts may come late, twice and in any order.
    """
    standing = PROVIDER_STATUSES.get(heard)
    if standing is None:
        return None
    before = PROVIDER_STATUSES.get(known or "")
    return standing if before is None or standing.rank > before.rank else None
