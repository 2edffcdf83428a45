"""The city's signature (签名): Ed25519 over roots and certificates; the key comes from the settings."""

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from volunteer.domain.sealing import fingerprint_of


class _Desk:
    key: Ed25519PrivateKey | None = None


def configure(seed: bytes) -> None:
    """Set the signing key from its 32 bytes."""
    if len(seed) != 32:
        raise ValueError("a signing key has 32 bytes")
    _Desk.key = Ed25519PrivateKey.from_private_bytes(seed)


def _key() -> Ed25519PrivateKey:
    if _Desk.key is None:
        raise RuntimeError("the signing key was not configured")
    return _Desk.key


def sign(text: bytes) -> bytes:
    """The signature over a text, 64 bytes."""
    return _key().sign(text)


def public_key() -> bytes:
    """The public half of the key in use, 32 bytes."""
    return _key().public_key().public_bytes_raw()


def fingerprint() -> str:
    """The short name of the key in use."""
    return fingerprint_of(public_key())


def is_signed(text: bytes, signature: bytes, public: bytes) -> bool:
    """Whether the signature over the text was made by this key."""
    try:
        _public(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=16)
def _public(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)
