"""Shifts that ask for the system's hand (到期班次): forgotten check-outs, and what can be settled."""

from datetime import datetime, timedelta

from sqlalchemy import select

from volunteer.domain.terms import ShiftState
from volunteer.models.activities import Shift
from volunteer.models.base import db

MOST = 200


def ended_shifts(*, at: datetime, after: timedelta) -> list[int]:
    """Published shifts that ended at least so long ago, the oldest first; at most two hundred at a time."""
    return list(
        db.session.scalars(
            select(Shift.id)
            .where(Shift.state == ShiftState.PUBLISHED, Shift.ends_at <= at - after)
            .order_by(Shift.ends_at, Shift.id)
            .limit(MOST)
        )
    )
