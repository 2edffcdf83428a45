"""The day's signed root (当日根值): what is signed over the entries of a day, and what a leaf holds.

Each statement names the digest of the one before, so that the newest root vouches for every day
before it. A unit that keeps one root (printed on an export, a certificate, the public page) is a
witness: nobody, the city office included, can later tell another story about the days up to it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from volunteer.domain.ledger import FIELDS, SEPARATOR, instant_text

FORMAT = "volunteer-ledger-root/1"
#: What the first statement names as the one before.
FIRST = bytes(32)

_SEPARATOR = SEPARATOR.encode()


def leaf_line(seq: int, line: bytes, mark: bytes) -> bytes:
    """Return the bytes of a leaf: number, the sealed fields, and the entry's seal, joined by U+001F.

    The reason is free text and may name what is nobody's business: the leaf holds its SHA-256
    only (nothing for an empty one), so that a proof can be shown to strangers.
    """
    *parts, reason = line.split(_SEPARATOR, len(FIELDS) - 1)
    hidden = sha256(reason).hexdigest().encode() if reason else b""
    return _SEPARATOR.join([str(seq).encode(), *parts, hidden, mark.hex().encode()])


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed for a day: the entries from ``first_seq`` to ``last_seq`` (none if it is smaller).

    ``root`` is over their leaves, ``head`` the seal of entry ``last_seq``, ``previous`` the digest of
    the statement of the day before, ``key`` the fingerprint of the signing key.
    """

    day: date
    first_seq: int
    last_seq: int
    root: bytes
    head: bytes
    previous: bytes
    sealed_at: datetime
    key: str

    @property
    def size(self) -> int:
        """How many entries the day has."""
        return self.last_seq - self.first_seq + 1

    def text(self) -> bytes:
        """Return the bytes that are signed: nine lines, each ended by a line feed."""
        lines = (
            FORMAT,
            self.day.isoformat(),
            str(self.first_seq),
            str(self.last_seq),
            self.root.hex(),
            self.head.hex(),
            self.previous.hex(),
            instant_text(self.sealed_at),
            self.key,
        )
        return "".join(f"{line}\n" for line in lines).encode()

    def digest(self) -> bytes:
        """Return what the next statement names as the one before."""
        return sha256(self.text()).digest()


def fingerprint_of(public_key: bytes) -> str:
    """Return the short name of a signing key: the first sixteen figures of its SHA-256."""
    return sha256(public_key).hexdigest()[:16]
