"""Appointments as an iCalendar file (RFC 5545, 7986) that discloses nothing beyond the appointment itself.

Every event has the same neutral title, no place, and only the ward's phone number, whatever it is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from portal.domain.protocol import LocalizedText

if TYPE_CHECKING:
    from icalendar import Event

Status = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]
NAME: Final = LocalizedText(en="Hospital appointments", zh="医院预约")
TITLE: Final = LocalizedText(en="Hospital appointment", zh="医院预约")
PHONE: Final = LocalizedText(en="Phone: {phone}", zh="电话：{phone}")
DOMAIN: Final = "appointments.invalid"  # never resolves, and names nobody (RFC 2606)
LENGTH: Final = timedelta(hours=1)
REFRESH: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FeedAppointment:
    """``uid`` never changes, ``sequence`` rises with every change; ``touched_at`` is when the last one was made."""

    uid: str
    sequence: int
    at: datetime
    touched_at: datetime
    status: Status


def render_ics(appointments: Sequence[FeedAppointment], *, language: str, phone: str) -> bytes:
    """The same bytes for the same appointments, so that their digest is a strong ETag. Times are in UTC."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Appointments//Calendar 1//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, NAME.in_(language))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for one in sorted(appointments, key=lambda one: (one.at, one.uid)):
        calendar.add_component(_event(one, language, phone))
    return bytes(calendar.to_ical())


def _event(one: FeedAppointment, language: str, phone: str) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"{one.uid}@{DOMAIN}")
    event.add("sequence", one.sequence)
    event.add("dtstamp", one.touched_at)
    event.add("last-modified", one.touched_at)
    event.add("dtstart", one.at)
    event.add("dtend", one.at + LENGTH)
    event.add("status", one.status)
    event.add("summary", TITLE.in_(language))
    event.add("description", PHONE.in_(language).format(phone=phone))
    event.add("class", "PRIVATE")
    return event
