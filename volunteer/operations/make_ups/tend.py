"""What the days do to a make-up request (到期): remind, pass on, let lapse, and enter it at last."""

from datetime import datetime

from volunteer.domain.access import SYSTEM
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import MakeUpState, TicketStep
from volunteer.domain.ticket import level_above
from volunteer.domain.timekeeping import local_date, workdays_left
from volunteer.models.base import db
from volunteer.models.tickets import MakeUp
from volunteer.operations.ledger.enter import enter_make_up
from volunteer.operations.make_ups.seats import seat_afterwards
from volunteer.operations.make_ups.story import (
    claimed,
    held_make_up,
    step_to,
    tell_desk,
    tell_person,
    write_down,
)
from volunteer.queries.deciders import calendar_around
from volunteer.queries.policy import policy_on
from volunteer.queries.witnesses import overlapping_claims

WARNS = 1


def tend_make_up(make_up_id: int, *, at: datetime) -> str:
    """Do with one request what its day demands; says what was done, nothing if nothing. Safe to run twice."""
    row = held_make_up(make_up_id)
    today = local_date(at)
    left = workdays_left(calendar_around(today), today, row.due_on)
    if row.state is MakeUpState.ANNOUNCED:
        return _enter(row, at) if row.announced_until and today > row.announced_until else ""
    if row.state is MakeUpState.WITNESS:
        return _witness(row, left, at)
    if row.state in (MakeUpState.ASKED, MakeUpState.REVIEW, MakeUpState.CONTESTED):
        return _waiting(row, left, at)
    return ""


def _witness(row: MakeUp, left: int, at: datetime) -> str:
    if left >= 0:
        return ""
    before = row.state.value
    step_to(row, MakeUpState.LAPSED, at=at, level=row.level)
    row.reason = "期限内没有同班的人证明"
    write_down(None, row, TicketStep.LAPSED, at=at, before=before)
    tell_person(row, "补录没有等到证明", "期限内没有同班的人证明，这件补录结束了。", at=at)
    return "lapsed"


def _waiting(row: MakeUp, left: int, at: datetime) -> str:
    """A step of an office: told shortly before its day, one level up after it, told weekly at the top."""
    today = local_date(at)
    if left < 0:
        above = level_above(row.level, has_district=row.district_id is not None)
        if above is None:
            week = today.isocalendar().week
            tell_desk(row, "一件补录已经超期", at=at, key=f"late:{row.due_on}:{week}")
            return "late"
        before = row.state.value
        row.level = above
        row.due_on = calendar_around(today).add_workdays(
            today, policy_on(today).make_up_answer_workdays
        )
        row.version += 1
        write_down(None, row, TicketStep.ESCALATED, at=at, before=before)
        tell_desk(row, "一件补录逾期未办，转到您这里", at=at, key=f"up:{row.version}")
        tell_person(row, "补录已转上级办理", "原办理人逾期未办，已转上一级。", at=at)
        return "escalated"
    if left <= WARNS:
        tell_desk(row, "一件补录快到期了", at=at, key=f"soon:{row.due_on}")
        return "reminded"
    return ""


def _enter(row: MakeUp, at: datetime) -> str:
    """The register has run out without an objection: the hours are entered, or it is said why not."""
    before = row.state.value
    try:
        if overlapping_claims(row.volunteer_id, claimed(row), besides_shift=row.shift_id):
            raise Refused("overlaps", "这段时间已有另一条记录。")
        with db.session.begin_nested():
            record = enter_make_up(
                SYSTEM,
                assignment_id=row.assignment_id or seat_afterwards(row, at=at).id,
                came_at=row.came_at,
                went_at=row.went_at,
                reason=f"补录：{row.cause.label}",
                at=at,
            )
    except Refused as refused:
        step_to(row, MakeUpState.REFUSED, at=at, level=row.level)
        row.reason = refused.sentence
        write_down(None, row, TicketStep.REFUSED, words=refused.sentence, at=at, before=before)
        tell_person(row, "补录没有记入", refused.sentence, at=at)
        return "refused"
    step_to(row, MakeUpState.POSTED, at=at, level=row.level)
    row.record_id, row.assignment_id = record.id, record.assignment_id
    write_down(None, row, TicketStep.POSTED, at=at, before=before)
    more = f"另有 {record.pending_minutes} 分钟待复核。" if record.pending_minutes else ""
    tell_person(
        row, "补录已记入时长", f"认定 {record.credited_minutes} 分钟（E 级）。{more}", at=at
    )
    return "posted"
