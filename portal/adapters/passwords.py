"""PINs, passwords and one-time codes: argon2id and TOTP (RFC 6238)."""

from datetime import datetime
from functools import lru_cache
from typing import Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

STEP_SECONDS: Final = 30
STEPS_EITHER_SIDE: Final = 1
ISSUER: Final = "Follow-up portal"
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_secret(secret: str) -> str:
    """An argon2id hash: 19 MiB, two passes, one lane (OWASP's recommendation; 22 ms on the reference machine)."""
    return _hasher.hash(secret)


def verify_secret(hashed: str | None, secret: str) -> bool:
    """Whether ``secret`` matches. Takes as long without a hash as with one: timing does not reveal who exists."""
    try:
        return _hasher.verify(hashed or _nobody(), secret) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


@lru_cache
def _nobody() -> str:
    return _hasher.hash(pyotp.random_base32())


def new_totp_secret() -> str:
    return pyotp.random_base32()


def totp_step(secret: str, code: str, *, now: datetime) -> int | None:
    """The time step that ``code`` belongs to, with one step of clock drift allowed; None when it is wrong."""
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    steps = range(current - STEPS_EITHER_SIDE, current + STEPS_EITHER_SIDE + 1)
    matching = [step for step in steps if pyotp.utils.strings_equal(totp.generate_otp(step), code)]
    return matching[-1] if matching else None


def totp_uri(secret: str, *, email: str) -> str:
    """The ``otpauth://`` address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=email, issuer_name=ISSUER)
