"""Shifts that ask for the system's hand (到期班次): forgotten check-outs, and what can be settled."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from volunteer.domain.terms import ActivityState, ShiftState
from volunteer.models.activities import Activity, Shift
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


def finished_activities(*, before: date) -> list[int]:
    """Published activities over before the day, with at least one settled shift and none still to settle."""
    mine = select(Shift.id).where(Shift.activity_id == Activity.id).correlate(Activity)
    return list(
        db.session.scalars(
            select(Activity.id)
            .where(
                Activity.state == ActivityState.PUBLISHED,
                Activity.ends_on < before,
                mine.where(Shift.state == ShiftState.SETTLED).exists(),
                ~mine.where(Shift.state.in_((ShiftState.PLANNED, ShiftState.PUBLISHED))).exists(),
            )
            .order_by(Activity.id)
            .limit(MOST)
        )
    )
