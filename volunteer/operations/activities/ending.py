"""How an activity ends (取消、结束): called off with its shifts, or closed when all is settled."""

from datetime import datetime

from sqlalchemy import func, select

from volunteer.domain.access import SYSTEM, Actor
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ActivityState, CancelCause, ShiftState
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.operations.activities.publish import for_change
from volunteer.operations.journal import note
from volunteer.operations.shifts.cancel import Cancelled, call_off
from volunteer.queries.cancelling import effect_of_cancelling, live_shifts_of


def cancel_activity(
    actor: Actor, activity_id: int, *, reason: str, version: int, at: datetime
) -> Cancelled:
    """Call an activity off with all its shifts that were not held yet; people get one message each.

    Raises Refused ``reason_missing``, ``has_stamps`` when someone is or was on site at a shift that is
    not settled, ``changed_meanwhile``, ``wrong_state``, and what ``require`` raises.
    """
    activity = for_change(actor, activity_id, version=version)
    advance(activity.state, ActivityState.CANCELLED)
    if not reason.strip():
        raise Refused(
            "reason_missing", "请写明取消原因，会告知志愿者。", field="reason", status=422
        )
    effect = effect_of_cancelling(live_shifts_of(activity.id))
    if effect.stamped_ids:
        raise Refused(
            "has_stamps",
            "有 %(n)s 个班次已有人签到，活动不能整体取消。",
            "请先结算这些班次，再取消其余班次或结束活动。",
            values={"n": len(effect.stamped_ids)},
        )
    done = call_off(actor, list(effect.shift_ids), cause=CancelCause.BY_UNIT, reason=reason, at=at)
    before = activity.state
    activity.state = ActivityState.CANCELLED
    activity.cancel_reason = reason.strip()[:200]
    activity.version += 1
    note(
        actor,
        "cancel_activity",
        activity,
        f"取消活动“{activity.title}”，涉及 {done.shifts} 个班次、{done.people} 人",
        at=at,
        unit_id=activity.unit_id,
        before={"state": before.value},
        after={"state": ActivityState.CANCELLED.value},
        reason=reason,
    )
    return done


def close_activity(actor: Actor, activity_id: int, *, version: int, at: datetime) -> None:
    """Close an activity whose shifts are all settled or called off.

    Raises Refused ``unsettled_shifts`` with their number, ``changed_meanwhile``, ``wrong_state``, and
    what ``require`` raises.
    """
    _close(actor, for_change(actor, activity_id, version=version), at=at)


def close_finished(activity_id: int, *, at: datetime) -> bool:
    """Close an activity whose days are over and whose shifts are all settled, by the clock.

    Returns whether it was still open. Raises Refused ``unsettled_shifts`` where a shift was added since.
    """
    activity = db.session.get(Activity, activity_id, with_for_update=True)
    if activity is None or activity.state is not ActivityState.PUBLISHED:
        return False
    _close(SYSTEM, activity, at=at)
    return True


def _close(actor: Actor, activity: Activity, *, at: datetime) -> None:
    advance(activity.state, ActivityState.CLOSED)
    left = db.session.scalar(
        select(func.count())
        .select_from(Shift)
        .where(
            Shift.activity_id == activity.id,
            Shift.state.in_((ShiftState.PLANNED, ShiftState.PUBLISHED)),
        )
    )
    if left:
        raise Refused(
            "unsettled_shifts",
            "还有 %(left)s 个班次没有结算或取消，活动不能结束。",
            "请先在时长页结算，或取消不再举行的班次。",
            values={"left": left},
        )
    activity.state = ActivityState.CLOSED
    activity.version += 1
    note(
        actor,
        "close_activity",
        activity,
        f"结束活动“{activity.title}”",
        at=at,
        unit_id=activity.unit_id,
        before={"state": ActivityState.PUBLISHED.value},
        after={"state": ActivityState.CLOSED.value},
    )
