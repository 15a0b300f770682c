"""A signature: printed name, time and meaning, bound to the signed content by a hash."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum


class SignatureMeaning(StrEnum):
    """Why somebody signs."""

    ASSESSED = "assessed"
    REVIEWED = "reviewed"


class SignatureStatus(StrEnum):
    """``void``: the content was changed after it was signed. ``broken``: the stored content is not what was signed."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    VOID = "void"
    BROKEN = "broken"


def content_hash(content: Mapping[str, object], *, name: str, meaning: str, signed_at: datetime) -> str:
    """SHA-256 (hexadecimal) over the content and the signature's own words, in one canonical spelling."""
    signed = {"content": dict(content), "name": name, "meaning": meaning, "at": signed_at.astimezone(UTC).isoformat()}
    spelled = json.dumps(signed, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(spelled.encode()).hexdigest()
