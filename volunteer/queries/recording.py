"""The duty of recording by activity (记录期限): from the end of the last shift to the last settled record.

The facts of service are recorded within ten working days after the activity ended:
《志愿服务记录与证明出具办法（试行）》第十一条.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.law import record_due_on, record_overdue_before
from volunteer.domain.terms import ShiftState
from volunteer.domain.timekeeping import WorkCalendar, local_date, workdays_left
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.queries.choices import like_words
from volunteer.queries.deciders import calendar_around
from volunteer.queries.policy import policy_on
from volunteer.queries.scope import visible

PAGE = 25
REMEMBERED = timedelta(days=92)
"""How far back activities that are wholly recorded are listed."""
HELD = (ShiftState.PUBLISHED, ShiftState.SETTLED)


@dataclass(frozen=True, slots=True)
class Recording:
    """Where one activity stands with its records.

    ``days_left`` are working days to the last one, negative when overdue; for an activity that is wholly
    recorded, those between the last record and the last day.
    """

    activity_id: int
    title: str
    unit_id: int
    unit: str
    ended_on: date
    ended_at: datetime
    shifts: int
    unsettled: int
    settled_at: datetime | None
    due_on: date
    days_left: int
    warning_days: int
    is_over: bool

    @property
    def stage(self) -> str:
        """In a word: running, done, done_late, late, today, soon, open."""
        if not self.is_over:
            return "running"
        if not self.unsettled:
            return "done" if self.days_left >= 0 else "done_late"
        if self.days_left < 0:
            return "late"
        if self.days_left == 0:
            return "today"
        return "soon" if self.days_left <= self.warning_days else "open"


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """One page of activities, and how many are open, overdue and were recorded late."""

    lines: list[Recording]
    total: int
    open: int
    late: int
    page: int
    pages: int


def _sums() -> Any:
    """Each activity's shifts that took place: how many, the last end, what is not settled, the last record."""
    return (
        select(
            Shift.activity_id.label("activity_id"),
            func.max(Shift.service_on).label("ended_on"),
            func.max(Shift.ends_at).label("ended_at"),
            func.count().label("shifts"),
            func.sum(case((Shift.state == ShiftState.PUBLISHED, 1), else_=0)).label("unsettled"),
            func.max(Shift.settled_at).label("settled_at"),
        )
        .where(Shift.state.in_(HELD))
        .group_by(Shift.activity_id)
    )


def _rows(sums: Any) -> Any:
    return (
        select(
            Activity.id,
            Activity.title,
            Unit.id,
            Unit.name,
            sums.c.ended_on,
            sums.c.ended_at,
            sums.c.shifts,
            sums.c.unsettled,
            sums.c.settled_at,
        )
        .join(sums, sums.c.activity_id == Activity.id)
        .join(Unit, Unit.id == Activity.unit_id)
    )


def _line(row: Any, calendar: WorkCalendar, at: datetime) -> Recording:
    policy = policy_on(row[4])
    due_on = record_due_on(row[5], calendar, policy)
    until = local_date(row[8]) if not row[7] and row[8] else local_date(at)
    return Recording(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4],
        row[5],
        row[6],
        unsettled=int(row[7]),
        settled_at=row[8],
        due_on=due_on,
        days_left=workdays_left(calendar, until, due_on),
        warning_days=policy.record_warning_workdays,
        is_over=row[5] <= at,
    )


def recording_of(activity_id: int, *, at: datetime) -> Recording | None:
    """Where an activity stands; nothing while no shift of it was published."""
    sums = _sums().where(Shift.activity_id == activity_id).subquery()
    row = db.session.execute(_rows(sums)).one_or_none()
    return None if row is None else _line(row, calendar_around(row[4]), at)


def recordings_page(
    actor: Actor, *, at: datetime, stand: str = "open", q: str = "", page: int = 1
) -> RecordingPage:
    """Activities that are over and within reach. ``stand``: open (not wholly recorded), late, done.

    The done ones are those of the last three months, the newest first.
    """
    require(actor, Act.VIEW_TICKETS)
    today = local_date(at)
    calendar = calendar_around(today)
    since = today - REMEMBERED
    recent = _sums().having(func.max(Shift.ends_at) <= at)
    waits = recent.having(func.sum(case((Shift.state == ShiftState.PUBLISHED, 1), else_=0)) > 0)
    late_before = record_overdue_before(today, calendar, policy_on(today))
    sums = waits.subquery()
    seen = visible(_rows(sums), actor, Act.VIEW_TICKETS, unit=Activity.unit_id)
    open_, late = db.session.execute(
        seen.with_only_columns(func.count(), func.count().filter(sums.c.ended_at < late_before))
    ).one()
    if stand == "done":
        sums = (
            recent.where(Shift.service_on >= since)
            .having(func.sum(case((Shift.state == ShiftState.PUBLISHED, 1), else_=0)) == 0)
            .subquery()
        )
        seen = visible(_rows(sums), actor, Act.VIEW_TICKETS, unit=Activity.unit_id)
    elif stand == "late":
        seen = seen.where(sums.c.ended_at < late_before)
    if q:
        like = like_words(q)
        seen = seen.where(
            Activity.title.like(like, escape="\\") | Unit.name.like(like, escape="\\")
        )
    total = db.session.scalar(seen.with_only_columns(func.count())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    newest_first = stand == "done"
    order = sums.c.ended_on.desc() if newest_first else sums.c.ended_on
    rows = db.session.execute(
        seen.order_by(order, Activity.id).limit(PAGE).offset((page - 1) * PAGE)
    )
    return RecordingPage(
        [_line(row, calendar, at) for row in rows], total, open_, late, page, pages
    )


def recordings_to_remind(*, at: datetime) -> list[Recording]:
    """Activities that are over, not wholly recorded, and near their last day or past it; at most 500."""
    calendar = calendar_around(local_date(at))
    sums = (
        _sums()
        .having(func.max(Shift.ends_at) <= at)
        .having(func.sum(case((Shift.state == ShiftState.PUBLISHED, 1), else_=0)) > 0)
        .subquery()
    )
    rows = db.session.execute(_rows(sums).order_by(sums.c.ended_on, Activity.id).limit(500))
    lines = [_line(row, calendar, at) for row in rows]
    return [line for line in lines if line.stage in ("soon", "today", "late")]
