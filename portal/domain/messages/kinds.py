"""The kinds of text and what sets them apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class MessageKind(StrEnum):
    DIARY_REMINDER = "diary-reminder"
    INFUSION_EVENING = "infusion-evening"
    INFUSION_MORNING = "infusion-morning"
    DIARY_NUDGE = "diary-nudge"
    STAFF_ALERT = "staff-alert"
    STAFF_EMAIL = "staff-email"
    STAFF_INVITATION = "staff-invitation"
    SIGN_IN_CODE = "sign-in-code"
    WITHDRAWAL = "withdrawal"
    REPLY_HELP = "reply-help"
    REPLY_UNREAD = "reply-unread"
    REPLY_STOPPED = "reply-stopped"
    REPLY_STARTED = "reply-started"


class Channel(StrEnum):
    SMS = "sms"
    EMAIL = "email"


DIARY_KINDS: Final = frozenset({MessageKind.DIARY_REMINDER, MessageKind.DIARY_NUDGE})
INFUSION_KINDS: Final = frozenset({MessageKind.INFUSION_EVENING, MessageKind.INFUSION_MORNING})
PLANNED_KINDS: Final = DIARY_KINDS | INFUSION_KINDS


@dataclass(frozen=True, slots=True)
class MessageTraits:
    """``priority`` 0 goes first. ``capped``: it counts towards the day's limit of texts to one participant.

    ``ignores_choice``: it goes to somebody who has switched reminders off, because they asked for this very text;
    ``ignores_status``: also to somebody who is no longer active in the study. ``secret``: its words are dropped as
    soon as they are handed over. ``reply``: it is the answer to the provider's own call and is never claimed.
    """

    priority: int
    capped: bool
    ignores_quiet_hours: bool = False
    ignores_choice: bool = False
    ignores_status: bool = False
    secret: bool = False
    reply: bool = False
    channel: Channel = Channel.SMS


KINDS: Final[Mapping[MessageKind, MessageTraits]] = MappingProxyType(
    {
        MessageKind.STAFF_ALERT: MessageTraits(priority=0, capped=False, ignores_quiet_hours=True),
        MessageKind.STAFF_EMAIL: MessageTraits(
            priority=0, capped=False, ignores_quiet_hours=True, channel=Channel.EMAIL
        ),
        MessageKind.STAFF_INVITATION: MessageTraits(
            priority=1, capped=False, ignores_quiet_hours=True, secret=True, channel=Channel.EMAIL
        ),
        MessageKind.SIGN_IN_CODE: MessageTraits(
            priority=0, capped=False, ignores_quiet_hours=True, ignores_choice=True, ignores_status=True, secret=True
        ),
        MessageKind.WITHDRAWAL: MessageTraits(priority=1, capped=False, ignores_choice=True, ignores_status=True),
        MessageKind.INFUSION_EVENING: MessageTraits(priority=1, capped=True),
        MessageKind.INFUSION_MORNING: MessageTraits(priority=1, capped=True),
        MessageKind.DIARY_REMINDER: MessageTraits(priority=2, capped=True),
        MessageKind.DIARY_NUDGE: MessageTraits(priority=3, capped=True),
        **dict.fromkeys(
            (MessageKind.REPLY_HELP, MessageKind.REPLY_UNREAD, MessageKind.REPLY_STOPPED, MessageKind.REPLY_STARTED),
            MessageTraits(priority=0, capped=False, ignores_quiet_hours=True, ignores_choice=True, reply=True),
        ),
    }
)

URGENT_KINDS: Final = frozenset({MessageKind.STAFF_ALERT, MessageKind.STAFF_EMAIL, MessageKind.SIGN_IN_CODE})
SECRET_KINDS: Final = frozenset(kind for kind, traits in KINDS.items() if traits.secret)


def within_cap(
    kind: MessageKind, *, handed_over: Iterable[MessageKind], still_planned: Iterable[MessageKind], cap: int
) -> bool:
    """Whether one more text of this kind fits a participant's local day.

    What went today counts, and so does what is still to go today and matters more.
    """
    if not KINDS[kind].capped:
        return True
    gone = sum(KINDS[other].capped for other in handed_over)
    ahead = sum(KINDS[other].capped and KINDS[other].priority < KINDS[kind].priority for other in still_planned)
    return gone + ahead < cap


def diary_dedupe_keys(diary_on: date) -> tuple[str, str]:
    """What the texts about a day's diary are named by: the first, and the one that repeats it."""
    return diary_on.isoformat(), f"{diary_on.isoformat()}~2"
