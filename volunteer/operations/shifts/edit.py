"""Changing one shift (修改班次): people hear of it before and after in one line, and confirm anew if it moved."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.series import Terms, is_moved, require_sound
from volunteer.domain.terms import AssignmentState, ShiftState
from volunteer.domain.timekeeping import local_date, minutes_between
from volunteer.models.activities import Activity, Shift, ShiftQuota, ShiftSkill
from volunteer.models.base import db
from volunteer.models.rosters import Assignment
from volunteer.operations.journal import note, tell_many
from volunteer.operations.shifts.batch import put_mix, require_open, row_of
from volunteer.operations.shifts.saying import place_words, window_words
from volunteer.queries.cancelling import stamped_among
from volunteer.queries.choices import place_name, point_names
from volunteer.queries.shifts import (
    SEATED,
    leader_windows,
    line_for,
    no_such_shift,
    overlapping,
    terms_of,
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a shift shall be: its window, point, corner and terms (``breaks`` in minutes from the start)."""

    starts_at: datetime
    ends_at: datetime
    point_id: int
    corner: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Changed:
    """What was done: labels of what changed, people told, people asked to confirm anew."""

    labels: tuple[str, ...]
    told: int
    asked_anew: int


def edit_shift(
    actor: Actor, shift_id: int, wanted: Change, *, version: int, at: datetime
) -> Changed:
    """Change a shift that was not held yet.

    If its time, point or corner changes, everyone with a seat gets one line with before and after; if
    it moves by more than 15 minutes or to another point, accepted seats return to "proposed".

    Raises Refused ``not_sound`` (all faults in ``details``), ``changed_meanwhile``, ``wrong_state``,
    ``has_stamps``, ``too_few_seats``, ``clash``, ``leader_busy``, ``in_the_past``, and what ``require``
    raises.
    """
    shift, activity = _for_change(actor, shift_id, version=version)
    if wanted == _now(shift):
        return Changed((), 0, 0)
    _require_ahead(shift, wanted, at)
    _require_sound(activity, wanted)
    _require_room(shift, wanted)
    before_words, after_words = _words(shift.point_id, shift), _words(wanted.point_id, wanted)
    before = _told(_now(shift))
    was = (shift.starts_at, shift.ends_at, shift.point_id)
    _put(shift, wanted)
    told = asked = 0
    if before_words != after_words:
        moved = is_moved(was, (shift.starts_at, shift.ends_at, shift.point_id))
        told, asked = _tell(actor, shift, before_words, after_words, moved=moved, at=at)
    after = _told(wanted)
    names = [name for name in after if before[name] != after[name]]
    note(
        actor,
        "edit_shift",
        shift,
        f"修改班次 {before_words} → {after_words}"
        if before_words != after_words
        else f"修改班次 {after_words}：{'、'.join(LABELS[name] for name in names)}",
        at=at,
        unit_id=activity.unit_id,
        before={name: before[name] for name in names},
        after={name: after[name] for name in names},
    )
    return Changed(tuple(LABELS[name] for name in names), told, asked)


def split_shift(
    actor: Actor, shift_id: int, *, divide_at: datetime, version: int, at: datetime
) -> Shift:
    """Cut a shift in two at an instant: the first part keeps its people, the second is to be planned.

    Raises Refused ``bad_cut`` when a part would be shorter than 15 minutes, and what ``edit_shift`` raises.
    """
    shift, activity = _for_change(actor, shift_id, version=version)
    whole = _now(shift)
    early, late = _cut(whole, divide_at)
    edit_shift(
        actor,
        shift_id,
        replace(whole, ends_at=divide_at, terms=early),
        version=version,
        at=at,
    )
    part = Shift(
        activity_id=activity.id,
        point_id=shift.point_id,
        corner=shift.corner,
        starts_at=divide_at,
        ends_at=whole.ends_at,
        service_on=local_date(divide_at),
        state=ShiftState.PLANNED,
        **row_of(late),
    )
    db.session.add(part)
    db.session.flush()
    put_mix([part.id], late)
    note(
        actor,
        "split_shift",
        part,
        f"由拆分产生：{_words(part.point_id, part)}",
        at=at,
        unit_id=activity.unit_id,
        after={"split_from": shift.id},
    )
    return part


