"""An appointment in words: what the calendar and Today say of it."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flask_babel import lazy_gettext as _l

from portal.services import infusions

STATE_WORDS: Final = MappingProxyType(
    {
        "planned": _l("planned"),
        "confirmed": _l("confirmed"),
        "moved": _l("moved"),
        "given": _l("given"),
        "held": _l("put off, the ward will give you a new date"),
        "missed": _l("did not take place"),
        "cancelled": _l("cancelled"),
        "attended": _l("took place"),
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    """An appointment of a list. ``state`` colours its tag."""

    entry: infusions.Entry
    state: str
    state_words: str


def item(entry: infusions.Entry) -> Item:
    state = state_of(entry)
    return Item(entry, state, str(STATE_WORDS[state]))


def state_of(entry: infusions.Entry) -> str:
    """A move shows until the appointment has taken place or will not."""
    return "moved" if entry.was_at and entry.state in {"planned", "confirmed"} else entry.state
