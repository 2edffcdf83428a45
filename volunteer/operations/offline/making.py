"""From a deferred stamp to a stamp (离线记录记入): one row more, written once, told in the journal."""

from datetime import datetime

from volunteer.domain.access import Actor
from volunteer.domain.attendance import Stamp
from volunteer.domain.offline import conflict_of
from volunteer.domain.terms import AssignmentState, DeferredSource, StampKind, Way
from volunteer.domain.timekeeping import clock_at
from volunteer.models.attendance import AttendanceNote, CheckIn, DeferredStamp
from volunteer.models.base import db
from volunteer.operations.journal import note, tell
from volunteer.queries.attendance import Seat, seat_at
from volunteer.queries.deferred import deferred_of_seat
from volunteer.queries.onsite import is_noted

MOST_ROUNDS = 200
"""So many stamps of a kind one seat can hold; the database says the same."""


def make_deferred_stamp(
    row: DeferredStamp, seat: Seat, stamp: Stamp, *, reason: str = "", forced: bool
) -> CheckIn:
    """Write the stamp that a deferred one stands for; the nonce is the same, so that it can be but one."""
    assert seat.assignment is not None, "a stamp belongs to a seat"
    made = CheckIn(
        assignment_id=seat.assignment.id,
        shift_id=seat.shift.id,
        volunteer_id=seat.volunteer.id,
        kind=stamp.kind,
        round=seat.next_round(stamp.kind),
        at=stamp.at,
        received_at=row.received_at,
        claimed_at=row.claimed_at,
        way=stamp.way,
        grade=stamp.grade,
        nonce=row.nonce,
        late_minutes=row.late_minutes,
        early_minutes=row.early_minutes,
        place_verdict=row.place_verdict,
        distance_bucket=row.distance_bucket,
        accuracy_metres=row.accuracy_metres,
        is_forced=forced,
        signals=list(row.signals),
        by_account_id=row.account_id,
        device_id=row.device_id if row.source is DeferredSource.OWN else None,
        reason=reason[:200],
    )
    db.session.add(made)
    db.session.flush()
    row.stamp_id = made.id
    row.way, row.grade = stamp.way, stamp.grade
    _accept_seat(seat, stamp, row.received_at, forced=forced)
    return made


def _accept_seat(seat: Seat, stamp: Stamp, at: datetime, *, forced: bool) -> None:
    """Coming is a yes, as it is with a signal: as of when the server heard of it."""
    seat_row = seat.assignment
    assert seat_row is not None
    answers = seat_row.state is AssignmentState.PROPOSED or forced
    if stamp.kind is StampKind.IN and answers and seat_row.state is not AssignmentState.ACCEPTED:
        seat_row.state = AssignmentState.ACCEPTED
        seat_row.answered_at = at
        seat_row.version += 1


def make_mark(row: DeferredStamp, seat: Seat, *, reason: str) -> AttendanceNote:
    """Write the leader's "did not come", as of the instant at which it was said."""
    assert seat.assignment is not None, "a mark belongs to a seat"
    mark = AttendanceNote(
        assignment_id=seat.assignment.id,
        verdict="absent",
        reason=reason[:200],
        by_account_id=row.account_id,
        at=row.claimed_at,
    )
    db.session.add(mark)
    db.session.flush()
    row.note_id = mark.id
    return mark


def weigh_seat(shift_id: int, volunteer_id: int, *, at: datetime) -> None:
    """Find anew what does not fit together on a seat, and put it on each deferred row of it."""
    rows = deferred_of_seat(shift_id, volunteer_id)
    if not rows:
        return
    seat = seat_at(shift_id, volunteer_id, at=at)
    marked = seat.assignment is not None and is_noted(seat.assignment.id)
    conflict = conflict_of(seat.gate.stamps, is_marked=marked)
    for row in rows:
        row.conflict = conflict


def log_arrival(actor: Actor, row: DeferredStamp, seat: Seat, *, at: datetime) -> None:
    """The audit line of an arrival, and the message to the person where the leader made it."""
    assert row.act is not None
    assert row.source is not None
    words = (
        f"{seat.volunteer.name} {clock_at(row.claimed_at)} {row.act.label}（{row.source.label}）"
    )
    why = f"：{row.problem.label}" if row.problem else ""
    note(
        actor,
        "deferred_stamp",
        row,
        f"收到{words}，{row.state.label}{why}",
        at=at,
        unit_id=seat.activity.unit_id,
        after={
            "state": row.state.value,
            "claimed_at": row.claimed_at.isoformat(),
            "received_at": row.received_at.isoformat(),
            "way": row.way.value if row.way else None,
            "grade": row.grade.value if row.grade else None,
            "problem": row.problem.value if row.problem else None,
        },
    )
    if row.stamp_id is not None and row.source is not DeferredSource.OWN:
        _tell_person(actor, row, seat, at)


def _tell_person(actor: Actor, row: DeferredStamp, seat: Seat, at: datetime) -> None:
    if row.way is Way.LEADER_SELF or actor.volunteer_id == seat.volunteer.id:
        return
    assert row.act is not None
    what, when = row.act.label, clock_at(row.claimed_at)
    tell(
        topic="stamp",
        title=f"已为您{what} {when}",
        body=f"{seat.point.name} {when} {what}，带队离线登记，刚刚传到。如不是您本人到岗，请联系组织者。",
        at=at,
        volunteer_id=seat.volunteer.id,
        link=f"/me/duties/{seat.shift.id}",
        dedupe=f"stamp:{row.stamp_id}",
    )
