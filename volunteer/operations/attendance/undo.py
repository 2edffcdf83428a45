"""Taking a stamp back (撤销): five minutes for the person, until settling for the leader. The stamp stays."""

from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from volunteer.domain.access import Act, Actor, require, require_other
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, CancelCause, ShiftState
from volunteer.domain.timekeeping import clock_at
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.operations.attendance.stamping import require_site
from volunteer.operations.journal import note, tell
from volunteer.queries.attendance import Seat, hold_seat, seat_at, stamp_by_id

OWN_UNDO = timedelta(minutes=5)
"""How long a person may take a mistaken tap back."""


def undo_own_stamp(actor: Actor, *, stamp_id: int, at: datetime) -> StampCancellation:
    """Take back the own last stamp, within five minutes of making it.

    Raises Refused ``not_found``, ``undo_too_late``, ``not_the_last``, ``shift_settled``.
    """
    require(actor, Act.OWN_STAMPS)
    stamp = _stamp(stamp_id)
    if stamp.volunteer_id != actor.volunteer_id:
        raise _not_found()
    if stamp.by_account_id != actor.account_id or at - stamp.received_at > OWN_UNDO:
        raise Refused(
            "undo_too_late",
            "这次签到已超过 5 分钟，不能自己撤销。",
            "请联系带队撤销，或结算后提出更正。",
        )
    return _take_back(actor, _seat(stamp, at), stamp, reason="", at=at)


def undo_stamp(actor: Actor, *, stamp_id: int, reason: str, at: datetime) -> StampCancellation:
    """Take back a person's last stamp on site, with a reason, until the shift is settled.

    Raises Refused ``not_found``, ``reason_needed``, ``own_case``, ``not_the_last``, ``shift_settled``.
    """
    stamp = _stamp(stamp_id)
    seat = _seat(stamp, at)
    require_site(actor, seat)
    require_other(actor, stamp.volunteer_id)
    if len(reason.strip()) < 2:
        raise Refused(
            "reason_needed", "请写明撤销的原因。", "例如：扫错了人。", field="reason", status=422
        )
    taken = _take_back(actor, seat, stamp, reason=reason.strip(), at=at)
    tell(
        topic="stamp",
        title=f"{stamp.kind.label}已撤销",
        body=f"您 {clock_at(stamp.at)} 在{seat.point.name}的{stamp.kind.label}由带队撤销：{reason.strip()}",
        at=at,
        volunteer_id=stamp.volunteer_id,
        link=f"/me/duties/{seat.shift.id}",
        dedupe=f"undo:{stamp.id}",
    )
    return taken


def _not_found() -> Refused:
    return Refused("not_found", "没有找到这次签到。", "可能已被撤销，请刷新页面。", status=404)


def _stamp(stamp_id: int) -> CheckIn:
    stamp = stamp_by_id(stamp_id)
    if stamp is None:
        raise _not_found()
    return stamp


def _seat(stamp: CheckIn, at: datetime) -> Seat:
    hold_seat(stamp.shift_id, stamp.volunteer_id)
    return seat_at(stamp.shift_id, stamp.volunteer_id, at=at)


def _take_back(
    actor: Actor, seat: Seat, stamp: CheckIn, *, reason: str, at: datetime
) -> StampCancellation:
    if seat.shift.state is ShiftState.SETTLED:
        raise Refused("shift_settled", "本班次已结算，不能再撤销。", "请在时长记录中提出更正。")
    if not seat.stamps or seat.stamps[-1].id != stamp.id:
        raise Refused("not_the_last", "后面还有别的签到签退。", "请从最后一次开始撤销。")
    taken = StampCancellation(
        stamp_id=stamp.id, at=at, by_account_id=actor.account_id, reason=reason[:200]
    )
    try:
        with db.session.begin_nested():
            db.session.add(taken)
            db.session.flush()
    except IntegrityError:
        raise _not_found() from None
    take_back_yes(seat, [stamp])
    note(
        actor,
        "undo_stamp",
        stamp,
        f"撤销 {seat.volunteer.name} {clock_at(stamp.at)} 的{stamp.kind.label}",
        at=at,
        unit_id=seat.activity.unit_id,
        before={"kind": stamp.kind.value, "at": stamp.at.isoformat(), "way": stamp.way.value},
        reason=reason,
    )
    return taken


def take_back_yes(seat: Seat, gone: list[CheckIn]) -> None:
    """Whoever said yes by coming did not, if the coming was a mistake: the seat is open to answer again.

    ``gone`` are stamps that no longer count; where others stand, so does the yes. A seat that a leader took
    for the person against the rules falls free.
    """
    assignment = seat.assignment
    if (
        assignment is None
        or assignment.state is not AssignmentState.ACCEPTED
        or len(seat.stamps) > len(gone)
    ):
        return
    came = next((one for one in gone if one.received_at == assignment.answered_at), None)
    if came is None:
        return
    if came.is_forced:
        assignment.state = advance(assignment.state, AssignmentState.CANCELLED)
        assignment.cancel_cause = CancelCause.BY_UNIT
    else:
        assignment.state = advance(assignment.state, AssignmentState.PROPOSED)
    assignment.answered_at = None
    assignment.version += 1
