"""Ed25519 signatures for the anchors of the audit log (RFC 8032)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portal.adapters.encryption import parse_key


def derive_public_key(secret: str) -> str:
    """The public half of 32 secret bytes in URL-safe base64, in hexadecimal."""
    return _private(secret).public_key().public_bytes_raw().hex()


def sign_statement(secret: str, statement: bytes) -> bytes:
    return _private(secret).sign(statement)


def verify_signature(public: str, statement: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, statement)
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(parse_key(secret))
