"""The heat strip of a whole follow-up as drawn shapes: a row an organ, a column a day, no colour without its shape."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.services.participants import DiseaseCourse
from portal.services.triage import StripDay
from portal.web.labels.dates import day_label, point
from portal.web.labels.triage import LEVELS, ORGANS

DAY: Final = 8
HEIGHT: Final = 18
EVERY: Final = 10
# Shapes of one day, drawn from its left upper corner.
SHAPES: Final = {
    "quiet": "m3 8h2v2h-2z",
    "amber": "m.5 14l3.5 -10l3.5 10z",
    "red": "m.5 2h7v14h-7z",
    "missed": "m1.5 8.5h5v1h-5z",
}
INFUSION: Final = f"m3.25 0h1.5v{HEIGHT}h-1.5z"


@dataclass(frozen=True, slots=True)
class HeatRow:
    """``paths`` maps a level to the path data of all its days."""

    organ: str
    words: str
    paths: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Heatmap:
    """``ticks`` are (x, words) along the axis; ``days`` what each day with something on it was, newest first."""

    width: int
    rows: tuple[HeatRow, ...]
    infusions: str
    ticks: tuple[tuple[int, str], ...]
    days: tuple[tuple[str, str, str], ...]


def build_heatmap(course: DiseaseCourse) -> Heatmap:
    """What the page draws, and the table behind it."""
    first = next(iter(course.heat.values()))
    given = [place for place, day in enumerate(first) if day.on in course.infusion_days]
    return Heatmap(
        width=len(first) * DAY,
        rows=tuple(_row(organ, days) for organ, days in course.heat.items()),
        infusions=_path(given, INFUSION),
        ticks=tuple(_ticks(course.study_days)),
        days=tuple(_told(course)),
    )


def _row(organ: str, days: Sequence[StripDay]) -> HeatRow:
    places = {level: [place for place, day in enumerate(days) if day.level == level] for level in SHAPES}
    counts = [
        ngettext("%(num)s red day", "%(num)s red days", len(places["red"])),
        ngettext("%(num)s amber day", "%(num)s amber days", len(places["amber"])),
        ngettext("%(num)s day without a diary", "%(num)s days without a diary", len(places["missed"])),
    ]
    words = _("%(organ)s: %(counts)s", organ=ORGANS[organ], counts=point("comma").join(counts))
    return HeatRow(organ, words, {level: _path(where, SHAPES[level]) for level, where in places.items() if where})


def _path(places: Iterable[int], shape: str) -> str:
    return "".join(f"M{place * DAY} 0{shape}" for place in places)


def _ticks(study_days: Sequence[int]) -> Iterable[tuple[int, str]]:
    return ((place * DAY, f"{day:+d}") for place, day in enumerate(study_days) if day % EVERY == 0)


def _told(course: DiseaseCourse) -> Iterable[tuple[str, str, str]]:
    """(day, study day, what) of every day on which something was flagged, missed or given."""
    columns = list(zip(course.study_days, *course.heat.values(), strict=True))
    for number, *days in reversed(columns):
        said = [_("%(organ)s: %(level)s", organ=ORGANS[organ], level=LEVELS[day.level])
                for organ, day in zip(course.heat, days, strict=True) if day.level in ("red", "amber")]  # fmt: skip
        if days[0].level == "missed":
            said.append(str(LEVELS["missed"]))
        if days[0].on in course.infusion_days:
            said.append(_("infusion given"))
        if said:
            yield day_label(days[0].on), f"{number:+d}", point("semicolon").join(said)
