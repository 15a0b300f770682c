"""A stream under AES-256-GCM in chunks, each bound to its place and the last one marked: nothing can be cut or swapped.

``magic | salt | (length | ciphertext)*``; a file's own key is HKDF of the given key and the salt, so that a counter can
serve as nonce. After Hoang, Reyhanitabar, Rogaway, Vizar: "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance" (STREAM), CRYPTO 2015.
"""

import io
import os
import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC: Final = b"IMSCBAK1"
SALT_BYTES: Final = 32
CHUNK: Final = 1 << 20
LENGTH: Final = struct.Struct(">I")
NONCE: Final = struct.Struct(">QI")


class DamagedBackup(ValueError):
    """Not a backup, not this key, or not what was written."""


def _box(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"backup").derive(key))


class EncryptingWriter(io.RawIOBase):
    """Write plain bytes here; ciphertext goes to ``target``. Close it, or the end is missing and nothing opens."""

    def __init__(self, target: BinaryIO, key: bytes) -> None:
        self._target, self._number, self._pending = target, 0, bytearray()
        salt = os.urandom(SALT_BYTES)
        self._cipher = _box(key, salt)
        target.write(MAGIC + salt)

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:  # type: ignore[no-untyped-def]
        self._pending += data
        while len(self._pending) > CHUNK:
            self._seal(bytes(self._pending[:CHUNK]), last=False)
            del self._pending[:CHUNK]
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._pending), last=True)
        super().close()

    def _seal(self, plain: bytes, *, last: bool) -> None:
        token = self._cipher.encrypt(NONCE.pack(self._number, int(last)), plain, MAGIC)
        self._target.write(LENGTH.pack(len(token)) + token)
        self._number += 1


def decrypted_chunks(source: BinaryIO, key: bytes) -> Iterator[bytes]:
    """The plain bytes, chunk by chunk. Raises Damaged; what was yielded before may be thrown away then."""
    if source.read(len(MAGIC)) != MAGIC:
        raise DamagedBackup("this is not a backup of the portal")
    cipher, number, last = _box(key, source.read(SALT_BYTES)), 0, False
    while head := source.read(LENGTH.size):
        if last or len(head) < LENGTH.size:
            raise DamagedBackup("something follows the end, or the end is cut")
        plain, last = _chunk(cipher, source.read(LENGTH.unpack(head)[0]), number)
        number += 1
        yield plain
    if not last:
        raise DamagedBackup("the end is missing")


def _chunk(cipher: AESGCM, token: bytes, number: int) -> tuple[bytes, bool]:
    for last in (False, True):
        try:
            return cipher.decrypt(NONCE.pack(number, int(last)), token, MAGIC), last
        except InvalidTag:
            continue
    raise DamagedBackup("another key, or a changed file")
