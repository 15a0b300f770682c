"""What a reminder's link carries: an account, a day, and 96 bits that only this portal can make."""

import base64
import re
from datetime import date
from hmac import compare_digest
from typing import Final

from portal.models.base import get_cipher

PROOF_BYTES: Final = 12
TOKEN: Final = re.compile(r"(\d{1,18})-(\d{8})-([A-Za-z0-9_-]{16})", re.ASCII)


def make_day_token(*, account_id: int, diary_on: date) -> str:
    """``7-20261124-`` and sixteen characters more, all of them in GSM-7. Nothing is stored for it."""
    return f"{account_id}-{diary_on:%Y%m%d}-{_proof(account_id, diary_on)}"


def read_day_token(token: str) -> tuple[int, date] | None:
    """The account and day of a token that this portal has made, else None."""
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    try:
        account_id, diary_on = int(match[1]), date.fromisoformat(match[2])
    except ValueError:
        return None
    return (account_id, diary_on) if compare_digest(_proof(account_id, diary_on), match[3]) else None


def _proof(account_id: int, diary_on: date) -> str:
    index = get_cipher().blind_index("day-link", f"{account_id}:{diary_on.isoformat()}")
    return base64.urlsafe_b64encode(index[:PROOF_BYTES]).decode()
