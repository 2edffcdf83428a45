"""Seals (签封): byte for byte those of itsdangerous, with keys derived once and opened without its detours.

What is whole, in time and under the present key is opened here; whatever is not goes the way of itsdangerous, which
alone says no, and why.
"""

import hmac
import json
import time
from binascii import a2b_base64
from collections.abc import Callable, Iterator
from typing import Any, cast

from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from itsdangerous.signer import SigningAlgorithm

_PLAIN = bytes.maketrans(b"-_", b"+/")
_DOT = ord(".")


class _Sha1(SigningAlgorithm):
    """HMAC-SHA1 in one call."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha1")


class _Signer(TimestampSigner):
    """Derives each key once."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.algorithm = _Sha1()
        self._derived: dict[Any, bytes] = {}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        known = self._derived.get(secret_key)
        if known is None:
            known = self._derived[secret_key] = super().derive_key(secret_key)
        return known


class Seal(URLSafeTimedSerializer):
    """Signs and opens with one secret; it keeps its signer, which has no state that a request could change.

    ``untagged`` makes the value of a payload's JSON, where the serializer puts more into it than JSON has.
    """

    default_signer = _Signer

    def __init__(
        self, *args: Any, untagged: Callable[[Any], Any] | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self._kept = cast(TimestampSigner, super().make_signer())
        self._key = self._kept.derive_key()
        self._untagged = untagged

    def make_signer(self, salt: str | bytes | None = None) -> TimestampSigner:
        """The signer that is kept, or one of another salt."""
        return self._kept if salt is None else cast(TimestampSigner, super().make_signer(salt))

    def iter_unsigners(self, salt: str | bytes | None = None) -> Iterator[TimestampSigner]:
        """The one signer: there is one secret."""
        yield self.make_signer(salt)

    def loads(  # type: ignore[override]
        self,
        s: str | bytes,
        max_age: int | None = None,
        return_timestamp: bool = False,
        salt: str | bytes | None = None,
    ) -> Any:
        """What was sealed. Raises BadData as itsdangerous does."""
        if not return_timestamp and salt is None:
            try:
                raw = self._opened(s, max_age)
                if raw is not None:
                    value = json.loads(raw)
                    return value if self._untagged is None else self._untagged(value)
            except ValueError:  # no base64, no JSON, not ASCII
                pass
        return super().loads(s, max_age, return_timestamp, salt)

    def _opened(self, sealed: str | bytes, max_age: int | None) -> bytes | None:
        """The payload of a good seal in time, None where it is another's matter to say what is wrong."""
        told = sealed.encode("ascii") if isinstance(sealed, str) else sealed
        value, _, signature = told.rpartition(b".")
        if not hmac.compare_digest(_bytes(signature), hmac.digest(self._key, value, "sha1")):
            return None
        payload, dot, stamp = value.rpartition(b".")
        if not dot or not payload or payload[0] == _DOT:  # without an instant, or packed
            return None
        if max_age is not None:
            age = int(time.time()) - int.from_bytes(_bytes(stamp), "big")
            if not 0 <= age <= max_age:
                return None
        return _bytes(payload)


def _bytes(text: bytes) -> bytes:
    return a2b_base64(text.translate(_PLAIN) + b"=" * (-len(text) % 4))
