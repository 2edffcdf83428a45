"""The person's own answer to a seat (接受、谢绝、我来不了): free, without proof, and told at once.

《志愿服务条例》第二十五条: nobody may be forced to serve. 第二十二条: who agreed says in time when unable.
"""

from datetime import datetime

from sqlalchemy import func, select, update

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, CancelCause, Role, ShiftState
from volunteer.domain.timekeeping import clock_at, day_words, local_date
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.people import RoleGrant
from volunteer.models.rosters import Assignment
from volunteer.operations.journal import note, tell
from volunteer.queries.attendance import Seat, hold_seat, seat_at
from volunteer.queries.duties import overlapping_duty

SEATED = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)


def accept(actor: Actor, *, shift_id: int, at: datetime) -> Assignment:
    """Accept the own seat; a former no may become a yes while there is room.

    Raises Refused ``not_found``, ``shift_closed``, ``shift_full``, ``overlaps``, ``already_so``.
    """
    seat, assignment = _own_seat(actor, shift_id, at)
    _still_open(seat, at)
    if assignment.state not in SEATED:
        _room_for_one(seat)
    other = overlapping_duty(seat.volunteer.id, seat.gate.window, besides=shift_id)
    if other is not None:
        raise Refused(
            "overlaps",
            "您在同一时间已接受另一个班次（%(start)s 至 %(end)s）。",
            "请先在另一班次点“我来不了”，再接受这一个。",
            values={"start": clock_at(other.starts_at), "end": clock_at(other.ends_at)},
        )
    _answer(actor, seat, assignment, AssignmentState.ACCEPTED, "", at)
    return assignment


def decline(actor: Actor, *, shift_id: int, reason: str, at: datetime) -> Assignment:
    """Decline a proposed seat; a reason is welcome and never asked for. The seat opens again.

    Raises Refused ``not_found``, ``wrong_state``, ``already_so``, ``already_came``.
    """
    seat, assignment = _own_seat(actor, shift_id, at)
    _answer(actor, seat, assignment, AssignmentState.DECLINED, reason, at)
    _tell_desk(seat, assignment, "谢绝了派班", reason, at)
    return assignment


def withdraw(actor: Actor, *, shift_id: int, reason: str, at: datetime) -> Assignment:
    """Say "I cannot come" to an accepted seat, up to the start. The seat opens, the desk is told at once.

    Raises Refused ``not_found``, ``already_started``, ``already_came``, ``wrong_state``.
    """
    seat, assignment = _own_seat(actor, shift_id, at)
    if at >= seat.shift.starts_at:
        raise Refused(
            "already_started",
            "班次已于 %(time)s 开始，不能在线取消。",
            "请直接联系带队说明情况，由带队登记请假。",
            values={"time": clock_at(seat.shift.starts_at)},
        )
    if seat.stamps:
        raise Refused("already_came", "您已经签到。", "如需提前离开，请签退并告知带队。")
    _answer(actor, seat, assignment, AssignmentState.CANCELLED, reason, at)
    assignment.cancel_cause = CancelCause.BY_PERSON
    _tell_desk(seat, assignment, "来不了", reason, at)
    return assignment


def expire_unanswered(*, at: datetime) -> int:
    """Let proposals lapse that nobody answered when their shift began; coming is still a yes.

    Returns how many lapsed. A lapsed seat is no absence.
    """
    due = list(
        db.session.execute(
            select(Assignment.id, Assignment.shift_id)
            .join(Shift, Shift.id == Assignment.shift_id)
            .where(
                Assignment.state == AssignmentState.PROPOSED,
                Shift.ends_at <= at,
                Shift.state != ShiftState.PLANNED,
            )
        )
    )
    for start in range(0, len(due), 400):
        ids = [row[0] for row in due[start : start + 400]]
        db.session.execute(
            update(Assignment)
            .where(Assignment.id.in_(ids), Assignment.state == AssignmentState.PROPOSED)
            .values(state=AssignmentState.EXPIRED, version=Assignment.version + 1)
        )
    if due:
        note(
            None,
            "expire_proposals",
            "assignment",
            f"{len(due)} 个派班到结束未答复，已失效",
            at=at,
            after={"assignments": [row[0] for row in due][:500]},
        )
    return len(due)


def _own_seat(actor: Actor, shift_id: int, at: datetime) -> tuple[Seat, Assignment]:
    require(actor, Act.OWN_DUTIES)
    assert actor.volunteer_id is not None, "only a volunteer holds this act"
    db.session.execute(select(Shift.id).where(Shift.id == shift_id).with_for_update())
    hold_seat(shift_id, actor.volunteer_id)
    seat = seat_at(shift_id, actor.volunteer_id, at=at)
    if seat.assignment is None:
        raise Refused("not_found", "没有找到您的这个班次。", "请从“班次”重新进入。", status=404)
    return seat, seat.assignment


def _still_open(seat: Seat, at: datetime) -> None:
    if seat.shift.state is not ShiftState.PUBLISHED or at >= seat.shift.ends_at:
        raise Refused("shift_closed", "本班次已结束或已取消。", "请查看其他班次。")


def _room_for_one(seat: Seat) -> None:
    taken = db.session.scalar(
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.shift_id == seat.shift.id, Assignment.state.in_(SEATED))
    )
    if (taken or 0) >= seat.shift.max_heads:
        raise Refused("shift_full", "岗位已由他人接替。", "谢谢您的心意，请看看其他班次。")


def _answer(
    actor: Actor,
    seat: Seat,
    assignment: Assignment,
    state: AssignmentState,
    reason: str,
    at: datetime,
) -> None:
    if state is AssignmentState.DECLINED and seat.stamps:
        raise Refused("already_came", "您已经签到。", "如需离开，请签退并告知带队。")
    before = assignment.state
    assignment.state = advance(before, state)
    assignment.answered_at = at
    assignment.answer_reason = reason.strip()[:200]
    assignment.version += 1
    if state is AssignmentState.ACCEPTED:
        assignment.cancel_cause = None
    note(
        actor,
        f"seat_{state.value}",
        assignment,
        f"{seat.volunteer.name} {before.label} → {state.label}",
        at=at,
        unit_id=seat.activity.unit_id,
        before={"state": before.value},
        after={"state": state.value},
        reason=reason.strip(),
    )


def _tell_desk(seat: Seat, assignment: Assignment, what: str, reason: str, at: datetime) -> None:
    """Tell the organizers of the unit and the leader, each once for each answer."""
    on = local_date(seat.shift.starts_at)
    title = f"{seat.volunteer.name}{what}"
    body = f"{day_words(on)} {clock_at(seat.shift.starts_at)} {seat.point.name}，岗位已空出。" + (
        f"原因：{reason.strip()}" if reason.strip() else ""
    )
    key = f"answer:{assignment.id}:{assignment.version}"
    link = f"/onsite/{seat.shift.id}"
    accounts = db.session.scalars(
        select(RoleGrant.account_id)
        .where(
            RoleGrant.role == Role.ORGANIZER,
            RoleGrant.unit_id == seat.activity.unit_id,
            RoleGrant.revoked_at.is_(None),
        )
        .distinct()
    )
    for account_id in accounts:
        tell(
            topic="seat_open",
            title=title,
            body=body,
            at=at,
            account_id=account_id,
            link=link,
            dedupe=f"{key}:a{account_id}",
        )
    if seat.shift.leader_id is not None and seat.shift.leader_id != seat.volunteer.id:
        tell(
            topic="seat_open",
            title=title,
            body=body,
            at=at,
            volunteer_id=seat.shift.leader_id,
            link=link,
            dedupe=f"{key}:leader",
        )
