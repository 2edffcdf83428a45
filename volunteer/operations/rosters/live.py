"""Mending what is published (临时调整): offer a seat, add somebody on the spot, take somebody off."""

from datetime import datetime, timedelta

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    ActivityState,
    AssignmentState,
    CancelCause,
    ShiftState,
    VolunteerState,
)
from volunteer.domain.words import N_
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.people import Volunteer
from volunteer.models.rosters import Assignment
from volunteer.operations import journal
from volunteer.operations.rosters.drafts import require_sound
from volunteer.operations.rosters.guard import no_seat_left
from volunteer.operations.rosters.seating import Seating, take_seat
from volunteer.queries.planning.seats import LIVE
from volunteer.queries.rosters.board import shift_in_reach, volunteer_in_reach
from volunteer.queries.rosters.judge import judge
from volunteer.queries.rosters.table import shift_names, table_of_shift
from volunteer.queries.shifts import ShiftLine

SPOT_BEFORE = timedelta(hours=2)
"""From when on somebody who is there may be put on a shift without being asked by message."""


def offer_seat(
    actor: Actor,
    *,
    shift_id: int,
    volunteer_id: int,
    covers_id: int | None = None,
    force: str = "",
    at: datetime,
) -> Assignment:
    """Offer an open seat of a published shift to a person, who accepts or declines.

    ``covers_id`` names the declined or cancelled seat that this one stands in for.

    Raises
    ------
    Refused
        ``not_found`` (404), ``not_allowed``, ``shift_closed``, ``full``, ``already_there``,
        ``breaks_rules`` unless ``force`` gives a reason.
    """
    line = _for_mending(actor, shift_id)
    if line.starts_at <= at:
        raise Refused(
            "shift_closed", N_("这个班次已经开始。"), N_("到场的人可以用“现场加人”直接登记。")
        )
    person = volunteer_in_reach(actor, volunteer_id, shift_id)
    _require_covers(covers_id, shift_id)
    table = table_of_shift(actor, line, at=at, also=[volunteer_id])
    verdict = judge(table, volunteer_id, to=shift_id)
    if verdict.says("seats"):
        raise no_seat_left(line.seated)
    reason = require_sound(verdict, force, can_force=table.knows(volunteer_id))
    source = "cover" if covers_id is not None else "hand"
    how = Seating(AssignmentState.PROPOSED, source, covers_id=covers_id)
    seat = take_seat(shift_id, volunteer_id, how, at=at)
    person.last_asked_at = at
    words = shift_names([shift_id])[shift_id]
    journal.note(
        actor,
        "offer_seat",
        seat,
        f"请 {person.name} 到 {words}",
        at=at,
        unit_id=line.unit_id,
        after={"state": seat.state.value, "covers": covers_id},
        reason=reason,
    )
    body = f"{words}。请在手机上接受，来不了请谢绝，方便另请他人。"
    _tell(seat, "roster_offer", "想请您到这个班次，请答复", body, at)
    return seat


def add_on_the_spot(
    actor: Actor, *, shift_id: int, volunteer_id: int, reason: str = "", at: datetime
) -> Assignment:
    """Put somebody who stands there on the shift, accepted at once; from two hours before to its end.

    Seats and double booking bind here, too; what the person said about free time does not: the person
    is there.

    Raises
    ------
    Refused
        ``not_found`` (404), ``not_allowed``, ``too_early``, ``shift_closed``, ``full``,
        ``already_there``, ``elsewhere`` (has another shift at this time), ``not_active``.
    """
    line = _for_mending(actor, shift_id)
    if at < line.starts_at - SPOT_BEFORE:
        raise Refused(
            "too_early",
            N_("离班次开始还早，请用“邀请”让本人确认。"),
            N_("开始前 2 小时起可以现场加人。"),
        )
    if at >= line.ends_at:
        raise Refused("shift_closed", N_("这个班次已经结束。"), N_("漏记的时长请走补录。"))
    person = volunteer_in_reach(actor, volunteer_id, shift_id)
    _require_free(person, line)
    how = Seating(AssignmentState.ACCEPTED, "hand")
    seat = take_seat(shift_id, volunteer_id, how, at=at)
    words = shift_names([shift_id])[shift_id]
    journal.note(
        actor,
        "add_on_the_spot",
        seat,
        f"现场加人：{person.name} · {words}",
        at=at,
        unit_id=line.unit_id,
        after={"state": seat.state.value},
        reason=reason,
    )
    _tell(seat, "roster_offer", "您已加入这个班次", f"{words}。请按时签到、签退。", at)
    return seat


