"""What the leader says beside the stamps: excused, absent, a seat for who came to help, and the counters."""

from datetime import datetime

from sqlalchemy import func, select

from volunteer.domain.access import Act, Actor, require, require_other
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, ShiftState, VolunteerState
from volunteer.domain.timekeeping import clock_at, local_date
from volunteer.models.activities import Shift
from volunteer.models.attendance import AttendanceNote
from volunteer.models.base import db
from volunteer.models.rosters import Assignment
from volunteer.operations.attendance.stamping import require_site
from volunteer.operations.journal import note, tell
from volunteer.queries.attendance import Seat, seat_at
from volunteer.queries.duties import overlapping_duty
from volunteer.queries.onsite import addable_people, is_noted, site_of

SEATED = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
MOST = 100_000


def excuse(
    actor: Actor, *, shift_id: int, volunteer_id: int, reason: str, at: datetime
) -> AttendanceNote:
    """Excuse a person who is not coming: no absence is counted.

    Raises Refused ``reason_needed``, ``already_came``, ``own_case``, ``shift_settled``.
    """
    if len(reason.strip()) < 2:
        raise Refused(
            "reason_needed",
            "请写明请假原因。",
            "例如：生病、单位临时有事。",
            field="reason",
            status=422,
        )
    return _mark(actor, shift_id, volunteer_id, "excused", reason.strip(), at)


def mark_absent(
    actor: Actor, *, shift_id: int, volunteer_id: int, reason: str, at: datetime
) -> AttendanceNote:
    """Mark a person who accepted and did not come; a reason is welcome, not needed.

    Raises Refused ``not_started``, ``already_came``, ``never_accepted``, ``own_case``, ``shift_settled``.
    """
    return _mark(actor, shift_id, volunteer_id, "absent", reason.strip(), at)


def clear_mark(actor: Actor, *, shift_id: int, volunteer_id: int, at: datetime) -> AttendanceNote:
    """Take a mark back; the newest note wins.

    Raises Refused ``nothing_to_clear``, ``shift_settled``.
    """
    return _mark(actor, shift_id, volunteer_id, "cleared", "", at)


_WORDS = {"excused": "请假", "absent": "缺岗", "cleared": "取消标记"}


def _mark(
    actor: Actor, shift_id: int, volunteer_id: int, verdict: str, reason: str, at: datetime
) -> AttendanceNote:
    seat = seat_at(shift_id, volunteer_id, at=at)
    require_site(actor, seat)
    require_other(actor, volunteer_id)
    if seat.assignment is None:
        raise Refused("not_found", "这个人不在本班次的名单中。", status=404)
    _check_mark(seat, verdict, at)
    mark = AttendanceNote(
        assignment_id=seat.assignment.id,
        verdict=verdict,
        reason=reason[:200],
        by_account_id=actor.account_id,
        at=at,
    )
    db.session.add(mark)
    note(
        actor,
        f"mark_{verdict}",
        seat.assignment,
        f"{seat.volunteer.name} 标记为{_WORDS[verdict]}",
        at=at,
        unit_id=seat.activity.unit_id,
        after={"verdict": verdict},
        reason=reason,
    )
    if verdict == "absent":
        tell(
            topic="absent",
            title="您被标记为缺岗",
            body=f"{seat.point.name}的班次没有您的签到。如您到过现场，请联系带队。",
            at=at,
            volunteer_id=volunteer_id,
            link=f"/me/duties/{shift_id}",
            dedupe=f"absent:{seat.assignment.id}",
        )
    return mark


def _check_mark(seat: Seat, verdict: str, at: datetime) -> None:
    if seat.shift.state is ShiftState.SETTLED:
        raise Refused("shift_settled", "本班次已结算。", "如需更改，请在时长记录中更正。")
    if verdict == "cleared":
        assert seat.assignment is not None
        if not is_noted(seat.assignment.id):
            raise Refused("nothing_to_clear", "没有可以取消的标记。", "请刷新页面。")
        return
    if seat.stamps:
        raise Refused("already_came", "这个人已经签到。", "如签到有误，请先撤销签到。")
    if verdict == "absent" and at < seat.shift.starts_at:
        raise Refused("not_started", "班次还没有开始，不能标记缺岗。", "开始后再标记。")
    if verdict == "absent" and seat.gate.assignment is not AssignmentState.ACCEPTED:
        raise Refused(
            "never_accepted", "这个人没有接受本班次，不算缺岗。", "可以标记为请假，或不标记。"
        )