def _cut(whole: Change, divide_at: datetime) -> tuple[Terms, Terms]:
    """The terms of both parts, each with the breaks that lie in it; raises Refused ``bad_cut``."""
    first = minutes_between(whole.starts_at, divide_at)
    if first < 15 or minutes_between(divide_at, whole.ends_at) < 15:
        raise Refused("bad_cut", "拆分后每段至少 15 分钟。", field="divide_at", status=422)
    breaks = whole.terms.breaks
    if any(start < first < end for start, end in breaks):
        raise Refused("bad_cut", "拆分时间不能落在休息时间里。", field="divide_at", status=422)
    early = tuple(pause for pause in breaks if pause[1] <= first)
    late = tuple((start - first, end - first) for start, end in breaks if start >= first)
    return replace(whole.terms, breaks=early), replace(whole.terms, breaks=late)


LABELS = {
    "starts_at": "开始时间",
    "ends_at": "结束时间",
    "point_id": "点位",
    "corner": "站位",
    "min_heads": "最少人数",
    "target_heads": "目标人数",
    "max_heads": "最多人数",
    "min_age": "最小年龄",
    "max_age": "最大年龄",
    "priority": "优先级",
    "is_open": "对居民开放",
    "reach_metres": "开放范围",
    "leader_id": "带队",
    "breaks": "休息时间",
    "required_skills": "必备资质",
    "skill_mix": "资质搭配",
    "quotas": "单位名额",
}


def _for_change(actor: Actor, shift_id: int, *, version: int) -> tuple[Shift, Activity]:
    line = line_for(actor, shift_id)
    require(actor, Act.MANAGE_SHIFTS, unit_id=line.unit_id)
    row = db.session.execute(
        select(Shift, Activity)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Shift.id == shift_id)
        .with_for_update(of=Shift)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise no_such_shift()
    shift, activity = row
    require_open(activity)
    if shift.version != version:
        raise Refused(
            "changed_meanwhile", "这个班次刚刚被别人修改过。", "请刷新页面，查看最新内容后再操作。"
        )
    if shift.state not in (ShiftState.PLANNED, ShiftState.PUBLISHED):
        raise Refused(
            "wrong_state", "班次%(state)s，不能再修改。", values={"state": shift.state.label}
        )
    if stamped_among([shift_id]):
        raise Refused("has_stamps", "已有人签到，班次不能再修改。", "请按实际时间结算。")
    return shift, activity


def _now(shift: Shift) -> Change:
    return Change(shift.starts_at, shift.ends_at, shift.point_id, shift.corner, terms_of(shift))


def _require_ahead(shift: Shift, wanted: Change, at: datetime) -> None:
    """Nothing is set for a time that has passed: what nobody could join was no service of volunteers."""
    if wanted.starts_at != shift.starts_at and wanted.starts_at < at:
        raise Refused(
            "in_the_past",
            "不能把班次改到已经过去的时间。",
            "确有服务没有登记的，请走补录。",
            field="start",
            status=422,
        )


def _require_sound(activity: Activity, wanted: Change) -> None:
    length = minutes_between(wanted.starts_at, wanted.ends_at)
    faults = list(wanted.terms.faults([length]))
    if not 15 <= length <= 14 * 60:
        faults.append(
            Refused("odd_length", "班次长度应在 15 分钟到 14 小时之间。", field="end", status=422)
        )
    on = local_date(wanted.starts_at)
    if not activity.starts_on <= on <= activity.ends_on:
        faults.append(
            Refused(
                "outside_activity",
                "日期应在活动的 %(starts_on)s 至 %(ends_on)s 之内。",
                field="on",
                status=422,
                values={"starts_on": activity.starts_on, "ends_on": activity.ends_on},
            )
        )
    if wanted.point_id not in point_names([wanted.point_id]):
        faults.append(Refused("no_such_point", "这个点位已停用。", field="point_id", status=422))
    require_sound(faults)


