"""A seat for who served without one (补列名单): made only when the make-up hours are entered, told apart for ever."""

from datetime import datetime

from sqlalchemy import select

from volunteer.domain.lifecycle import advance
from volunteer.domain.terms import AssignmentState
from volunteer.models.base import db
from volunteer.models.people import Volunteer
from volunteer.models.rosters import Assignment
from volunteer.models.tickets import MakeUp
from volunteer.operations.journal import note
from volunteer.queries.occasion import occasion

SOURCE = "make_up"
"""The source of such a seat: it was on no list when the shift began, so on no insurance list either."""


def seat_afterwards(row: MakeUp, *, at: datetime) -> Assignment:
    """List the person of a request on its shift, as a fact and no promise: the seats of the shift do not matter.

    A seat that the person had declined, or that had been called off, is taken up again.
    """
    seat = db.session.scalar(
        select(Assignment).where(
            Assignment.shift_id == row.shift_id, Assignment.volunteer_id == row.volunteer_id
        )
    )
    person = db.session.get(Volunteer, row.volunteer_id)
    assert person is not None, "a request has a person"
    before = seat.state.value if seat else None
    if seat is None:
        seat = Assignment(
            shift_id=row.shift_id,
            volunteer_id=row.volunteer_id,
            unit_id=person.unit_id,
            state=AssignmentState.ACCEPTED,
            told_at=at,
        )
        db.session.add(seat)
    else:
        if seat.state is AssignmentState.CANCELLED:
            seat.state = advance(seat.state, AssignmentState.PROPOSED)
        if seat.state is not AssignmentState.ACCEPTED:
            seat.state = advance(seat.state, AssignmentState.ACCEPTED)
        seat.cancel_cause = None
        seat.version += 1
    seat.source, seat.answered_at = SOURCE, row.asked_at
    db.session.flush()
    note(
        None,
        "seat_afterwards",
        seat,
        f"补录记入，补列名单：{person.name}，{occasion(row.shift_id)}",
        at=at,
        unit_id=row.unit_id,
        before={"state": before} if before else None,
        after={"state": seat.state.value, "make_up": row.id},
    )
    return seat
