"""An appointment in words: what the calendar and Today say of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flask_babel import lazy_gettext as _l

from portal.domain.protocol import LocalizedText
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


AHEAD: Final = frozenset({"planned", "confirmed", "moved"})


@dataclass(frozen=True, slots=True)
class AppointmentItem:
    """An appointment of a list. ``state`` colours its tag."""

    entry: infusions.CalendarEntry
    state: str
    state_words: str


def build_item(entry: infusions.CalendarEntry) -> AppointmentItem:
    state = shown_state(entry)
    return AppointmentItem(entry, state, str(STATE_WORDS[state]))


@dataclass(frozen=True, slots=True)
class AppointmentPreparation:
    """What to do before appointments of one name."""

    name: LocalizedText
    words: LocalizedText


def list_preparations(items: Iterable[AppointmentItem]) -> tuple[AppointmentPreparation, ...]:
    """What those that will take place ask for, each thing once, the soonest first."""
    ahead = [one.entry.appointment for one in items if one.entry.ahead and one.state in AHEAD]
    return tuple(dict.fromkeys(AppointmentPreparation(one.name, one.preparation) for one in ahead if one.preparation))


def shown_state(entry: infusions.CalendarEntry) -> str:
    """A move shows until the appointment has taken place or will not."""
    return "moved" if entry.was_at and entry.state in {"planned", "confirmed"} else entry.state
