"""The wording of texts, read from versioned data files; and the words for days that they need."""

import re
import tomllib
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from babel.dates import format_date

from portal.domain.messages import Destination, Kind, Template, segments

FOLDER: Final = Path(__file__).parent
CURRENT: Final = 1
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
    return templates(version)[Kind(kind), language]


@lru_cache
def templates(version: int = CURRENT) -> MappingProxyType[tuple[Kind, str], Template]:
    data = _read(version)
    rows = (Template(kind=Kind(row.pop("kind")), version=version, **row) for row in data["templates"])
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


def day_words(day: date, language: str) -> str:
    """``Thu 26 Nov`` or ``11月26日``."""
    locale, pattern = DAYS[language]
    return str(format_date(day, pattern, locale=locale))


def _read(version: int) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"texts.v{version}.toml").read_text(encoding="utf-8"))
