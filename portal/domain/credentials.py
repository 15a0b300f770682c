"""What people type to get in: the code on the card, the PIN, the password, and how long a lock holds.

A card code is ten characters of an alphabet without I, L, O and U. The tenth is a check character over GF(32): any one
wrong character and any two swapped ones are noticed before the database is asked.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from portal.domain.msgid import N_

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH: Final = 10
MISREAD: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
PIN_LENGTH: Final = 6
COMMON_PINS: Final = frozenset(
    {"100200", "111222", "112233", "123321", "131452", "147258", "159753", "258369", "520131"}
)
PASSWORD_LENGTH: Final = 12
PASSWORD_LENGTH_MAX: Final = 200
FREE_TRIES: Final = 5
LOCK_MINUTES: Final = (1, 5, 15, 60)
_PRIMITIVE: Final = 0b100101  # x^5 + x^2 + 1, a primitive polynomial over GF(2)


def new_card_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """A fresh code, 45 random bits and a check character. It holds a letter, so that no phone number looks like it.

    ``choose`` picks a character; only the demo trial hands in one that can be foretold.
    """
    while True:
        body = "".join(choose(ALPHABET) for _ in range(CODE_LENGTH - 1))
        if any(character.isalpha() for character in body):
            return body + _check_character(body)


def read_card_code(text: str) -> str | None:
    """The code in its one spelling, or None. Case, spaces, dashes, O for 0 and I or L for 1 do not matter."""
    code = re.sub(r"[\s\-‐-―_.]", "", _plain(text)).upper().translate(MISREAD)
    if len(code) != CODE_LENGTH or any(character not in ALPHABET for character in code):
        return None
    return code if _check_character(code[:-1]) == code[-1] and not code.isdigit() else None


def format_card_code(code: str) -> str:
    """As printed on the card: ``7K3QF-W2M9D``."""
    return f"{code[:5]}-{code[5:]}"


def _check_character(body: str) -> str:
    """The sum of character times a power of x in GF(32): every place has a weight of its own."""
    total = 0
    for character in body:
        total = _times_x(total ^ ALPHABET.index(character))
    return ALPHABET[total]


def _times_x(value: int) -> int:
    doubled = value << 1
    return doubled ^ _PRIMITIVE if doubled & 32 else doubled


def read_digits(text: str) -> str:
    """What was typed as a PIN, a year or a one-time code, without spaces and with full-width digits made plain."""
    return re.sub(r"\s", "", _plain(text))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def pin_problem(pin: str, *, born_on: date) -> str | None:
    """Why this PIN will not do, as a msgid, or None. ``born_on`` is the participant's date of birth."""
    if len(pin) != PIN_LENGTH or not (pin.isascii() and pin.isdigit()):
        return N_("Enter six digits.")
    if _is_pattern(pin) or pin in COMMON_PINS:
        return N_("This PIN is easy to guess. Please choose another one.")
    if _tells_birth(pin, born_on):
        return N_("Please choose a PIN without the date of birth in it.")
    return None


def _is_pattern(pin: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return pin[:3] == pin[3:] or pin[:2] * 3 == pin or (len(steps) == 1 and steps <= {0, 1, 9})


def _tells_birth(pin: str, born_on: date) -> bool:
    return f"{born_on:%Y}" in pin or pin in {f"{born_on:%y%m%d}", f"{born_on:%d%m%y}", f"{born_on:%m%d%y}"}


def password_problem(password: str, *, avoid: Sequence[str] = ()) -> str | None:
    """Why this password of a member of staff will not do, as a msgid, or None. ``avoid``: e-mail address, name."""
    if len(password) < PASSWORD_LENGTH:
        return N_("Use at least 12 characters.")
    if len(password) > PASSWORD_LENGTH_MAX:
        return N_("Use at most 200 characters.")
    if len(set(password)) < 5 or any(part and part.casefold() in password.casefold() for part in avoid):
        return N_("This password is easy to guess. Please choose another one.")
    return None


def locked_until(failed_tries: int, *, now: datetime) -> datetime | None:
    """When the next try is allowed after so many wrong ones in a row; None means at once."""
    if failed_tries < FREE_TRIES:
        return None
    return now + timedelta(minutes=LOCK_MINUTES[min(failed_tries - FREE_TRIES, len(LOCK_MINUTES) - 1)])


def is_locked(until: datetime | None, *, now: datetime) -> bool:
    return until is not None and now < until
