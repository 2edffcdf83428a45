"""Seating (就座): the one place where an assignment row is made or taken up again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState
from volunteer.domain.words import N_
from volunteer.models.base import db
from volunteer.models.people import Volunteer
from volunteer.models.rosters import Assignment
from volunteer.operations.rosters import guard
from volunteer.queries.planning.seats import LIVE


@dataclass(frozen=True, slots=True)
class Seating:
    """How a seat is taken: state at once, where it came from, and whose seat it covers."""

    state: AssignmentState
    source: str
    draft_id: int | None = None
    covers_id: int | None = None


def take_seat(shift_id: int, volunteer_id: int, how: Seating, *, at: datetime) -> Assignment:
    """Seat a person, guarded: the row is new, or an earlier no or cancellation is taken up again.

    Raises
    ------
    Refused
        ``full``, ``not_found``; ``already_there`` when the person holds the seat.
    """
    guard.require_seat(shift_id)
    seat = db.session.scalar(
        select(Assignment)
        .where(Assignment.shift_id == shift_id, Assignment.volunteer_id == volunteer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if seat is not None and seat.state in LIVE:
        raise Refused("already_there", N_("此人已经在这个班次上。"))
    if seat is None:
        unit_id = db.session.scalar(select(Volunteer.unit_id).where(Volunteer.id == volunteer_id))
        if unit_id is None:
            raise Refused("not_found", N_("没有找到这位志愿者。"), status=404)
        seat = Assignment(shift_id=shift_id, volunteer_id=volunteer_id, unit_id=unit_id)
        db.session.add(seat)
    renew(seat, how, at=at)
    db.session.flush()
    return seat


def renew(seat: Assignment, how: Seating, *, at: datetime) -> None:
    """Write the seat as taken now; one that ended before is asked anew."""
    if seat.state is None:
        seat.state = how.state
    else:
        if seat.state is AssignmentState.CANCELLED and how.state is AssignmentState.ACCEPTED:
            seat.state = advance(seat.state, AssignmentState.PROPOSED)
        seat.state = advance(seat.state, how.state)
        seat.version += 1
    seat.source = how.source
    seat.draft_id = how.draft_id
    seat.covers_id = how.covers_id
    seat.told_at = at
    seat.answered_at = at if how.state is AssignmentState.ACCEPTED else None
    seat.answer_reason = ""
    seat.cancel_cause = None
