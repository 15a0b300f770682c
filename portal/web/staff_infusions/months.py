"""The days of a plan as months to look at: planned days, days that break a rule, and closed days."""

import calendar
from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from portal.services.infusions import Draft
from portal.web.calendar import Cell, month_words, weekday_names
from portal.web.words import day_words


class Month(NamedTuple):
    """As ``components/calendar_month.html`` wants it."""

    caption: str
    weekdays: list[dict[str, str]]
    weeks: list[list[Cell | None]]


def of(draft: Draft, holidays: Collection[date]) -> list[Month]:
    """Every month in which something is planned."""
    zone = ZoneInfo(draft.timezone)
    days = {at.astimezone(zone).date(): number for number, at in zip(draft.numbers, draft.times, strict=True)}
    broken = frozenset(one.number for one in draft.broken)
    return [
        _month(year, month, days, broken, holidays) for year, month in sorted({(day.year, day.month) for day in days})
    ]


def _month(
    year: int, month: int, days: Mapping[date, int], broken: Collection[int], holidays: Collection[date]
) -> Month:
    weeks = [
        [_cell(day, days.get(day), broken, holidays) if day.month == month else None for day in week]
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]
    return Month(month_words(year, month), weekday_names(), weeks)


def _cell(day: date, number: int | None, broken: Collection[int], holidays: Collection[date]) -> Cell:
    said, marks = [day_words(day)], []
    if number is not None:
        deviates = number in broken
        marks.append("infusion-missed" if deviates else "infusion-planned")
        said.append(_("infusion %(number)s, breaks a rule", number=number) if deviates
                    else _("infusion %(number)s", number=number))  # fmt: skip
    if day in holidays:
        marks.append("closed")
        said.append(_("holiday of the hospital"))
    href = f"#on_{number}" if number is not None else None
    return Cell(day.day, "; ".join(said), href, False, tuple(marks))
