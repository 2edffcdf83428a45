"""Spot checks (现场抽查): which shifts are drawn, and when; unpredictable before, provable after.

A day has a secret of its own. Its digest is published when it is made; the secret is shown when the day is
over. A shift is drawn if the first eight bytes of HMAC-SHA256(secret, "volunteer-spot/1:SHIFT") lie below the
share of the day; the next eight choose the moment between a quarter and three quarters of the shift. Nobody
can work it out before, everybody can check it afterwards: 《志愿服务记录与证明出具办法（试行）》第二十条 asks for
checks whose results are public.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from volunteer.domain.timekeeping import Window

SECRET_BYTES = 32
_LABEL = "volunteer-spot/1"
_WHOLE = 2**64


def commitment(secret: bytes) -> bytes:
    """Return the digest that is published before."""
    return hashlib.sha256(f"{_LABEL}\0".encode() + secret).digest()


def _drawn(secret: bytes, shift_id: int) -> bytes:
    if len(secret) != SECRET_BYTES:
        raise ValueError("a day's secret has 32 bytes")
    return hmac.digest(secret, f"{_LABEL}:{shift_id}".encode(), hashlib.sha256)


def is_drawn(secret: bytes, shift_id: int, percent: int) -> bool:
    """Whether the day's secret draws this shift at a share in percent."""
    return int.from_bytes(_drawn(secret, shift_id)[:8], "big") * 100 < percent * _WHOLE


def moment(secret: bytes, shift_id: int, window: Window) -> datetime:
    """Return the instant, to the second, at which a drawn shift is checked."""
    share = int.from_bytes(_drawn(secret, shift_id)[8:16], "big") / _WHOLE
    seconds = (window.ends_at - window.starts_at).total_seconds()
    return window.starts_at + timedelta(seconds=int(seconds * (0.25 + share / 2)))