def _require_room(shift: Shift, wanted: Change) -> None:
    """Pass if the people seated fit, the place is free, and the leader is not elsewhere."""
    seated = len(
        db.session.scalars(
            select(Assignment.id).where(
                Assignment.shift_id == shift.id, Assignment.state.in_(SEATED)
            )
        ).all()
    )
    if seated > wanted.terms.max_heads:
        raise Refused(
            "too_few_seats",
            "已安排 %(seated)s 人，最多人数不能少于这个数。",
            "请先在排班表里移走部分人员。",
            field="max_heads",
            status=422,
            values={"seated": seated},
        )
    window = {"from_at": wanted.starts_at, "until_at": wanted.ends_at}
    now = _now(shift)
    is_elsewhere = replace(now, terms=wanted.terms) != wanted
    for other, _point, corner, *_times, title, state in (
        overlapping(point_ids=[wanted.point_id], **window) if is_elsewhere else ()
    ):
        same = not corner or not wanted.corner or corner == wanted.corner
        if other != shift.id and same and state is not ShiftState.CANCELLED:
            raise Refused(
                "clash",
                "这个点位同一时间已有“%(title)s”的班次。",
                "请换时间或点位，或写明不同的站位。",
                field="start",
                status=422,
                values={"title": title},
            )
    leader = wanted.terms.leader_id
    if leader is None or not (is_elsewhere or leader != now.terms.leader_id):
        return
    if any(other != shift.id for other, _, _ in leader_windows(leader, **window)):
        raise Refused(
            "leader_busy",
            "这位带队同一时间已有别的班次。",
            "请另选一位带队。",
            field="leader",
            status=422,
        )


def _put(shift: Shift, wanted: Change) -> None:
    shift.starts_at, shift.ends_at = wanted.starts_at, wanted.ends_at
    shift.service_on = local_date(wanted.starts_at)
    shift.point_id, shift.corner = wanted.point_id, wanted.corner
    for name, value in row_of(wanted.terms).items():
        setattr(shift, name, value)
    shift.version += 1
    db.session.execute(delete(ShiftSkill).where(ShiftSkill.shift_id == shift.id))
    db.session.execute(delete(ShiftQuota).where(ShiftQuota.shift_id == shift.id))
    put_mix([shift.id], wanted.terms)
    db.session.flush()


def _tell(
    actor: Actor, shift: Shift, before: str, after: str, *, moved: bool, at: datetime
) -> tuple[int, int]:
    seats = db.session.scalars(
        select(Assignment)
        .where(Assignment.shift_id == shift.id, Assignment.state.in_(SEATED))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    asked = 0
    for seat in seats:
        if not moved:
            continue
        seat.told_at, seat.answered_at = at, None
        seat.version += 1
        if seat.state is AssignmentState.ACCEPTED:
            seat.state = advance(seat.state, AssignmentState.PROPOSED)
            asked += 1
            note(
                actor,
                "ask_anew",
                seat,
                f"班次改动，请重新确认：{before} → {after}",
                at=at,
                unit_id=seat.unit_id,
                before={"state": AssignmentState.ACCEPTED.value},
                after={"state": AssignmentState.PROPOSED.value},
            )
    closing = "请重新确认能否参加。" if moved else "您的安排不变，请按新时间到岗。"
    tell_many(
        [
            {
                "topic": "shift_moved",
                "title": "班次有变化，请重新确认" if moved else "班次时间有小的变化",
                "body": f"{before} → {after}。{closing}",
                "volunteer_id": seat.volunteer_id,
                "link": f"/me/duties/{shift.id}",
                "dedupe": f"shift_moved:{shift.id}:{shift.version}:{seat.volunteer_id}",
            }
            for seat in seats
        ],
        at=at,
    )
    return len(seats), asked


def _words(point_id: int, at_place: Any) -> str:
    window = window_words(at_place.starts_at, at_place.ends_at)
    return f"{window} {place_words(place_name(point_id), at_place.corner)}"


def _told(change: Change) -> dict[str, Any]:
    return {
        "starts_at": change.starts_at.isoformat(),
        "ends_at": change.ends_at.isoformat(),
        "point_id": change.point_id,
        "corner": change.corner,
        **change.terms.kept(),
    }
