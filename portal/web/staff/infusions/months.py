"""The days of a plan as months to look at: planned days, days that break a rule, and closed days."""

import calendar
from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from portal.services.infusions import PlanDraft
from portal.web.labels.dates import day_label, point
from portal.web.labels.months import MonthCell, month_label, weekday_names


class PlannedMonth(NamedTuple):
    """As ``components/calendar_month.html`` wants it."""

    caption: str
    weekdays: list[dict[str, str]]
    weeks: list[list[MonthCell | None]]


def planned_months(draft: PlanDraft, holidays: Collection[date]) -> list[PlannedMonth]:
    """Every month in which something is planned."""
    zone = ZoneInfo(draft.timezone)
    days: dict[date, tuple[int, ...]] = {}
    for number, at in zip(draft.numbers, draft.times, strict=True):
        on = at.astimezone(zone).date()
        days[on] = (*days.get(on, ()), number)
    broken = frozenset(one.number for one in draft.broken)
    return [
        _month(year, month, days, broken, holidays) for year, month in sorted({(day.year, day.month) for day in days})
    ]


def _month(
    year: int, month: int, days: Mapping[date, tuple[int, ...]], broken: Collection[int], holidays: Collection[date]
) -> PlannedMonth:
    weeks = [
        [_cell(day, days.get(day, ()), broken, holidays) if day.month == month else None for day in week]
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]
    return PlannedMonth(month_label(year, month), weekday_names(), weeks)


def _cell(day: date, numbers: tuple[int, ...], broken: Collection[int], holidays: Collection[date]) -> MonthCell:
    said, marks = [day_label(day)], []
    for number in numbers:
        deviates = number in broken
        marks.append("infusion-missed" if deviates else "infusion-planned")
        words = _("infusion %(number)s, breaks a rule") if deviates else _("infusion %(number)s")
        said.append(words % {"number": number})
    if day in holidays:
        marks.append("closed")
        said.append(_("holiday of the hospital"))
    return MonthCell(
        day.day, point("semicolon").join(said), f"#on_{numbers[0]}" if numbers else None, False, tuple(marks)
    )
