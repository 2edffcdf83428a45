"""Calling shifts off (取消班次): seats fall free with the cause, each person hears it once; and taking it back."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, CancelCause, ShiftState
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.operations.journal import note, tell_many
from volunteer.operations.shifts.batch import require_open
from volunteer.operations.shifts.saying import place_words, window_words
from volunteer.queries.cancelling import effect_of_cancelling
from volunteer.queries.shifts import SEATED, no_such_shift

CAUSES = (CancelCause.BY_UNIT, CancelCause.WEATHER)
"""Why a unit calls a shift off; neither counts against the people."""
LISTED = 4
"""Shifts named one by one in a message; more are counted."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What was done: shifts called off, seats freed, people told, shifts that stay as someone checked in."""

    shifts: int
    seats: int
    people: int
    kept_ids: tuple[int, ...]


def cancel_shifts(
    actor: Actor, shift_ids: Iterable[int], *, cause: CancelCause, reason: str, at: datetime
) -> Cancelled:
    """Call off one or many shifts. Settled ones and those with check-ins stay (``kept_ids``).

    Raises Refused ``reason_missing``, ``wrong_cause``, ``nothing_to_cancel``, ``has_stamps``, and what
    ``require`` raises for any of the shifts.
    """
    wanted = sorted(set(shift_ids))
    if cause not in CAUSES:
        raise Refused("wrong_cause", "请选择取消原因。", field="cause", status=422)
    if not reason.strip():
        raise Refused(
            "reason_missing", "请写明取消原因，会告知志愿者。", field="reason", status=422
        )
    done = call_off(actor, wanted, cause=cause, reason=reason.strip(), at=at)
    if not done.shifts and done.kept_ids:
        raise Refused(
            "has_stamps",
            "已有人签到，不能取消。",
            "请在现场页让大家签退，再按实际时间结算。",
        )
    if not done.shifts:
        raise Refused("nothing_to_cancel", "这些班次都已取消或结算，无需再取消。")
    return done


def call_off(
    actor: Actor, shift_ids: list[int], *, cause: CancelCause, reason: str, at: datetime
) -> Cancelled:
    """Call off those of the shifts that can be; the caller decides what it means if some cannot."""
    rows = _locked(shift_ids)
    for unit_id in {activity.unit_id for _, activity, _ in rows}:
        require(actor, Act.MANAGE_SHIFTS, unit_id=unit_id)
    effect = effect_of_cancelling([shift.id for shift, _, _ in rows])
    going = set(effect.shift_ids)
    said: dict[int, str] = {}
    for shift, activity, point in rows:
        if shift.id not in going:
            continue
        said[shift.id] = (
            f"{window_words(shift.starts_at, shift.ends_at)} {place_words(point, shift.corner)}"
        )
        before = shift.state
        shift.state = advance(shift.state, ShiftState.CANCELLED)
        shift.cancel_cause, shift.cancel_reason = cause, reason[:200]
        shift.version += 1
        note(
            actor,
            "cancel_shift",
            shift,
            f"取消班次 {said[shift.id]}（{cause.label}）",
            at=at,
            unit_id=activity.unit_id,
            before={"state": before.value},
            after={"state": ShiftState.CANCELLED.value, "cause": cause.value},
            reason=reason,
        )
    people = _free_seats(actor, said, cause=cause, reason=reason, at=at)
    return Cancelled(len(going), effect.seats, people, effect.stamped_ids)


def restore_shift(actor: Actor, shift_id: int, *, at: datetime) -> Shift:
    """Set a called-off shift up again: it returns to planning, people are asked anew.

    Raises Refused ``not_found``, ``already_over``, ``wrong_state``, ``already_so``, and what ``require`` raises.
    """
    rows = _locked([shift_id])
    if not rows:
        raise no_such_shift()
    shift, activity, point = rows[0]
    require(actor, Act.MANAGE_SHIFTS, unit_id=activity.unit_id)
    require_open(activity)
    if shift.starts_at <= at:
        raise Refused("already_over", "这个班次的时间已过，不能恢复。", "请另建新的班次。")
    shift.state = advance(shift.state, ShiftState.PLANNED)
    cause = shift.cancel_cause
    shift.cancel_cause, shift.cancel_reason = None, ""
    shift.version += 1
    words = f"{window_words(shift.starts_at, shift.ends_at)} {place_words(point, shift.corner)}"
    note(
        actor,
        "restore_shift",
        shift,
        f"恢复班次 {words}",
        at=at,
        unit_id=activity.unit_id,
        before={"state": ShiftState.CANCELLED.value, "cause": cause.value if cause else None},
        after={"state": ShiftState.PLANNED.value},
    )
    return shift


def _locked(shift_ids: list[int]) -> list[tuple[Shift, Activity, str]]:
    rows: list[tuple[Shift, Activity, str]] = []
    for start in range(0, len(shift_ids), 500):
        found = db.session.execute(
            select(Shift, Activity, CheckPoint.name)
            .join(Activity, Activity.id == Shift.activity_id)
            .join(CheckPoint, CheckPoint.id == Shift.point_id)
            .where(Shift.id.in_(shift_ids[start : start + 500]))
            .order_by(Shift.starts_at, Shift.id)
            .with_for_update(of=Shift)
            .execution_options(populate_existing=True)
        )
        rows += [(shift, activity, point) for shift, activity, point in found]
    return rows


def _free_seats(
    actor: Actor, said: dict[int, str], *, cause: CancelCause, reason: str, at: datetime
) -> int:
    """Cancel the seats of called-off shifts and tell each person once; returns how many people."""
    lost: dict[int, list[Assignment]] = defaultdict(list)
    ids = list(said)
    for start in range(0, len(ids), 500):
        seats = db.session.scalars(
            select(Assignment)
            .where(Assignment.shift_id.in_(ids[start : start + 500]), Assignment.state.in_(SEATED))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        for seat in seats:
            lost[seat.volunteer_id].append(seat)
            before = seat.state
            seat.state = advance(seat.state, AssignmentState.CANCELLED)
            seat.cancel_cause = cause
            seat.version += 1
            note(
                actor,
                "cancel_assignment",
                seat,
                f"取消派班：{said[seat.shift_id]}（{cause.label}）",
                at=at,
                unit_id=seat.unit_id,
                before={"state": before.value},
                after={"state": AssignmentState.CANCELLED.value, "cause": cause.value},
                reason=reason,
            )
    tell_many(
        [
            _message(person, [said[seat.shift_id] for seat in seats], seats, cause, reason)
            for person, seats in lost.items()
        ],
        at=at,
    )
    return len(lost)


def _message(
    person: int, shifts: list[str], seats: list[Assignment], cause: CancelCause, reason: str
) -> dict[str, object]:
    listed = "；".join(shifts[:LISTED])
    if len(shifts) > LISTED:
        listed += f"；等共 {len(shifts)} 个班次"
    newest = max(seats, key=lambda seat: seat.id)
    return {
        "topic": "shift_cancelled",
        "title": "班次取消，请不要前往",
        "body": f"{listed} 已取消。原因：{cause.label}，{reason}。不影响您的服务记录。",
        "volunteer_id": person,
        "link": f"/me/duties/{newest.shift_id}" if len(seats) == 1 else "/me/duties",
        "dedupe": f"shift_cancelled:{newest.id}:{newest.version}",
    }
