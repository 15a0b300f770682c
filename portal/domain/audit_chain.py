"""The audit chain: each audit event is bound to all before it by a digest over it, its changes and the last digest.

Every value is prefixed with its length, so that no two different events have the same encoding (as in RFC 6962 the
digest covers exact bytes, here those of the stored columns).
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

GENESIS: Final = bytes(32)
Value = bytes | str | int | datetime | None


def link_digest(before: bytes, event: Sequence[Value], changes: Iterable[Sequence[Value]]) -> bytes:
    """The 32-byte digest of an audit event. ``event`` and each change: their columns, always in the same order."""
    digest = hashlib.sha256(before)
    for row in (event, *changes):
        digest.update(len(row).to_bytes(4))
        for value in row:
            digest.update(_with_length(value))
    return digest.digest()


def anchor_statement(position: int, digest: bytes) -> bytes:
    """What an anchor signs: that the chain had this digest at this place."""
    return b"audit-chain 1\n%d\n%s\n" % (position, digest.hex().encode())


def _with_length(value: Value) -> bytes:
    if value is None:
        return b"-"
    kind, body = _bytes(value)
    return kind + len(body).to_bytes(8) + body


def _bytes(value: bytes | str | int | datetime) -> tuple[bytes, bytes]:
    if isinstance(value, datetime):
        return b"t", value.astimezone(UTC).isoformat(timespec="microseconds").encode()
    if isinstance(value, str):
        return b"s", value.encode()
    if isinstance(value, int):
        return b"i", str(value).encode()
    return b"b", bytes(value)
