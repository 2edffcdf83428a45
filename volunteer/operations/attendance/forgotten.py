"""Forgotten check-outs (未签退): closed at the planned end, never "now", marked, and told to both sides."""

from datetime import datetime

from volunteer.domain.attendance import closing, forgotten, intervals_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind, Way
from volunteer.domain.timekeeping import clock_at
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.operations.attendance.stamping import earlier
from volunteer.operations.journal import note, tell
from volunteer.queries.attendance import Seat, hold_seat, seat_at, seats_at
from volunteer.queries.onsite import people_present


def close_forgotten(shift_id: int, *, at: datetime, is_settling: bool = False) -> list[CheckIn]:
    """Check out, at the planned end, everyone who still stands checked in after the door has closed.

    While a shift is being settled the door closes at once. Safe to run twice: each automatic check-out
    has a nonce of its own. The leader gets one message with the names.
    """
    people = people_present(shift_id)
    if not people:
        return []
    closed = []
    seats = {seat.volunteer.id: seat for seat in seats_at(shift_id, people, at=at)}
    for volunteer_id in people:
        row = _close(seats[volunteer_id], at, is_settling=is_settling)
        if row is not None:
            closed.append(row)
    if closed:
        _tell_leader(next(iter(seats.values())), [seats[row.volunteer_id] for row in closed], at)
    return closed


def close_seat(seat: Seat, *, at: datetime) -> CheckIn | None:
    """Check one person out at the planned end whose stay a late stamp left open after settling."""
    return _close(seat, at, is_settling=True)


def _close(seat: Seat, at: datetime, *, is_settling: bool) -> CheckIn | None:
    hold_seat(seat.shift.id, seat.volunteer.id)
    seat = seat_at(seat.shift.id, seat.volunteer.id, at=at, policy=seat.gate.policy)
    if not seat.gate.is_present or seat.assignment is None:
        return None
    stay = intervals_of(seat.gate.stamps)[-1]
    due = closing(stay, seat.gate.window) if is_settling else forgotten(seat.gate, at)
    if due is None:
        return None
    number = seat.next_round(StampKind.OUT)
    nonce = f"auto:{seat.assignment.id}:{number}"
    if earlier(nonce, seat.volunteer.id) is not None:
        raise Refused("try_again", "刚才有另一次操作同时进行。", "请刷新页面查看最新状态。")
    row = CheckIn(
        assignment_id=seat.assignment.id,
        shift_id=seat.shift.id,
        volunteer_id=seat.volunteer.id,
        kind=StampKind.OUT,
        round=number,
        at=due.at,
        received_at=at,
        way=Way.AUTO_CLOSE,
        grade=due.grade,
        nonce=nonce,
        signals=["auto_close"],
        by_account_id=None,
    )
    db.session.add(row)
    note(
        None,
        "auto_close",
        row,
        f"{seat.volunteer.name} 未签退，按计划 {clock_at(due.at)} 结束",
        at=at,
        unit_id=seat.activity.unit_id,
        after={"at": due.at.isoformat()},
    )
    tell(
        topic="auto_close",
        title=f"您没有签退，已按 {clock_at(due.at)} 结束",
        body=f"{seat.point.name}的班次按计划时间计。如实际不同，请联系带队或在“我的时长”中提出更正。",
        at=at,
        volunteer_id=seat.volunteer.id,
        link=f"/me/duties/{seat.shift.id}",
        dedupe=f"auto_close:{seat.assignment.id}:{number}",
    )
    return row


def _tell_leader(one: Seat, closed: list[Seat], at: datetime) -> None:
    if one.shift.leader_id is None:
        return
    names = "、".join(seat.volunteer.name for seat in closed[:8])
    more = f"等 {len(closed)} 人" if len(closed) > 8 else ""
    tell(
        topic="auto_close",
        title=f"{len(closed)} 人没有签退",
        body=f"{one.point.name}：{names}{more}，已按计划结束时间记录。请核对，如有出入请在结算前撤销并重新登记。",
        at=at,
        volunteer_id=one.shift.leader_id,
        link=f"/onsite/{one.shift.id}",
        dedupe=f"auto_close_leader:{one.shift.id}:{closed[-1].assignment.id if closed[-1].assignment else 0}",
    )
