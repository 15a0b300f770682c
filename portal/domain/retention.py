"""How long it is known who somebody in the trial is, and what stays once that is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from portal.domain.eligibility import age_on
from portal.domain.errors import Conflict
from portal.domain.msgid import N_

TAKES_PART = N_("This participant still takes part. Identifiers are erased after the end only.")
TOO_EARLY = N_("The retention period of this participant has not ended.")
ALREADY = N_("The identifiers of this participant have been erased. The record cannot be changed any more.")


class IdentifiersErased(Conflict):
    """Somebody's data key is gone: nothing under it can be read or added."""

    def __init__(self) -> None:
        super().__init__(ALREADY)


@dataclass(frozen=True, slots=True)
class IdentifierHolding:
    """Somebody whose identifiers are there. ``keep_until`` is None while nobody knows the end of the participation."""

    number: str
    keep_until: date | None

    def is_due(self, today: date) -> bool:
        """From the day after."""
        return self.keep_until is not None and today > self.keep_until

    def check_due(self, today: date) -> None:
        if self.keep_until is None:
            raise Conflict(TAKES_PART)
        if not self.is_due(today):
            raise Conflict(TOO_EARLY)


def keep_until(*, years: int, trial_ends_on: date, ended_on: date) -> date:
    """The last day on which identifiers are kept: so many years after whichever end is later."""
    return _in_year(max(trial_ends_on, ended_on), years)


def age_only_birthday(born_on: date, *, enrolled_on: date) -> date:
    """A date of birth that keeps the age at enrolment and nothing else."""
    return _in_year(enrolled_on, -age_on(born_on, enrolled_on))


def _in_year(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


# What of a screening's answers says who somebody is, by field.
PERSON: Final = frozenset(("name", "phone", "guardian_name", "guardian_phone"))


def remove_identifiers(answers: Mapping[str, Any], *, on: date) -> dict[str, Any]:
    """A screening's answers without names and numbers; of the day of birth only the age ``on`` a day stays."""
    kept = {name: value for name, value in answers.items() if name not in PERSON}
    if "born_on" in kept:
        kept["born_on"] = age_only_birthday(date.fromisoformat(kept["born_on"]), enrolled_on=on).isoformat()
    return kept
