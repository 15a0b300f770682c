"""A sent diary as the clinical rules read it: answers by linkId, and what a closed gate or a missed day means.

A gate answered "no" makes its items 0. An item that is absent otherwise is unknown, and so is a day without a report:
unknown is never 0 and neither breaks nor extends a run of days.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from portal.domain.body_surface import affected_percent

Answers = Mapping[str, object]
T = TypeVar("T", bound=Any)

GATES: Mapping[str, str] = {
    "skin-itch": "skin-change",
    "appetite-loss": "stomach-trouble",
    "nausea": "stomach-trouble",
    "vomiting-count": "stomach-trouble",
    "loose-stool-count": "bowel-trouble",
    "abdominal-pain": "bowel-trouble",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One sent report. ``on``: the local day it is about; ``entered_at``: UTC, on the device.

    ``weight_kg`` is the last weight known on that day; ``study_day`` counts from the transplant (day 0).
    """

    on: date
    entered_at: datetime
    answers: Answers
    weight_kg: Decimal | None
    study_day: int


def answer_number(answers: Answers, link_id: str) -> int | None:
    """A score or count: 0 behind a closed gate, None when unknown."""
    gate = GATES.get(link_id)
    if gate is not None and answers.get(gate) is False:
        return 0
    value = answers.get(link_id)
    return value if isinstance(value, int) else None


def answer_decimal(answers: Answers, link_id: str) -> Decimal | None:
    """A measured value, None when it was not given."""
    value = answers.get(link_id)
    return Decimal(value) if isinstance(value, Decimal | int) else None


def chosen_codes(answers: Answers, link_id: str) -> frozenset[str]:
    """The codes of a multiple choice without "none"; empty when unanswered."""
    value = answers.get(link_id)
    codes = value if isinstance(value, tuple | list | frozenset) else ()
    return frozenset(str(code) for code in codes) - {"none"}


def has_rash(answers: Answers) -> bool:
    return answers.get("skin-change") is True


def rash_percent(answers: Answers, *, age: int) -> Decimal | None:
    """Per cent of the body surface: 0 without a rash, None when there is one but no area is marked, or no answer."""
    if answers.get("skin-change") is False:
        return Decimal(0)
    areas = answers.get("skin-areas")
    if not has_rash(answers) or not isinstance(areas, Mapping) or not areas:
        return None
    return affected_percent(areas, age=age)


def worst_by_day(reports: Iterable[Report], read: Callable[[Answers], T | None]) -> dict[date, T]:
    """The highest value that ``read`` finds on each day; a day on which it finds nothing is left out."""
    days: dict[date, T] = {}
    for report in reports:
        value = read(report.answers)
        if value is not None:
            days[report.on] = max(days.get(report.on, value), value)
    return days


def run_days(present: Mapping[date, bool]) -> tuple[date, ...]:
    """The known days, newest first, on which something has been present without a day of absence between."""
    run: list[date] = []
    for on in sorted(present, reverse=True):
        if not present[on]:
            break
        run.append(on)
    return tuple(run)


def spell_days(present: Mapping[date, bool], free_days: int) -> tuple[date, ...]:
    """The known days, newest first, on which something has been present since it was last away for ``free_days``
    known days running; empty when it is not present on the newest. 1 makes it ``run_days``.
    """
    spell: list[date] = []
    free = 0
    for on in sorted(present, reverse=True):
        free = 0 if present[on] else free + 1
        if free >= (max(free_days, 1) if spell else 1):
            break
        if present[on]:
            spell.append(on)
    return tuple(spell)
