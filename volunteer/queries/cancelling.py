"""What calling shifts off would do (取消的影响), in figures, and which shifts a storm hits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor
from volunteer.domain.terms import ShiftState
from volunteer.models.activities import Activity, ActivityKind, Shift
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.queries.scope import visible
from volunteer.queries.shifts import SEATED


@dataclass(frozen=True, slots=True)
class Effect:
    """What calling shifts off would do, in figures, before anybody presses the button."""

    shift_ids: tuple[int, ...]
    seats: int
    people: int
    stamped_ids: tuple[int, ...]
    settled: int

    @property
    def shifts(self) -> int:
        """How many shifts would be called off."""
        return len(self.shift_ids)


def effect_of_cancelling(shift_ids: Iterable[int]) -> Effect:
    """What would happen to these shifts: settled ones and those with check-ins stay as they are."""
    wanted = sorted(set(shift_ids))
    states: dict[int, ShiftState] = {}
    stamped: set[int] = set()
    seats = 0
    people: set[int] = set()
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        rows = db.session.execute(select(Shift.id, Shift.state).where(Shift.id.in_(part)))
        states.update({row[0]: row[1] for row in rows})
        stamped |= stamped_among(part)
    ids = [i for i in wanted if states.get(i) in LIVE and i not in stamped]
    for start in range(0, len(ids), 500):
        found = db.session.scalars(
            select(Assignment.volunteer_id).where(
                Assignment.shift_id.in_(ids[start : start + 500]), Assignment.state.in_(SEATED)
            )
        ).all()
        seats += len(found)
        people.update(found)
    settled = sum(state is ShiftState.SETTLED for state in states.values())
    return Effect(tuple(ids), seats, len(people), tuple(sorted(stamped)), settled)


def stamped_among(shift_ids: Iterable[int]) -> set[int]:
    """Those of the shifts at which someone has checked in, taken-back stamps aside."""
    rows = db.session.scalars(
        select(CheckIn.shift_id)
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .where(CheckIn.shift_id.in_(list(shift_ids)), StampCancellation.stamp_id.is_(None))
        .distinct()
    )
    return set(rows)


LIVE = (ShiftState.PLANNED, ShiftState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Storm:
    """Which shifts bad weather hits: those that overlap the stretch, in an area, perhaps of one kind."""

    from_at: datetime
    until_at: datetime
    district_id: int | None = None
    kind_id: int | None = None
    activity_id: int | None = None


def shifts_in_storm(actor: Actor, storm: Storm) -> list[int]:
    """Live shifts that the actor may call off and that the storm hits."""
    statement: Any = (
        select(Shift.id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(ActivityKind, ActivityKind.id == Activity.kind_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(
            Shift.state.in_(LIVE),
            Shift.starts_at < storm.until_at,
            Shift.ends_at > storm.from_at,
        )
    )
    if storm.district_id is not None:
        statement = statement.where(CheckPoint.district_id == storm.district_id)
    if storm.kind_id is not None:
        statement = statement.where(Activity.kind_id == storm.kind_id)
    if storm.activity_id is not None:
        statement = statement.where(Activity.id == storm.activity_id)
    statement = visible(statement, actor, Act.MANAGE_SHIFTS, unit=Activity.unit_id)
    return list(db.session.scalars(statement.order_by(Shift.starts_at)))


def live_shifts_of(activity_id: int) -> list[int]:
    """Shifts of an activity that are neither settled nor called off."""
    return list(
        db.session.scalars(
            select(Shift.id).where(Shift.activity_id == activity_id, Shift.state.in_(LIVE))
        )
    )
