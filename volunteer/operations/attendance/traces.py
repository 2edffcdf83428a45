"""What is kept of a fix (定位摘要): whether two fixes are equal, not where they were; erased with the location."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete

from volunteer.domain.place import Fix
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.cipher import blind
from volunteer.models.trust import FixTrace

PRINT_BYTES = 8
ROUND_PLACES = 4
"""Coordinates with no more decimals than this were typed: eleven metres, where a phone says centimetres."""


def is_round(fix: Fix) -> bool:
    """Whether a fix looks typed: few decimals and an accuracy in whole tens or fives."""
    places = max(_decimals(fix.at.lat), _decimals(fix.at.lon))
    return places <= ROUND_PLACES and float(fix.accuracy) % 5 == 0


def _decimals(value: float) -> int:
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def keep_trace(stamp: CheckIn, fix: Fix | None, *, at: datetime) -> FixTrace | None:
    """Keep a keyed digest of a located stamp's fix; one whose place was not taken, or that is older, keeps none."""
    if fix is None or stamp.accuracy_metres is None or stamp.received_at != at:
        return None
    row = FixTrace(stamp_id=stamp.id, at=at, **trace_of(fix))
    db.session.add(row)
    return row


def trace_of(fix: Fix) -> dict[str, Any]:
    """What is kept of a fix: its digest, and whether it looks typed."""
    text = f"{fix.at.lat!r},{fix.at.lon!r},{fix.accuracy!r}"
    return {"fix_print": blind("fix", text)[:PRINT_BYTES], "is_round": is_round(fix)}


def forget_traces(*, before: datetime) -> int:
    """Erase the digests of fixes taken before an instant; returns how many."""
    done: Any = db.session.execute(delete(FixTrace).where(FixTrace.at < before))
    return int(done.rowcount)
