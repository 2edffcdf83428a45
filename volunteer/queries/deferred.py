"""Deferred stamps (离线记录), read: by nonce, by seat, what waits for a person, and what became of one's own."""

from dataclasses import dataclass

from sqlalchemy import select

from volunteer.models.activities import Activity, Shift
from volunteer.models.attendance import DeferredStamp
from volunteer.models.base import db


@dataclass(frozen=True, slots=True)
class ShiftOwner:
    """Whose shift it is: the organizing unit, and who leads it."""

    unit_id: int
    leader_id: int | None


def owner_of_shift(shift_id: int) -> ShiftOwner | None:
    """Whose shift this is, if there is one."""
    row = db.session.execute(
        select(Activity.unit_id, Shift.leader_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Shift.id == shift_id)
    ).one_or_none()
    return None if row is None else ShiftOwner(row[0], row[1])


def deferred_by_nonce(nonce: str) -> DeferredStamp | None:
    """The row of an item that arrived before, if it did."""
    return db.session.scalar(select(DeferredStamp).where(DeferredStamp.nonce == nonce))


def deferred_of_seat(shift_id: int, volunteer_id: int) -> list[DeferredStamp]:
    """All deferred rows of one seat, in order of the instants that they claim."""
    return list(
        db.session.scalars(
            select(DeferredStamp)
            .where(DeferredStamp.shift_id == shift_id, DeferredStamp.volunteer_id == volunteer_id)
            .order_by(DeferredStamp.claimed_at, DeferredStamp.nonce)
        )
    )
