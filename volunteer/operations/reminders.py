"""Reminders (提醒): a day before, two hours before, at the start if not here, at the end if not out.

Each has a key that names person, shift and moment, so that a second run of the job tells nobody twice.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select

from volunteer.domain.terms import AssignmentState, ShiftState, StampKind
from volunteer.domain.timekeeping import clock_at, local, local_date
from volunteer.models.activities import Shift
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.journal import Message
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.operations.journal import tell_many
from volunteer.queries.onsite import stands_in

SEATED = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
DAY_BEFORE = timedelta(hours=24)
HOURS_BEFORE = timedelta(hours=2)
GRACE = timedelta(minutes=10)
"""How long a reminder may still be given after its moment; later it would only confuse."""
QUIET_FROM, QUIET_UNTIL = 22, 7
"""Hours of the night in Beijing in which nobody is woken for tomorrow's duty."""


def due_reminders(*, at: datetime) -> list[dict[str, Any]]:
    """The reminders that are due and were not given yet; reads only, so that nobody waits for it."""
    messages: list[dict[str, Any]] = []
    if QUIET_UNTIL <= local(at).hour < QUIET_FROM:
        messages += _before(at, DAY_BEFORE, "day")
    messages += _before(at, HOURS_BEFORE, "hours")
    messages += _not_here(at)
    messages += _not_out(at)
    keys = [message["dedupe"] for message in messages]
    given: set[str | None] = set()
    for start in range(0, len(keys), 400):
        part = keys[start : start + 400]
        given.update(db.session.scalars(select(Message.dedupe).where(Message.dedupe.in_(part))))
    return [message for message in messages if message["dedupe"] not in given]


def remind(messages: list[dict[str, Any]], *, at: datetime) -> int:
    """Give reminders; returns how many were written. One that somebody else gave meanwhile is left out."""
    return tell_many(messages, at=at)


def _seats(low: datetime, high: datetime, column: Any) -> list[Any]:
    """Seats of shifts whose start or end lies in a stretch of time, with how often they stamped in, and whether they stand checked in."""
    live = (
        select(
            CheckIn.assignment_id.label("seat"),
            func.sum(_one(StampKind.IN)).label("came"),
            case((stands_in(), 1), else_=0).label("is_in"),
        )
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .where(StampCancellation.stamp_id.is_(None))
        .group_by(CheckIn.assignment_id)
        .subquery()
    )
    return list(
        db.session.execute(
            select(
                Assignment.id,
                Assignment.volunteer_id,
                Assignment.state,
                Shift.id,
                Shift.starts_at,
                Shift.ends_at,
                CheckPoint.name,
                func.coalesce(live.c.came, 0),
                func.coalesce(live.c.is_in, 0),
            )
            .join(Shift, Shift.id == Assignment.shift_id)
            .join(CheckPoint, CheckPoint.id == Shift.point_id)
            .outerjoin(live, live.c.seat == Assignment.id)
            .where(
                Assignment.state.in_(SEATED),
                Shift.state == ShiftState.PUBLISHED,
                column > low,
                column <= high,
            )
        )
    )


def _one(kind: StampKind) -> Any:
    return case((CheckIn.kind == kind, 1), else_=0)


def _before(at: datetime, ahead: timedelta, name: str) -> list[dict[str, Any]]:
    """Shifts that begin within ``ahead``; one that was published later still gets its reminder."""
    messages = []
    low = at if name == "hours" else at + HOURS_BEFORE
    for seat_id, person, state, shift_id, starts_at, _, place, came, _ in _seats(
        low, at + ahead, Shift.starts_at
    ):
        if came:
            continue
        asked = state is AssignmentState.PROPOSED
        day = "今天" if local_date(starts_at) == local_date(at) else "明天"
        title = f"{day} {clock_at(starts_at)} 有您的班次"
        body = f"{place}。" + ("您还没有答复，请接受或谢绝。" if asked else "来不了请提前告知。")
        messages.append(
            {
                "topic": "reminder",
                "title": title,
                "body": body,
                "volunteer_id": person,
                "link": f"/me/duties/{shift_id}",
                "dedupe": f"remind:{name}:{seat_id}:{starts_at:%Y%m%d%H%M}",
            }
        )
    return messages


def _not_here(at: datetime) -> list[dict[str, Any]]:
    """Who accepted and is not here when the shift has begun."""
    return [
        {
            "topic": "reminder",
            "title": "班次已开始，还没有您的签到",
            "body": f"{place}，{clock_at(starts_at)} 开始。已到场请签到；来不了请给带队打个电话。",
            "volunteer_id": person,
            "link": f"/me/duties/{shift_id}",
            "dedupe": f"remind:start:{seat_id}:{starts_at:%Y%m%d%H%M}",
        }
        for seat_id, person, state, shift_id, starts_at, _, place, came, _ in _seats(
            at - GRACE, at, Shift.starts_at
        )
        if not came and state is AssignmentState.ACCEPTED
    ]


def _not_out(at: datetime) -> list[dict[str, Any]]:
    """Who is still checked in when the shift has ended: many do not know that one checks out."""
    return [
        {
            "topic": "reminder",
            "title": "辛苦了，请记得签退",
            "body": f"{place}的班次 {clock_at(ends_at)} 结束。扫带队屏幕上的签退码；忘记了会按计划时间结束。",
            "volunteer_id": person,
            "link": "/scan",
            "dedupe": f"remind:end:{seat_id}:{ends_at:%Y%m%d%H%M}",
        }
        for seat_id, person, _, _, _, ends_at, place, _, is_in in _seats(
            at - GRACE, at, Shift.ends_at
        )
        if is_in
    ]
