"""Phone and ID numbers at rest (加密存储): AES-256-GCM per field beside an HMAC blind index.

The keys come from the settings at start (:func:`configure`). Ciphertext is ``version || nonce || box``,
so that a key can be replaced: new writes use the newest key, reads any known one.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class _Keyring:
    boxes: dict[int, AESGCM] = {}
    newest: int = 0
    index_key: bytes = b""


def configure(*, field_keys: list[bytes], index_key: bytes) -> None:
    """Set the field keys (32 bytes each, oldest first; empty: retired) and the key of the blind index."""
    used = [key for key in field_keys if key]
    if not used or any(len(key) != 32 for key in used) or len(index_key) < 32:
        raise ValueError("field keys are 32 bytes each, the index key at least 32")
    if not field_keys[-1]:
        raise ValueError("the last field key is the one in use; it cannot be retired")
    _Keyring.boxes = {i + 1: AESGCM(key) for i, key in enumerate(field_keys) if key}
    _Keyring.newest = len(field_keys)
    _Keyring.index_key = index_key


def encrypt(text: str) -> bytes:
    """Encrypt a text with the newest key."""
    nonce = os.urandom(_NONCE)
    version = _Keyring.newest
    return bytes([version]) + nonce + _Keyring.boxes[version].encrypt(nonce, text.encode(), None)


def decrypt(cipher: bytes | None) -> str | None:
    """Decrypt what :func:`encrypt` made; None stays None. Raises ``InvalidTag`` if it was altered."""
    if cipher is None:
        return None
    version, nonce, box = cipher[0], cipher[1 : 1 + _NONCE], cipher[1 + _NONCE :]
    if version not in _Keyring.boxes:
        raise InvalidTag(f"unknown field key {version}")
    return _Keyring.boxes[version].decrypt(nonce, box, None).decode()


def newest_key() -> int:
    """The place of the key under which new fields are written, from 1."""
    return _Keyring.newest


def key_of(cipher: bytes) -> int:
    """The place of the key under which a field was written."""
    return cipher[0]


def blind(kind: str, value: str) -> bytes:
    """The blind index of a normalised value, for equality search only; kinds never collide."""
    return hmac.digest(_Keyring.index_key, f"{kind}\0{value}".encode(), hashlib.sha256)