def add_seat(
    actor: Actor, *, shift_id: int, volunteer_id: int, reason: str, at: datetime
) -> Assignment:
    """Seat a volunteer who came to help; they can check in at once.

    Only people of the organizing and the joint units, of the right age, while there is room.
    Raises Refused ``shift_full``, ``already_seated``, ``overlaps``, ``not_found``, ``wrong_age``, ``shift_over``.
    """
    db.session.execute(select(Shift.id).where(Shift.id == shift_id).with_for_update())
    seat = seat_at(shift_id, volunteer_id, at=at)
    require_site(actor, seat)
    require_other(actor, volunteer_id)
    if not addable_people(actor, shift_id, ids=[volunteer_id]):
        raise Refused(
            "not_found", "没有找到这位志愿者。", "只能加入主办和联合单位的人。", status=404
        )
    _check_room(seat, at)
    assignment = _seat_row(seat, actor, at)
    note(
        actor,
        "add_seat",
        assignment,
        f"现场加入 {seat.volunteer.name}",
        at=at,
        unit_id=seat.activity.unit_id,
        after={"state": assignment.state.value},
        reason=reason,
    )
    tell(
        topic="seat",
        title="您已加入班次",
        body=f"带队将您加入{seat.point.name}的班次，请签到。如非本人意愿，可以谢绝。",
        at=at,
        volunteer_id=volunteer_id,
        link=f"/me/duties/{shift_id}",
        dedupe=f"seat:{assignment.id}:{assignment.version}",
    )
    return assignment


def _check_room(seat: Seat, at: datetime) -> None:
    if seat.shift.state is not ShiftState.PUBLISHED or at >= seat.shift.ends_at:
        raise Refused(
            "shift_over",
            "本班次已结束或未发布，不能再加人。",
            "请本人在手机“时长 · 申诉与补录”里申请补录。",
        )
    if seat.gate.assignment in SEATED:
        raise Refused("already_seated", "这个人已在本班次的名单中。", "可以直接签到。")
    if seat.volunteer.state is not VolunteerState.ACTIVE:
        raise Refused("not_active", "这位志愿者的资料尚未确认或已停用。", "请先由组织者处理资料。")
    other = overlapping_duty(seat.volunteer.id, seat.gate.window, besides=seat.shift.id)
    if other is not None:
        raise Refused(
            "overlaps",
            "此人在同一时间已接受另一个班次（%(start)s 至 %(end)s）。",
            "请先在那个班次取消派班，或请本人在手机上点“我来不了”。",
            values={"start": clock_at(other.starts_at), "end": clock_at(other.ends_at)},
        )
    taken = db.session.scalar(
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.shift_id == seat.shift.id, Assignment.state.in_(SEATED))
    )
    if (taken or 0) >= seat.shift.max_heads:
        raise Refused(
            "shift_full",
            "本班次最多 %(most)d 人，已经满员。",
            "请先取消不能来的人的岗位，或由组织者调整人数。",
            values={"most": seat.shift.max_heads},
        )
    if seat.volunteer.birth_year is not None:
        age = local_date(seat.shift.starts_at).year - seat.volunteer.birth_year
        if not seat.shift.min_age <= age <= seat.shift.max_age:
            raise Refused(
                "wrong_age",
                "本班次要求 %(least)d—%(most)d 岁。",
                "请安排其他合适的班次。",
                values={"least": seat.shift.min_age, "most": seat.shift.max_age},
            )


def _seat_row(seat: Seat, actor: Actor, at: datetime) -> Assignment:
    row = seat.assignment
    if row is None:
        row = Assignment(
            shift_id=seat.shift.id,
            volunteer_id=seat.volunteer.id,
            unit_id=seat.volunteer.unit_id,
            state=AssignmentState.ACCEPTED,
            source="hand",
            told_at=at,
            answered_at=at,
        )
        db.session.add(row)
        db.session.flush()
        return row
    if row.state is AssignmentState.CANCELLED:
        row.state = advance(row.state, AssignmentState.PROPOSED)
    row.state = advance(row.state, AssignmentState.ACCEPTED)
    row.cancel_cause = None
    row.answered_at = at
    row.version += 1
    return row


def record_outcome(actor: Actor, *, shift_id: int, counters: dict[str, int], at: datetime) -> Shift:
    """Write down what the shift did (劝导、帮扶、清理 …), by the counters of its kind.

    Raises Refused ``unknown_counter``, ``bad_number``.
    """
    site = site_of(actor, shift_id, act=Act.RUN_ONSITE)
    require(actor, Act.RUN_ONSITE, unit_id=site.activity.unit_id, shift_id=shift_id)
    for name, number in counters.items():
        if name not in site.kind.counters:
            raise Refused(
                "unknown_counter",
                "没有“%(name)s”这个统计项。",
                status=422,
                values={"name": name},
            )
        if not 0 <= number <= MOST:
            raise Refused("bad_number", "请填写 0 到 100000 之间的整数。", status=422, field=name)
    before = dict(site.shift.outcome)
    site.shift.outcome = {**before, **counters}
    note(
        actor,
        "record_outcome",
        site.shift,
        "登记服务成效：" + "、".join(f"{name} {number}" for name, number in counters.items()),
        at=at,
        unit_id=site.activity.unit_id,
        before=before,
        after=dict(site.shift.outcome),
    )
    return site.shift
