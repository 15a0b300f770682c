"""The wording of texts, read from versioned data files; and the words for days that they need."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from babel.dates import format_date

from portal.domain.messages import KINDS, Channel, Destination, MessageKind, Segments, Template, faults, segments

FOLDER: Final = Path(__file__).parent
CURRENT: Final = 1
LANGUAGES: Final = ("en", "zh-CN")
# The longest that may stand in a wording's braces.
_BOTH: Final = {"time": "10:30", "number": "123456-12-3", "code": "135790", "phone": "+86 21 5550 0100",
                "link": "https://portal.example/staff/invitation/" + "x" * 43}  # fmt: skip
LONGEST: Final = MappingProxyType({"en": {**_BOTH, "day": "Wed 30 Sep"}, "zh-CN": {**_BOTH, "day": "12月30日"}})
DAYS: Final = MappingProxyType({"en": ("en", "EEE d MMM"), "zh-CN": ("zh_Hans_CN", "M月d日")})

DAY_LINK: Final = re.compile(r"/d/[\w-]+")
_site: dict[str, str] = {}


def configure(public_url: str) -> None:
    """Where links lead. Only an address with TLS is ever put into a text."""
    _site["url"] = public_url if public_url.startswith("https://") else ""


def with_link(body: str, path: str, *, country: Destination) -> str:
    """``body`` with a link behind it, where the country allows links and all of it still fits one segment."""
    url = _site.get("url")
    longer = f"{body} {url}{path}"
    fits = url and country.links and not country.registered and segments(longer).count == 1
    return longer if fits else body


def without_key(body: str | None) -> str | None:
    """For staff's eyes: the words, but not what would open somebody's diary."""
    return DAY_LINK.sub("/d/...", body) if body else body


def template(kind: str, language: str, version: int = CURRENT) -> Template:
    """The wording of a kind; a language that the study does not speak is a ``KeyError``."""
    return templates(version)[MessageKind(kind), language]


@lru_cache
def templates(version: int = CURRENT) -> MappingProxyType[tuple[MessageKind, str], Template]:
    data = _read(version)
    rows = (Template(kind=MessageKind(row.pop("kind")), version=version, **row) for row in data["templates"])
    return MappingProxyType({(row.kind, row.language): row for row in rows})


@lru_cache
def destinations(version: int = CURRENT) -> MappingProxyType[str, Destination]:
    return MappingProxyType({row["calling_code"]: Destination(**row) for row in _read(version)["destinations"]})


@lru_cache
def route(provider: str, version: int = CURRENT) -> tuple[float, int]:
    """Texts a second and calls at once, for one process; a provider without a line gets 10 and 4."""
    rows = {row["provider"]: (float(row["per_second"]), int(row["calls"])) for row in _read(version)["routes"]}
    return rows.get(provider, (10.0, 4))


def destination(calling_code: str) -> Destination:
    known = destinations()
    return known.get(calling_code, known[""])


@dataclass(frozen=True, slots=True)
class Checked:
    """A wording as it would be at its longest, and what forbids sending it anywhere that it may go."""

    template: Template
    segments: Segments
    faults: tuple[str, ...]


def check(version: int = CURRENT) -> tuple[Checked, ...]:
    """Every wording of a version, held against every destination."""
    return tuple(_checked(one) for one in templates(version).values())


def faults_anywhere(body: str, language: str) -> dict[str, tuple[str, ...]]:
    """Calling code -> what forbids these words there."""
    return {code: faults(body, language=language, destination=one) for code, one in destinations().items()}


def _checked(one: Template) -> Checked:
    body = one.fill(**LONGEST[one.language])
    if KINDS[one.kind].channel is Channel.EMAIL:
        found = faults(f"{one.subject} {body}", language=one.language, destination=destination(""))
        return Checked(one, segments(body), tuple(fault for fault in found if "segments" not in fault))
    wrong = dict.fromkeys(fault for some in faults_anywhere(body, one.language).values() for fault in some)
    return Checked(one, segments(body), tuple(wrong))


def day_words(day: date, language: str) -> str:
    """``Thu 26 Nov`` or ``11月26日``."""
    locale, pattern = DAYS[language]
    return str(format_date(day, pattern, locale=locale))


def _read(version: int) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"texts.v{version}.toml").read_text(encoding="utf-8"))
