"""Short secrets that travel through the browser: encrypted, bound to a purpose, and good for a time only."""

import base64
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


def seal_token(purpose: str, value: Any) -> str:
    """A token that only this portal can open, and only for the same purpose. ``value`` is anything JSON knows."""
    return _box(current_app.config["SECRET_KEY"], purpose).encrypt(json.dumps(value).encode()).decode("ascii")


def open_token(purpose: str, token: str, *, max_age_seconds: int) -> Any:
    """The value, or None when the token is damaged, for something else, or too old."""
    try:
        return json.loads(_box(current_app.config["SECRET_KEY"], purpose).decrypt(token.encode(), ttl=max_age_seconds))
    except (InvalidToken, UnicodeEncodeError):
        return None


@lru_cache
def _box(secret_key: str, purpose: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=f"portal/{purpose}".encode()).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))
