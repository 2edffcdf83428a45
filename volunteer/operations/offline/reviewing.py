"""A person's word on deferred stamps (离线记录核实): take it, do not take it, or settle what does not fit."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from volunteer.domain.access import Act, Actor, require, require_other
from volunteer.domain.attendance import FORCEABLE, Stamp, late_by, lone_blockers
from volunteer.domain.offline import UNWITNESSED, WORST_BY_CLAIM
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    DeferredAct,
    DeferredProblem,
    DeferredSource,
    DeferredState,
    ShiftState,
    StampKind,
    Way,
)
from volunteer.domain.timekeeping import clock_at, minutes_between
from volunteer.models.attendance import (
    AttendanceNote,
    CheckIn,
    DeferredStamp,
    StampCancellation,
)
from volunteer.models.base import db
from volunteer.operations.attendance.undo import take_back_yes
from volunteer.operations.journal import note, tell
from volunteer.operations.ledger import recount_seat
from volunteer.operations.offline.making import (
    MOST_ROUNDS,
    make_deferred_stamp,
    make_mark,
    weigh_seat,
)
from volunteer.queries.attendance import Seat, hold_seat, seat_at, stamp_by_nonce
from volunteer.queries.deferred import deferred_of_seat
from volunteer.queries.onsite import is_noted

AROUND = timedelta(hours=3)
"""How far outside the plan a time may lie that a reviewer names."""

_BY_TIME = {DeferredProblem.LATE, DeferredProblem.SHIFT_SETTLED, *UNWITNESSED}


def accept_deferred(
    actor: Actor,
    *,
    deferred_id: int,
    at: datetime,
    said: datetime | None = None,
    reason: str = "",
) -> DeferredStamp:
    """Let a deferred stamp count that waited, at the instant it claims or at the one that is ``said``.

    Its grade is at best C; with another instant, or without a code, it is the leader's word (D). After
    settling, the seat is counted anew; where a person has decided on the record already, the stamp is kept
    beside it and the record stands. Nobody decides on the own stamp or on what they themselves sent in.
    Raises Refused ``not_found``, ``own_case``, ``own_upload``, ``already_decided``, ``not_assigned``,
    ``far_from_plan``, ``shift_settled``, or what no word sets aside.
    """
    row, seat = _waiting(actor, deferred_id, at)
    if row.act is DeferredAct.ABSENT:
        if seat.shift.state is ShiftState.SETTLED:
            raise Refused("shift_settled", "本班次已结算，未到标记不再起作用。", "可以选择不采信。")
        make_mark(row, seat, reason=reason.strip() or "离线点名时未到")
    else:
        _accept_stamp(row, seat, said, reason.strip(), at)
    row.state = DeferredState.ACCEPTED
    outcome = "已核实并记入。"
    if row.stamp_id is not None and seat.shift.state is ShiftState.SETTLED:
        outcome = _recounted(actor, seat, reason.strip() or "离线记录经核实", at)
    _decided(actor, row, seat, reason, at, outcome=outcome)
    return row


def _recounted(actor: Actor, seat: Seat, reason: str, at: datetime) -> str:
    """Count the seat anew, and say what came of it."""
    shift_id, volunteer_id = seat.shift.id, seat.volunteer.id
    record = recount_seat(actor, shift_id=shift_id, volunteer_id=volunteer_id, reason=reason, at=at)
    if record is None or record.settled_at == at:
        return "已核实并记入。"
    return "已核实并留存。这次的时长此前已由人决定，保持不变；如有出入可以申诉。"


def decline_deferred(actor: Actor, *, deferred_id: int, reason: str, at: datetime) -> DeferredStamp:
    """Do not let a deferred stamp count, with the reason that the person reads; the row stays.

    Raises Refused ``not_found``, ``own_case``, ``own_upload``, ``already_decided``, ``reason_needed``.
    """
    row, seat = _waiting(actor, deferred_id, at)
    _needs_reason(reason)
    row.state = DeferredState.DECLINED
    _decided(actor, row, seat, reason, at)
    return row


def settle_conflict(
    actor: Actor,
    *,
    shift_id: int,
    volunteer_id: int,
    set_aside: list[int],
    reason: str,
    at: datetime,
) -> int:
    """Say what counts on a seat where deferred stamps do not fit: the named stamps are set aside, the rest stand.

    Nothing is deleted: a stamp that is set aside stays, with the reason. A mark of absence yields to a
    stamp that stands. Returns how many were set aside. Raises Refused ``not_found``, ``own_case``,
    ``own_upload``, ``reason_needed``, ``nothing_open``.
    """
    hold_seat(shift_id, volunteer_id)
    seat = seat_at(shift_id, volunteer_id, at=at)
    _may_decide(actor, seat)
    rows = [row for row in deferred_of_seat(shift_id, volunteer_id) if row.seen_at is None]
    if not rows:
        raise Refused(
            "nothing_open", "这里没有要核对的离线记录。", "可能别人刚刚核对过，请刷新页面。"
        )
    if all(_sent_by(actor, row) for row in rows):
        raise _own_upload()
    unwanted = [stamp for stamp in seat.stamps if stamp.id in set_aside]
    if unwanted:
        _needs_reason(reason)
    for stamp in unwanted:
        _set_aside(actor, stamp, reason, at)
    if len(unwanted) < len(seat.stamps):
        _clear_mark(actor, seat, at)
    elif seat.shift.state is not ShiftState.SETTLED:
        take_back_yes(seat, unwanted)
    for row in rows:
        if row.state is not DeferredState.WAITING:
            row.seen_at, row.decided_by_id, row.decided_reason = at, actor.account_id, reason[:200]
    db.session.flush()
    weigh_seat(shift_id, volunteer_id, at=at)
    _tell_settled(actor, seat, unwanted, reason, at)
    if unwanted and seat.shift.state is ShiftState.SETTLED:
        recount_seat(
            actor, shift_id=shift_id, volunteer_id=volunteer_id, reason=reason.strip(), at=at
        )
    return len(unwanted)


def _clear_mark(actor: Actor, seat: Seat, at: datetime) -> None:
    if seat.assignment is not None and is_noted(seat.assignment.id):
        db.session.add(
            AttendanceNote(
                assignment_id=seat.assignment.id,
                verdict="cleared",
                reason="核对离线记录，以签到为准",
                by_account_id=actor.account_id,
                at=at,
            )
        )


def _waiting(actor: Actor, deferred_id: int, at: datetime) -> tuple[DeferredStamp, Seat]:
    row = db.session.scalar(
        select(DeferredStamp)
        .where(DeferredStamp.id == deferred_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None or row.shift_id is None or row.volunteer_id is None:
        raise Refused("not_found", "没有找到这条离线记录。", "请刷新页面。", status=404)
    hold_seat(row.shift_id, row.volunteer_id)
    seat = seat_at(row.shift_id, row.volunteer_id, at=at)
    _may_decide(actor, seat)
    if _sent_by(actor, row):
        raise _own_upload()
    if row.state is not DeferredState.WAITING:
        raise Refused("already_decided", "这条离线记录已经处理过。", "请刷新页面查看结果。")
    return row, seat


def _may_decide(actor: Actor, seat: Seat) -> None:
    """The leader or the desk while the shift is open; the desk alone once hours were recorded."""
    owner = seat.activity.unit_id
    if seat.shift.state is ShiftState.SETTLED:
        require(actor, Act.SETTLE, unit_id=owner)
    else:
        require(actor, Act.RUN_ONSITE, unit_id=owner, shift_id=seat.shift.id)
    require_other(actor, seat.volunteer.id)


def _sent_by(actor: Actor, row: DeferredStamp) -> bool:
    return row.source is not DeferredSource.OWN and row.account_id == actor.account_id


def _own_upload() -> Refused:
    return Refused(
        "own_upload",
        "这是您自己离线登记的，要由别人核实。",
        "请本单位其他组织者或上级管理员处理。",
        status=403,
    )


def _needs_reason(reason: str) -> None:
    if len(reason.strip()) < 2:
        raise Refused(
            "reason_needed",
            "请写明原因。",
            "当事人会看到，请写清依据。",
            field="reason",
            status=422,
        )


def _accept_stamp(
    row: DeferredStamp, seat: Seat, said: datetime | None, reason: str, at: datetime
) -> None:
    if seat.assignment is None:
        raise Refused(
            "not_assigned", "这个人不在本班次的名单中。", "请先在现场名单里加入，再回来核实。"
        )
    kind = StampKind.OUT if row.act is DeferredAct.OUT else StampKind.IN
    counts = said or row.claimed_at
    _check_instant(seat, kind, counts, at)
    assert row.way is not None
    way = row.way if said is None or said == row.claimed_at else Way.ROLL_CALL
    stamp = Stamp(kind, counts, way, row.place_verdict, WORST_BY_CLAIM)
    is_in = kind is StampKind.IN
    row.late_minutes = late_by(seat.gate, counts) if is_in else 0
    row.early_minutes = 0 if is_in else max(0, minutes_between(counts, seat.shift.ends_at))
    twin = stamp_by_nonce(row.nonce)
    if twin is not None:
        row.stamp_id = twin.id
    elif seat.next_round(kind) > MOST_ROUNDS:
        raise Refused("too_many", "同一班次的记录过多。", "请先核对已有的签到。")
    else:
        forced = bool({DeferredProblem[p.upper()] for p in row.problems} - _BY_TIME)
        make_deferred_stamp(row, seat, stamp, reason=reason, forced=forced)


def _check_instant(seat: Seat, kind: StampKind, counts: datetime, at: datetime) -> None:
    plan = seat.gate.window
    if not plan.starts_at - AROUND <= counts <= min(at, plan.ends_at + AROUND):
        raise Refused(
            "far_from_plan",
            "时间离计划（%(start)s 至 %(end)s）太远，或还没有到。",
            "请填写核实到的实际时间。",
            field="said",
            status=422,
            values={"start": clock_at(plan.starts_at), "end": clock_at(plan.ends_at)},
        )
    for no in lone_blockers(seat.gate, kind, counts):
        if no.code not in FORCEABLE and no.code != "shift_settled":
            raise no


def _set_aside(actor: Actor, stamp: CheckIn, reason: str, at: datetime) -> None:
    taken = StampCancellation(
        stamp_id=stamp.id, at=at, by_account_id=actor.account_id, reason=reason.strip()[:200]
    )
    try:
        with db.session.begin_nested():
            db.session.add(taken)
            db.session.flush()
    except IntegrityError:
        return  # somebody else took it back meanwhile


def _decided(
    actor: Actor, row: DeferredStamp, seat: Seat, reason: str, at: datetime, *, outcome: str = ""
) -> None:
    row.seen_at, row.decided_by_id = at, actor.account_id
    row.decided_reason = reason.strip()[:200]
    db.session.flush()
    weigh_seat(seat.shift.id, seat.volunteer.id, at=at)
    assert row.act is not None
    taken = row.state is DeferredState.ACCEPTED
    when = clock_at(row.claimed_at)
    note(
        actor,
        "accept_deferred" if taken else "decline_deferred",
        row,
        f"{seat.volunteer.name} {when} 的离线{row.act.label}：{row.state.label}",
        at=at,
        unit_id=seat.activity.unit_id,
        before={"state": DeferredState.WAITING.value},
        after={"state": row.state.value, "way": row.way.value if row.way else None},
        reason=reason,
    )
    words = (
        outcome if taken else f"没有采信。原因：{reason.strip()}。如有异议，可以申诉或申请补录。"
    )
    tell(
        topic="deferred",
        title=f"离线{row.act.label}：{row.state.label}",
        body=f"{seat.point.name} {when} 的离线{row.act.label}{words}",
        at=at,
        volunteer_id=seat.volunteer.id,
        link=f"/me/duties/{seat.shift.id}",
        dedupe=f"deferred_decided:{row.id}",
    )


def _tell_settled(
    actor: Actor, seat: Seat, unwanted: list[CheckIn], reason: str, at: datetime
) -> None:
    note(
        actor,
        "settle_conflict",
        seat.assignment or "assignment",
        f"核对 {seat.volunteer.name} 的离线记录：{len(unwanted)} 条不采信",
        at=at,
        unit_id=seat.activity.unit_id,
        after={"count": len(unwanted)},
        reason=reason,
    )
    for stamp in unwanted:
        tell(
            topic="deferred",
            title=f"{clock_at(stamp.at)} 的{stamp.kind.label}没有采信",
            body=f"{seat.point.name}：同一班次有几条对不上的记录，核对后这一条不算。原因：{reason.strip()}。",
            at=at,
            volunteer_id=seat.volunteer.id,
            link=f"/me/duties/{seat.shift.id}",
            dedupe=f"set_aside:{stamp.id}",
        )
