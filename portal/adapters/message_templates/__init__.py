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

from portal.domain.messages import (
    KINDS,
    Channel,
    Destination,
    MessageKind,
    MessageTemplate,
    Segments,
    count_segments,
    wording_faults,
)

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


def configure_links(public_url: str) -> None:
    """Where links lead. Only an address with TLS is ever put into a text."""
    _site["url"] = public_url if public_url.startswith("https://") else ""


def append_link(body: str, path: str, *, country: Destination) -> str:
    """``body`` with a link behind it, where the country allows links and all of it still fits one segment."""
    url = _site.get("url")
    longer = f"{body} {url}{path}"
    fits = url and country.links and not country.registered and count_segments(longer).count == 1
    return longer if fits else body


def redact_link(body: str | None) -> str | None:
    """For staff's eyes: the words, but not what would open somebody's diary."""
    return DAY_LINK.sub("/d/...", body) if body else body


def get_template(kind: str, language: str, version: int = CURRENT) -> MessageTemplate:
    """The wording of a kind; a language that the study does not speak is a ``KeyError``."""
    return list_templates(version)[MessageKind(kind), language]


@lru_cache
def list_templates(version: int = CURRENT) -> MappingProxyType[tuple[MessageKind, str], MessageTemplate]:
    data = _read(version)
    rows = (MessageTemplate(kind=MessageKind(row.pop("kind")), version=version, **row) for row in data["templates"])
    return MappingProxyType({(row.kind, row.language): row for row in rows})


@lru_cache
def load_destinations(version: int = CURRENT) -> MappingProxyType[str, Destination]:
    return MappingProxyType({row["calling_code"]: Destination(**row) for row in _read(version)["destinations"]})


@lru_cache
def get_route(provider: str, version: int = CURRENT) -> tuple[float, int]:
    """Texts a second and calls at once, for one process; a provider without a line gets 10 and 4."""
    rows = {row["provider"]: (float(row["per_second"]), int(row["calls"])) for row in _read(version)["routes"]}
    return rows.get(provider, (10.0, 4))


def find_destination(calling_code: str) -> Destination:
    known = load_destinations()
    return known.get(calling_code, known[""])


@dataclass(frozen=True, slots=True)
class TemplateCheck:
    """A wording as it would be at its longest, and what forbids sending it anywhere that it may go."""

    template: MessageTemplate
    segments: Segments
    faults: tuple[str, ...]


def check_templates(version: int = CURRENT) -> tuple[TemplateCheck, ...]:
    """Every wording of a version, held against every destination."""
    return tuple(_checked(one) for one in list_templates(version).values())


def find_wording_faults(body: str, language: str) -> dict[str, tuple[str, ...]]:
    """Calling code -> what forbids these words there."""
    return {code: wording_faults(body, language=language, destination=one) for code, one in load_destinations().items()}


def _checked(one: MessageTemplate) -> TemplateCheck:
    body = one.fill(**LONGEST[one.language])
    if KINDS[one.kind].channel is Channel.EMAIL:
        found = wording_faults(f"{one.subject} {body}", language=one.language, destination=find_destination(""))
        return TemplateCheck(one, count_segments(body), tuple(fault for fault in found if "segments" not in fault))
    wrong = dict.fromkeys(fault for some in find_wording_faults(body, one.language).values() for fault in some)
    return TemplateCheck(one, count_segments(body), tuple(wrong))


def day_label(day: date, language: str) -> str:
    """``Thu 26 Nov`` or ``11月26日``."""
    locale, pattern = DAYS[language]
    return str(format_date(day, pattern, locale=locale))


def _read(version: int) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"texts.v{version}.toml").read_text(encoding="utf-8"))
