"""Deferred stamps (离线记录), read: by nonce, by seat, what waits for a person, and what became of one's own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import DeferredProblem, DeferredState
from volunteer.domain.timekeeping import clock_at
from volunteer.models.activities import Activity, Shift
from volunteer.models.attendance import DeferredStamp
from volunteer.models.base import db
from volunteer.queries.scope import visible


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What the phone is told of an item: enough to take it from its queue, and to say why."""

    state: DeferredState
    problem: DeferredProblem | None
    clock: str


def answer_of(row: DeferredStamp) -> Answer:
    """The answer to an item, the same however often it is sent."""
    return Answer(row.state, row.problem, clock_at(row.claimed_at))


def arrived_since(account_id: int, *, since: datetime) -> int:
    """How many items an account brought in since then."""
    count = db.session.scalar(
        select(func.count())
        .select_from(DeferredStamp)
        .where(DeferredStamp.account_id == account_id, DeferredStamp.received_at >= since)
    )
    return count or 0


def claimed_instant(actor: Actor, deferred_id: int) -> datetime:
    """The instant that a deferred stamp claims, if its shift is within the actor's reach.

    Raises Refused ``not_found``.
    """
    statement = (
        select(DeferredStamp.claimed_at)
        .join(Shift, Shift.id == DeferredStamp.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(DeferredStamp.id == deferred_id)
    )
    scoped = visible(statement, actor, Act.RUN_ONSITE, unit=Activity.unit_id, shift=Shift.id)
    found = db.session.scalar(scoped)
    if found is None:
        raise Refused("not_found", "没有找到这条离线记录。", "请刷新页面。", status=404)
    return found
