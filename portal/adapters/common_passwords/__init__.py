"""Passwords that everybody tries first, kept here so that none has to be shown to an outside service.

``common.txt``: from published breaches, most frequent first when chosen, and what is typed in China and along a
keyboard. ``context.txt``: words of this trial and its hospital. Both hold one lower-case entry a line.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
SPELT: Final = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
SIGNS: Final = re.compile(r"[\W_]+")
EDGES: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")


@lru_cache
def _listed() -> frozenset[str]:
    names = ("common.txt", "context.txt")
    return frozenset(word for name in names for word in (FOLDER / name).read_text(encoding="utf-8").split())


def is_common(password: str) -> bool:
    """Whether it is on the list, or is a listed word dressed up.

    Dressed up: repeated, with digits and signs at its ends, with figures for letters, or made of two listed words and
    nothing but a sign between. ``P@ssw0rd2026!`` and ``shanghaishanghai`` are; four words in a row are not.
    """
    plain = unicodedata.normalize("NFKC", password).casefold()
    return any(_is_listed(form) for form in {plain, plain.translate(SPELT)}) or _is_run(plain)


def _is_listed(text: str) -> bool:
    bare = EDGES.sub("", text)
    return _two_words(SIGNS.sub("", bare)) or any(
        one in _listed() for one in {text, _period(text), bare, _period(bare)}
    )


def _period(text: str) -> str:
    """What ``text`` is a repetition of; itself when it is none."""
    return text[: (text + text).find(text, 1)] if text else text


def _two_words(text: str) -> bool:
    return any(text[:cut] in _listed() and text[cut:] in _listed() for cut in range(3, len(text) - 2))


def _is_run(text: str) -> bool:
    """Neighbours only: 123456789012, abcdefghijkl."""
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    return bool(steps) and sum(step in (-1, 0, 1, 9, -9) for step in steps) >= len(steps) - 1
