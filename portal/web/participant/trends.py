"""Trend charts as drawn shapes: a column a day, a line that breaks where a day has no value, a mark an infusion."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.services.diary import Trends
from portal.web.labels.dates import point, study_day_label

# In the drawing's own units, which are CSS pixels on a screen of 352.
WIDTH, HEIGHT = 320, 150
LEFT, RIGHT, TOP, BOTTOM = 30, 312, 12, 122
DOT: Final = 2.2
RING: Final = f"m-{DOT} 0a{DOT} {DOT} 0 1 0 {2 * DOT} 0a{DOT} {DOT} 0 1 0 -{2 * DOT} 0"
EVERY: Final = (5, 10, 20, 50)
TICKS_MAX: Final = 6


class ChartScale(NamedTuple):
    """``floor`` and ``ceiling`` hold unless a value lies outside; ``step`` between the lines across."""

    floor: Decimal
    ceiling: Decimal
    step: Decimal


TEMPERATURE: Final = ChartScale(Decimal(36), Decimal(39), Decimal(1))
PERCENT: Final = ChartScale(Decimal(0), Decimal(100), Decimal(25))
COUNT: Final = ChartScale(Decimal(0), Decimal(8), Decimal(2))
SCORE: Final = ChartScale(Decimal(0), Decimal(4), Decimal(1))

KINDS: Final = {
    "temperature": (_l("Temperature, °C"), TEMPERATURE),
    "rash": (_l("Redness or rash, per cent of the skin"), PERCENT),
    "skin-itch": (_l("Itching, 0 (none) to 4 (very severe)"), SCORE),
    "loose-stool-count": (_l("Loose stools, times a day"), COUNT),
    "abdominal-pain": (_l("Tummy pain, 0 (none) to 4 (very severe)"), SCORE),
    "nausea": (_l("Nausea, 0 (none) to 4 (very severe)"), SCORE),
    "vomiting-count": (_l("Vomiting, times a day"), COUNT),
    "appetite-loss": (_l("Poor appetite, 0 (none) to 4 (very severe)"), SCORE),
}


@dataclass(frozen=True, slots=True)
class SymptomChart:
    """One symptom. ``line``, ``dots`` and ``infusions`` are path data; ``across`` and ``days`` are (place, words);
    ``rows`` are (day, study day, value, whether an infusion was given), newest first."""

    id: str
    title: str
    summary: str
    line: str
    dots: str
    infusions: str
    across: tuple[tuple[float, str], ...]
    days: tuple[tuple[float, str], ...]
    rows: tuple[tuple[date, str, str, bool], ...]


def build_charts(found: Trends) -> tuple[list[SymptomChart], list[str]]:
    """What there is to draw, and the titles of what was asked and never there."""
    known = {name: found.series[name] for name in KINDS if found.series[name]}
    drawn = {name: days for name, days in known.items() if any(days.values())}
    every = [*found.infusion_days, *(day for days in known.values() for day in days)]
    span = (min(every), max(every)) if every else None
    quiet = [str(KINDS[name][0]) for name in known if name not in drawn]
    return [_chart(name, days, found, span) for name, days in drawn.items() if span], quiet


def _chart(name: str, days: Mapping[date, Decimal], found: Trends, span: tuple[date, date]) -> SymptomChart:
    title, scale = str(KINDS[name][0]), _fitting(KINDS[name][1], days.values())
    x, y = _columns(*span), _heights(scale)
    given = sorted(found.infusion_days)
    return SymptomChart(
        id=name,
        title=title,
        summary=_summary(title, days, found, given),
        line=_line(days, x, y),
        dots="".join(f"M{x(day):.1f} {y(value):.1f}{RING}" for day, value in sorted(days.items())),
        infusions="".join(f"M{x(day):.1f} {TOP}V{BOTTOM}" for day in given),
        across=tuple((y(value), f"{value:g}") for value in _steps(scale)),
        days=tuple((x(day), f"{number:+d}") for day, number in _ticks(*span, found.transplant_on)),
        rows=tuple(_rows(days, found)),
    )


def _fitting(scale: ChartScale, values: Collection[Decimal]) -> ChartScale:
    """The scale, widened by whole steps until every value is on it."""
    floor, ceiling, step = scale
    while min(values) < floor:
        floor -= step
    while max(values) > ceiling:
        ceiling += step
    while (ceiling - floor) / step > TICKS_MAX:
        step *= 2
    return ChartScale(floor, ceiling, step)


def _columns(first: date, last: date) -> Callable[[date], float]:
    days = max((last - first).days, 1)
    return lambda day: LEFT + DOT + (RIGHT - LEFT - 2 * DOT) * (day - first).days / days


def _heights(scale: ChartScale) -> Callable[[Decimal], float]:
    spread = float(scale.ceiling - scale.floor)
    return lambda value: BOTTOM - (BOTTOM - TOP) * float(value - scale.floor) / spread


def _line(days: Mapping[date, Decimal], x: Callable[[date], float], y: Callable[[Decimal], float]) -> str:
    """From each day to the next; a day without a value is a gap, not a slope."""
    parts = []
    for day, value in sorted(days.items()):
        joined = day - timedelta(days=1) in days
        parts.append(f"{'L' if joined else 'M'}{x(day):.1f} {y(value):.1f}")
    return "".join(parts)


def _steps(scale: ChartScale) -> Iterator[Decimal]:
    value = scale.floor
    while value <= scale.ceiling:
        yield value
        value += scale.step


def _ticks(first: date, last: date, transplant_on: date) -> Iterator[tuple[date, int]]:
    """Round study days, few enough to be read."""
    start, end = (first - transplant_on).days, (last - transplant_on).days
    every = next((one for one in EVERY if (end - start) / one <= TICKS_MAX), EVERY[-1])
    for number in range(-(-start // every) * every, end + 1, every):
        yield transplant_on + timedelta(days=number), number


def _rows(days: Mapping[date, Decimal], found: Trends) -> Iterator[tuple[date, str, str, bool]]:
    for day in sorted({*days, *found.infusion_days}, reverse=True):
        value = f"{days[day]:g}" if day in days else ""
        yield day, f"{(day - found.transplant_on).days:+d}", value, day in found.infusion_days


def _summary(title: str, days: Mapping[date, Decimal], found: Trends, given: Sequence[date]) -> str:
    low, high, newest = min(days.values()), max(days.values()), max(days)
    said = _(
        "%(title)s: between %(low)s and %(high)s; %(newest)s on day %(number)s.",
        title=title, low=f"{low:g}", high=f"{high:g}", newest=f"{days[newest]:g}",
        number=study_day_label((newest - found.transplant_on).days),
    )  # fmt: skip
    if not given:
        return str(said)
    numbers = point("and").join(study_day_label((day - found.transplant_on).days) for day in given)
    return f"{said}{point('gap')}{_('Infusions on days %(days)s.', days=numbers)}"
