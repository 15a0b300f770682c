"""Field encryption and blind indexes.

A token is ``version | key id | nonce | AES-256-GCM ciphertext``. The key id lets rotation see which keys are still in
use; the context (``table.column``) is authenticated, so that a value moved to another place does not open.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
KEY_BYTES = 32
ID_BYTES = 4
NONCE_BYTES = 12
HEAD_BYTES = len(VERSION) + ID_BYTES + NONCE_BYTES


class CannotDecrypt(ValueError):
    """The key is not here, or the value is damaged or in the wrong place."""


def parse_key(text: str) -> bytes:
    """Read 32 bytes from URL-safe base64; a wrong length or alphabet is a ``ValueError``."""
    try:
        key = base64.urlsafe_b64decode(text.encode("ascii"))
    except (ValueError, UnicodeEncodeError) as error:
        raise ValueError("not URL-safe base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError("not 32 bytes")
    return key


def new_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode("ascii")


def key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key-id" + key).digest()[:ID_BYTES]


class KeyRing:
    """Several keys: the first encrypts, each decrypts what carries its id."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._boxes = {key_id(key): AESGCM(key) for key in keys}
        self._first = key_id(keys[0])

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + self._first + nonce + self._boxes[self._first].encrypt(nonce, plain, context)

    def decrypt(self, token: bytes, context: bytes) -> bytes:
        identity, nonce = token[1 : 1 + ID_BYTES], token[1 + ID_BYTES : HEAD_BYTES]
        box = self._boxes.get(identity)
        if token[:1] != VERSION or box is None:
            raise CannotDecrypt("no key for this value")
        try:
            return box.decrypt(nonce, token[HEAD_BYTES:], context)
        except InvalidTag as error:
            raise CannotDecrypt("damaged or misplaced value") from error


class Vault(KeyRing):
    """The field keys, and the key of the blind index."""

    def __init__(self, field_keys: Sequence[str], blind_index_key: str) -> None:
        super().__init__([parse_key(key) for key in field_keys])
        self._index_key = parse_key(blind_index_key)
        own = hmac.digest(self._index_key, b"trail of the study", "sha256")
        self._study = KeyRing([own, *(parse_key(key) for key in field_keys)])

    def blind_index(self, kind: str, value: str) -> bytes:
        """32 bytes that are equal for equal values of one kind, and say nothing without the key."""
        return hmac.digest(self._index_key, f"{kind}\0{value}".encode(), "sha256")

    def new_data_key(self) -> bytes:
        """A fresh participant key, wrapped by the first field key."""
        return self.encrypt(os.urandom(KEY_BYTES), b"data-key")

    def open_data_key(self, wrapped: bytes) -> KeyRing:
        return KeyRing([self.decrypt(bytes(wrapped), b"data-key")])

    def study_cipher(self) -> KeyRing:
        """For what is never written again and belongs to nobody: a key that stays as long as the index key does."""
        return self._study
