"""What participants and staff share when a typed form is kept: its limits, and that it came from this site."""

from typing import Final
from urllib.parse import urlsplit

from flask import request

FIELDS_MAX: Final = 300


CHARACTERS_MAX: Final = 60_000


def is_own_origin() -> bool:
    """No other site may put words into somebody's form by way of the sign-in page."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
