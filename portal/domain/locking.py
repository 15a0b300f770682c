"""Closed data: which rows of a participant a freeze or a lock holds still, and what stays free under one.

What keeps people safe is never closed: episodes, flags, tasks, texts, and whether somebody takes part. A report of a
participant is always taken (``Timing.BEYOND``), and so is a photograph.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.domain.errors import Invalid, Locked
from portal.domain.msgid import N_

CLOSED: Final = N_("These data are closed and cannot be changed. The reason given: %(reason)s")
REASON_MAX: Final = 500


class LockKind(StrEnum):
    """A freeze is lifted with a reason, a lock with a reason and a signature."""

    FREEZE = "freeze"
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """What is closed: the days up to and including ``until_on``, or everything where it is None."""

    kind: LockKind
    until_on: date | None
    reason: str

    def covers(self, day: date | None) -> bool:
        """A row without a day is held by a lock on everything only."""
        return self.until_on is None or (day is not None and day <= self.until_on)


@dataclass(frozen=True, slots=True)
class TableLocking:
    """How a table is held. ``day``: the field that says which day a row is about, an instant or a local day.

    ``fields``: the only ones that are held, where it is not all of them; ``free``: those that are not; ``additions``:
    whether new rows are held as well.
    """

    day: str | None
    fields: frozenset[str] | None = None
    free: frozenset[str] = frozenset()
    additions: bool = True

    def touches(self, changed: Iterable[str]) -> bool:
        """Whether a change of these fields is one of the data."""
        return any(name not in self.free and (self.fields is None or name in self.fields) for name in changed)


# An act that comes before any analysis: identifiers are erased on their day, whatever is closed.
ABOVE: Final = frozenset({"retention:erase"})
SEEN: Final = frozenset({"seen_at"})
CLINICAL: Final = frozenset({"study_number", "site", "arm", "transplant_on", "enrolled_on", "weight_kg"})
TABLES: Final[Mapping[str, TableLocking]] = MappingProxyType(
    {
        "participant": TableLocking(None, fields=CLINICAL, additions=False),
        "consent": TableLocking("signed_on"),
        "diary": TableLocking("diary_on"),
        "photo": TableLocking("diary_on", additions=False),
        "lab_result": TableLocking("measured_at"),
        "assessment": TableLocking("assessed_on"),
        "signature": TableLocking(None),
        "infusion": TableLocking("planned_at", free=SEEN),
        "visit": TableLocking("planned_at", free=SEEN),
        "phone_call": TableLocking("called_at"),
    }
)


def find_covering_lock(locks: Iterable[ClosedPeriod], days: Iterable[date | None]) -> ClosedPeriod | None:
    """The first lock that holds one of these days; None when the row is free."""
    known = tuple(days)
    return next((lock for lock in locks if any(lock.covers(day) for day in known)), None)


def raise_locked(lock: ClosedPeriod) -> None:
    raise Locked(CLOSED, reason=lock.reason)


def check_until(until_on: date | None, *, today: date, whole_site: bool) -> None:
    """A site is closed up to a day that is over; one participant may be closed as a whole."""
    if until_on is None and whole_site:
        raise Invalid(problems={"until_on": N_("Enter the last day that is closed.")})
    if until_on is not None and until_on >= today:
        raise Invalid(problems={"until_on": N_("Enter a day that is over.")})
