"""Recovery codes of the study team: a letter that says which of the eight it is, and eleven random characters."""

import re
import secrets
import unicodedata
from collections.abc import Callable
from typing import Final

from portal.domain.credentials import ALPHABET, MISREAD

CODES: Final = 8
LENGTH: Final = 12
PLACES: Final = "ABCDEFGH"


def new_recovery_codes(choose: Callable[[str], str] = secrets.choice) -> tuple[str, ...]:
    """A fresh set, 55 random bits each, as they are kept: without dashes."""
    return tuple(letter + "".join(choose(ALPHABET) for _ in range(LENGTH - 1)) for letter in PLACES[:CODES])


def read_recovery_code(text: str) -> str | None:
    """The code in its one spelling, or None: a six-digit one-time code is none."""
    code = re.sub(r"[\s\-‐-―_.]", "", unicodedata.normalize("NFKC", text)).upper()
    code = code[:1] + code[1:].translate(MISREAD)
    known = len(code) == LENGTH and code[0] in PLACES and all(one in ALPHABET for one in code[1:])
    return code if known else None


def code_place(code: str) -> int:
    return PLACES.index(code[0])


def format_code(code: str) -> str:
    """``A7K3-QFW2-M9DX``."""
    return "-".join(code[start : start + 4] for start in range(0, LENGTH, 4))
