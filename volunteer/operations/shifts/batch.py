"""Shifts in bulk (批量生成班次): made as one act, so that they can be taken back as one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.series import Series, Terms
from volunteer.domain.terms import ActivityState, ShiftState
from volunteer.models.activities import (
    Activity,
    Shift,
    ShiftBatch,
    ShiftQuota,
    ShiftSkill,
)
from volunteer.models.base import db
from volunteer.models.rosters import Assignment, DraftSeat, Pin
from volunteer.operations.journal import note
from volunteer.queries.activities import activity_for
from volunteer.queries.shift_preview import Planned, Verdict, preview_of, rows_to_make

PART = 500
"""Rows of one statement; both databases take it whatever the number of columns."""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a batch: its row, the first day, how many shifts, how many without the busy leader."""

    batch: ShiftBatch
    first_on: date
    shifts: int
    without_leader: int


@dataclass(frozen=True, slots=True)
class Undone:
    """What came of taking a batch back: shifts removed, and those that stay because people are involved."""

    activity_id: int
    removed: int
    kept_ids: tuple[int, ...]


def create_batch(
    actor: Actor,
    activity_id: int,
    series: Series,
    terms: Terms,
    *,
    insisted: frozenset[Verdict] = frozenset(),
    at: datetime,
) -> Made:
    """Make every new shift of the series; clashing ones only if ``insisted`` says so.

    At key points during an inspection a shift gets priority 1. Where the named leader is elsewhere,
    the shift is made without a leader.

    Raises Refused ``not_sound`` (all faults in ``details``), ``nothing_new``, ``wrong_state`` for an
    ended activity, ``changed_meanwhile``, and what ``require`` raises.
    """
    activity = activity_for(actor, activity_id)
    require(actor, Act.MANAGE_SHIFTS, unit_id=activity.unit_id)
    db.session.refresh(activity, with_for_update=True)  # one batch of an activity at a time
    require_open(activity)
    preview = preview_of(activity, series, terms, at=at)
    rows = rows_to_make(preview, insisted)
    if not rows:
        raise Refused(
            "nothing_new",
            "按这些条件没有可以新建的班次。",
            "预览里列出了每个班次的原因。",
            status=422,
        )
    batch = ShiftBatch(
        activity_id=activity.id,
        wanted={"series": series.kept(), "terms": terms.kept(), "made": len(rows)},
        created_at=at,
        created_by_id=actor.account_id or 0,
    )
    db.session.add(batch)
    db.session.flush()
    _insert(activity, batch, rows, series, terms)
    note(
        actor,
        "create_shifts",
        batch,
        f"为“{activity.title}”批量创建 {len(rows)} 个班次",
        at=at,
        unit_id=activity.unit_id,
        after=batch.wanted,
    )
    first = min(row.on for row in rows)
    return Made(batch, first, len(rows), sum(row.is_leader_busy for row in rows))


def undo_batch(actor: Actor, batch_id: int, *, at: datetime) -> Undone:
    """Take a batch back: shifts to which nobody was ever assigned are removed, the others stay.

    Raises Refused ``not_found``, ``nothing_to_undo``, and what ``require`` raises.
    """
    batch = db.session.get(ShiftBatch, batch_id)
    if batch is None:
        raise Refused("not_found", "没有找到这次批量创建。", status=404)
    activity = activity_for(actor, batch.activity_id)
    require(actor, Act.MANAGE_SHIFTS, unit_id=activity.unit_id)
    shifts = {
        shift_id: state
        for shift_id, state in db.session.execute(
            select(Shift.id, Shift.state).where(Shift.batch_id == batch.id).with_for_update()
        )
    }
    assigned = set(
        db.session.scalars(
            select(Assignment.shift_id)
            .join(Shift, Shift.id == Assignment.shift_id)
            .where(Shift.batch_id == batch.id)
        )
    )
    free = [i for i, s in shifts.items() if i not in assigned and s is ShiftState.PLANNED]
    if not free:
        raise Refused(
            "nothing_to_undo",
            "这一批班次都已安排过人或已发布，不能撤销。",
            "可以逐个或批量取消班次，会通知有关志愿者。",
        )
    _remove(free)
    kept = tuple(sorted(set(shifts) - set(free)))
    batch.undone_at = at
    note(
        actor,
        "undo_shifts",
        batch,
        f"撤销“{activity.title}”的批量班次：删除 {len(free)} 个，保留 {len(kept)} 个",
        at=at,
        unit_id=activity.unit_id,
        before={"shift_ids": free},
        after={"kept_ids": list(kept)},
    )
    return Undone(activity.id, len(free), kept)


