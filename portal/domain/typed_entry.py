"""What people type -> numbers and days: the one reader of the diary, of staff forms and of screening.

A phone without a network reads by ``assets/js/reading.js``; both are tested with the cases of
``tests/support/reading_cases.json``. Full-width figures are read, as Chinese keyboards give them, and a comma or a
Chinese full stop as the decimal mark. What a programming language would take besides (``1_0``, ``0x26``, ``3.85e1``,
figures of other scripts) is not read.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

# Also what a keyboard or a copied text puts in unseen: no-break and zero-width spaces, marks of writing direction.
SPACES: Final = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b"
    "\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2066\u2067\u2068\u2069\u3000\ufeff"
)
PLAIN: Final = str.maketrans("０１２３４５６７８９．，。｡·・　－＋／", "0123456789.,.... -+/")
WHOLE: Final = re.compile(r"[+-]?\d{1,9}", re.ASCII)
THOUSANDS: Final = re.compile(r"\d{1,3}(?:[ ,]\d{3})+", re.ASCII)
DECIMAL: Final = re.compile(r"[+-]?\d{1,9}(?:\.\d{0,9})?", re.ASCII)
DAY: Final = re.compile(r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|年(\d{1,2})月(\d{1,2})日?)", re.ASCII)
ISO_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# By the English unit of a question; "" is that of a count.
UNIT_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "°C": ("摄氏度", "°c", "℃", "度", "c"),
    "kg": ("千克", "公斤", "kg"),
    "mL": ("毫升", "ml"),
    "": ("times", "次"),
}


def unit_words(unit: str) -> tuple[str, ...]:
    """How people write the unit behind a number, in small letters, the longest first."""
    return UNIT_WORDS.get(unit, (unit.casefold(),))


def read_decimal(text: str, units: Sequence[str] = ()) -> Decimal | None:
    """The number that ``text`` says, None for anything else. Nothing is rounded."""
    figures = _figures(text, units).replace(",", ".")
    return Decimal(figures) if DECIMAL.fullmatch(figures) else None


def read_whole_number(text: str, units: Sequence[str] = ()) -> int | None:
    """The whole number that ``text`` says, None for anything else. "1,000" and "1 000" are a thousand."""
    figures = _figures(text, units)
    if THOUSANDS.fullmatch(figures):
        figures = re.sub("[ ,]", "", figures)
    return int(figures) if WHOLE.fullmatch(figures) else None


def read_day(text: str) -> date | None:
    """The day that ``text`` says, the year first: 2026-11-24, 2026/11/24, 2026年11月24日. None for anything else."""
    found = DAY.fullmatch(text.translate(PLAIN).strip(SPACES))
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_iso_day(text: str) -> date | None:
    """The day that a page or a phone names: 2026-11-24 and no other way of writing it. None for anything else."""
    try:
        return date.fromisoformat(text) if ISO_DAY.fullmatch(text) else None
    except ValueError:
        return None


def _figures(text: str, units: Sequence[str]) -> str:
    """What stands before the unit, in ASCII."""
    line = text.translate(PLAIN).strip(SPACES)
    for unit in units:
        if line.casefold().endswith(unit):
            return line[: -len(unit)].rstrip(SPACES)
    return line
