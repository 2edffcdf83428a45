"""Counting a settled seat anew (重新认定): a stamp arrived after the shift was settled, and a person found it true."""

from datetime import datetime

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require, require_other
from volunteer.domain.attendance import intervals_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ShiftState, Source
from volunteer.models.attendance import AttendanceNote
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.operations.attendance.forgotten import close_seat
from volunteer.operations.journal import note, tell
from volunteer.operations.ledger.counting import (
    Counted,
    confirmed,
    count,
    first_in,
    last_out,
    source_of,
    unconfirmed,
    with_late_edit,
)
from volunteer.operations.ledger.decided import Decided, decided_on
from volunteer.operations.ledger.posting import entry_of, hold_head, post
from volunteer.operations.ledger.restate import restate
from volunteer.operations.ledger.settle import record_of
from volunteer.queries.attendance import Seat, seat_at
from volunteer.queries.ledger import minutes_of_day, newest
from volunteer.queries.onsite import is_noted
from volunteer.queries.policy import policy_on
from volunteer.queries.taken import hours_elsewhere
from volunteer.queries.trust.doubts import doubts_of, edited_after_start


def recount_seat(
    actor: Actor, *, shift_id: int, volunteer_id: int, reason: str, at: datetime
) -> ServiceRecord | None:
    """Count a seat of a settled shift from its stamps again: a first record, or a new version of the one there is.

    A stay that is still open ends as planned, as it would have at settling. A doubt is asked anew: what the
    newest stamps answer is lifted, what they do not goes on waiting, and what somebody confirmed stays
    confirmed. A record that a person corrected, refused or holds stays as it is and is returned unchanged.
    Returns None where no stay is left to count and none was recorded. Raises
    Refused ``own_case``, ``not_settled``.
    """
    hold_head()
    seat = seat_at(shift_id, volunteer_id, at=at)
    require(actor, Act.SETTLE, unit_id=seat.activity.unit_id)
    require_other(actor, volunteer_id)
    if seat.shift.state is not ShiftState.SETTLED or seat.assignment is None:
        raise Refused("not_settled", "本班次还没有结算。", "结算时会一并计入。")
    record = _newest(seat.assignment.id)
    said = Decided.NOTHING if record is None else decided_on(record)
    if said is Decided.RECORD:
        return record
    if seat.gate.is_present and close_seat(seat, at=at) is not None:
        seat = seat_at(shift_id, volunteer_id, at=at)
    if record is None and not intervals_of(seat.gate.stamps):
        return None
    sums = _count(seat, record, said)
    if record is None:
        return _first(actor, seat, sums, reason, at)
    return _again(actor, seat, record, sums, reason, at)


def _newest(assignment_id: int) -> ServiceRecord | None:
    return db.session.scalar(
        select(ServiceRecord)
        .where(ServiceRecord.assignment_id == assignment_id, newest())
        .execution_options(populate_existing=True)
    )


def _count(seat: Seat, record: ServiceRecord | None, said: Decided) -> Counted:
    on = seat.shift.service_on
    day = minutes_of_day([seat.volunteer.id], on).get(seat.volunteer.id, 0)
    mine = record.credited_minutes + record.pending_minutes if record is not None else 0
    stays = intervals_of(seat.gate.stamps)
    nature = seat.activity.nature
    person = seat.volunteer.id
    sums = count(
        seat.shift,
        nature,
        stays,
        policy_on(on),
        already=max(0, day - mine),
        elsewhere=hours_elsewhere([person], seat.shift).get(person, []),
    )
    sums = with_late_edit(sums, edited_after_start(seat.shift))
    if said is Decided.PRESENCE:
        return confirmed(sums)
    return unconfirmed(sums, doubts_of(seat.shift.id, [seat]).get(person, ()))


def _first(actor: Actor, seat: Seat, sums: Counted, reason: str, at: datetime) -> ServiceRecord:
    """The person was taken for absent; the record says otherwise now."""
    assert seat.assignment is not None
    record = record_of(actor, seat, sums, at)
    record.reason = reason.strip()[:200]
    db.session.add(record)
    if is_noted(seat.assignment.id):
        db.session.add(
            AttendanceNote(
                assignment_id=seat.assignment.id,
                verdict="cleared",
                reason=reason[:200],
                by_account_id=actor.account_id,
                at=at,
            )
        )
    db.session.flush()
    if sums.entry_minutes:
        post([entry_of(record, sums.entry_minutes, at=at, by=actor.account_id)])
    note(
        actor,
        "recount_seat",
        record,
        f"{seat.volunteer.name} {record.service_on} 结算后补记 {record.credited_minutes} 分钟",
        at=at,
        unit_id=record.recording_unit_id,
        after={"record": record.id, "minutes": record.credited_minutes},
        reason=reason,
    )
    tell(
        topic="record",
        title="服务时长已补记",
        body=f"{seat.point.name}：离线记录经核实，认定 {record.credited_minutes} 分钟。{_more(record)}如有出入，可以提出更正。",
        at=at,
        volunteer_id=seat.volunteer.id,
        link=f"/me/record/{record.id}",
        dedupe=f"record:{record.id}",
    )
    return record


def _more(record: ServiceRecord) -> str:
    return f"另有 {record.pending_minutes} 分钟待复核。" if record.pending_minutes else ""


def _again(
    actor: Actor, seat: Seat, record: ServiceRecord, sums: Counted, reason: str, at: datetime
) -> ServiceRecord:
    stays = intervals_of(seat.gate.stamps)
    fresh = record_of(actor, seat, sums, at) if stays else None
    changed = {
        "first_in_at": first_in(stays),
        "last_out_at": last_out(stays),
        "attended_minutes": sums.credit.attended_minutes,
        "served_minutes": sums.credit.served_minutes,
        "credited_minutes": sums.credited,
        "pending_minutes": sums.pending_minutes,
        "pending": sums.pending,
        "late_minutes": fresh.late_minutes if fresh else 0,
        "early_minutes": fresh.early_minutes if fresh else 0,
        "is_auto_closed": fresh.is_auto_closed if fresh else False,
        "grade": sums.credit.grade or record.grade,
        "source": source_of(stays) if stays else Source.CORRECTION,
        "rule_version": sums.credit.rule_version,
        "arithmetic": sums.arithmetic,
    }
    minutes = sums.entry_minutes
    return restate(actor, record, at, reason=reason, entry_minutes=minutes, **changed).after