def release_seat(
    actor: Actor,
    *,
    shift_id: int,
    volunteer_id: int,
    reason: str,
    cause: CancelCause = CancelCause.BY_UNIT,
    at: datetime,
) -> Assignment:
    """Take a person off a published shift that has not begun, and say so to the person.

    Raises
    ------
    Refused
        ``not_found`` (404), ``not_allowed``, ``shift_closed``, ``no_seat``, ``reason_missing``.
    """
    line = _for_mending(actor, shift_id)
    if line.starts_at <= at:
        raise Refused(
            "shift_closed", N_("这个班次已经开始，不能取消派班。"), N_("未到的人请在现场页登记。")
        )
    if not reason.strip():
        raise Refused("reason_missing", N_("请写明原因，本人会看到。"), field="reason", status=422)
    seat = _live_seat(shift_id, volunteer_id)
    before = seat.state
    seat.state = advance(seat.state, AssignmentState.CANCELLED)
    seat.cancel_cause = cause
    seat.version += 1
    words = shift_names([shift_id])[shift_id]
    journal.note(
        actor,
        "release_seat",
        seat,
        f"取消派班：{words}（{cause.label}）",
        at=at,
        unit_id=line.unit_id,
        before={"state": before.value},
        after={"state": seat.state.value, "cause": cause.value},
        reason=reason,
    )
    body = f"{words}。原因：{reason.strip()}。不影响您的服务记录。"
    _tell(seat, "roster_released", "班次取消，请不要前往", body, at)
    return seat


def _live_seat(shift_id: int, volunteer_id: int) -> Assignment:
    seat = db.session.scalar(
        select(Assignment)
        .where(
            Assignment.shift_id == shift_id,
            Assignment.volunteer_id == volunteer_id,
            Assignment.state.in_(LIVE),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if seat is None:
        raise Refused("no_seat", N_("此人现在不在这个班次上。"), N_("请刷新页面查看最新状态。"))
    return seat


def _tell(seat: Assignment, topic: str, title: str, body: str, at: datetime) -> None:
    journal.tell(
        topic=topic,
        title=title,
        body=body,
        at=at,
        volunteer_id=seat.volunteer_id,
        link=f"/me/duties/{seat.shift_id}",
        dedupe=f"{topic}:{seat.id}:{seat.version}",
    )


def _for_mending(actor: Actor, shift_id: int) -> ShiftLine:
    line = shift_in_reach(actor, shift_id)
    require(actor, Act.MANAGE_ROSTERS, unit_id=line.unit_id, district_id=line.district_id)
    if line.state is not ShiftState.PUBLISHED or line.activity_state is not ActivityState.PUBLISHED:
        raise Refused(
            "shift_closed",
            N_("这个班次%(state)s，不能在这里调整人员。"),
            N_("待排班的班次请先排班并发布；已取消或已结算的不能再加人。"),
            values={"state": line.state.label},
        )
    return line


def _require_covers(covers_id: int | None, shift_id: int) -> None:
    if covers_id is None:
        return
    covered = db.session.get(Assignment, covers_id)
    if covered is None or covered.shift_id != shift_id or covered.state in LIVE:
        raise Refused("not_found", N_("没有找到要顶替的那一位。"), status=404)


def _require_free(person: Volunteer, line: ShiftLine) -> None:
    if person.state is not VolunteerState.ACTIVE:
        raise Refused(
            "not_active",
            N_("%(name)s现在是“%(state)s”，不能上岗。"),
            N_("请先在志愿者页面恢复。"),
            values={"name": person.name, "state": person.state.label},
        )
    other = db.session.scalar(
        select(Shift.id)
        .join(Assignment, Assignment.shift_id == Shift.id)
        .where(
            Assignment.volunteer_id == person.id,
            Assignment.state.in_(LIVE),
            Shift.id != line.id,
            Shift.state != ShiftState.CANCELLED,
            Shift.starts_at < line.ends_at,
            Shift.ends_at > line.starts_at,
        )
        .limit(1)
    )
    if other is not None:
        raise Refused(
            "elsewhere",
            N_("%(name)s同一时间在“%(shift)s”。"),
            N_("请先在那个班次取消派班。"),
            values={"name": person.name, "shift": shift_names([other])[other]},
        )
