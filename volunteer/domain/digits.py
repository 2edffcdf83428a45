"""Six figures (数字码) for a phone without a camera: the twin of the rotating and the personal code.

They are read aloud or typed, so they live longer than the picture: a step of thirty seconds, this one or
the one before. Wrong ones are counted, so that guessing stays hopeless.
"""

import hashlib
import hmac
from datetime import datetime

from volunteer.domain.terms import StampKind

STEP_SECONDS = 30
FIGURES = 6

_DOMAIN = b"volunteer-digits/1:"


def _figures(secret: bytes, subject: str, step: int) -> str:
    digest = hmac.new(secret, _DOMAIN + f"{subject}.{step}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**FIGURES:0{FIGURES}d}"


def _step(at: datetime) -> int:
    return int(at.timestamp()) // STEP_SECONDS


def _is_of(secret: bytes, subject: str, typed: str, at: datetime) -> bool:
    given = plain(typed).encode()
    now = _step(at)
    fits = [
        hmac.compare_digest(_figures(secret, subject, step).encode(), given)
        for step in (now, now - 1)
    ]
    return any(fits)


def plain(typed: str) -> str:
    """Drop spaces and dashes, and turn full-width figures into plain ones."""
    figures = [str(int(c)) for c in typed if c.isdecimal()]
    return "".join(figures)


def shift_digits(secret: bytes, shift_id: int, kind: StampKind, at: datetime) -> str:
    """The figures beside the rotating code of a shift; check-in and check-out differ."""
    return _figures(secret, f"{kind.value}{shift_id}", _step(at))


def is_shift_digits(
    secret: bytes, shift_id: int, kind: StampKind, typed: str, at: datetime
) -> bool:
    """Whether the typed figures belong to this shift and kind, now or half a minute ago."""
    return _is_of(secret, f"{kind.value}{shift_id}", typed, at)


def personal_digits(secret: bytes, volunteer_id: int, at: datetime) -> str:
    """The figures beside a volunteer's personal code, for a leader who types them."""
    return _figures(secret, f"v{volunteer_id}", _step(at))


def is_personal_digits(secret: bytes, volunteer_id: int, typed: str, at: datetime) -> bool:
    """Whether the typed figures are this volunteer's, now or half a minute ago."""
    return _is_of(secret, f"v{volunteer_id}", typed, at)