def require_open(activity: Activity) -> None:
    """Pass if shifts may still be made or changed in this activity."""
    if activity.state not in (ActivityState.DRAFT, ActivityState.PUBLISHED):
        raise Refused(
            "wrong_state",
            "活动%(state)s，不能再安排班次。",
            "可以复制为新活动。",
            values={"state": activity.state.label},
        )


def row_of(terms: Terms) -> dict[str, Any]:
    """The columns of a shift that follow from its terms."""
    return {
        "min_heads": terms.min_heads,
        "target_heads": terms.target_heads,
        "max_heads": terms.max_heads,
        "min_age": terms.min_age,
        "max_age": terms.max_age,
        "priority": terms.priority,
        "is_open": terms.is_open,
        "reach_metres": terms.reach_metres,
        "leader_id": terms.leader_id,
        "breaks": [list(pause) for pause in terms.breaks],
        "required_skills": list(terms.required_skills),
    }


def put_mix(shift_ids: list[int], terms: Terms) -> None:
    """Write skill mix and unit quotas of fresh shifts."""
    mix = [
        {"shift_id": shift_id, "skill_id": skill_id, "count": count}
        for shift_id in shift_ids
        for skill_id, count in terms.skill_mix.items()
    ]
    quotas = [
        {"shift_id": shift_id, "unit_id": unit_id, "count": count}
        for shift_id in shift_ids
        for unit_id, count in terms.quotas.items()
    ]
    if mix:
        db.session.execute(insert(ShiftSkill), mix)
    if quotas:
        db.session.execute(insert(ShiftQuota), quotas)


def _insert(
    activity: Activity, batch: ShiftBatch, rows: list[Planned], series: Series, terms: Terms
) -> None:
    common = {**row_of(terms), "activity_id": activity.id, "batch_id": batch.id}
    breaks = {slot: [list(pause) for pause in series.breaks_of(slot)] for slot in series.slots}
    values = [
        {
            **common,
            "point_id": row.point_id,
            "corner": row.corner,
            "starts_at": row.starts_at,
            "ends_at": row.ends_at,
            "service_on": row.on,
            "state": ShiftState.PLANNED,
            "breaks": breaks[row.slot],
            "priority": 1 if row.badge else terms.priority,
            "leader_id": None if row.is_leader_busy else terms.leader_id,
            "version": 1,
            "cancel_reason": "",
            "outcome": {},
        }
        for row in rows
    ]
    try:
        with db.session.begin_nested():  # so that the refusal can still be shown
            db.session.execute(insert(Shift), values)
    except IntegrityError as error:
        raise Refused(
            "changed_meanwhile",
            "有人刚刚创建了同样的班次。",
            "请重新预览后再创建。",
        ) from error
    if terms.skill_mix or terms.quotas:
        put_mix(list(db.session.scalars(select(Shift.id).where(Shift.batch_id == batch.id))), terms)


def _remove(shift_ids: list[int]) -> None:
    """Delete shifts that nobody was told of, with what hangs on them."""
    for start in range(0, len(shift_ids), PART):
        part = shift_ids[start : start + PART]
        for table in (ShiftSkill, ShiftQuota, DraftSeat, Pin):
            db.session.execute(delete(table).where(table.shift_id.in_(part)))
        db.session.execute(delete(Shift).where(Shift.id.in_(part)))
