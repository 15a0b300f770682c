"""The days of a month for components/calendar_month.html."""

from dataclasses import dataclass
from datetime import date

from babel import dates
from flask_babel import get_locale


@dataclass(frozen=True, slots=True)
class MonthCell:
    """A day as ``components/calendar_month.html`` wants it; ``words`` say all that the marks show."""

    number: int
    words: str
    href: str | None
    today: bool
    marks: tuple[str, ...]


def month_label(year: int, month: int) -> str:
    """November 2026 / 2026年11月."""
    return str(dates.format_skeleton("yMMMM", date(year, month, 1), locale=get_locale()))


def weekday_names() -> list[dict[str, str]]:
    short, full = get_locale().days["stand-alone"]["narrow"], get_locale().days["stand-alone"]["wide"]
    return [{"short": short[day], "full": full[day]} for day in range(7)]
