"""What is still to be recorded (待记录), and by when: ten working days after the service ended.

《志愿服务记录与证明出具办法（试行）》第十一条.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.law import record_due_on, record_overdue_before
from volunteer.domain.terms import ShiftState
from volunteer.domain.timekeeping import local_date, workdays_left
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.models.places import CheckPoint
from volunteer.queries.calendar import work_calendar
from volunteer.queries.policy import policy_on
from volunteer.queries.scope import visible

PAGE = 30


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A shift that is over and not settled: when its record is due."""

    shift: Shift
    activity: Activity
    point: CheckPoint
    unit: Unit
    due_on: date
    days_left: int

    @property
    def is_overdue(self) -> bool:
        """Whether the last working day for it has passed."""
        return self.days_left < 0


@dataclass(frozen=True, slots=True)
class UnsettledPage:
    """One page of them, the oldest first, and how many are overdue in all."""

    lines: list[Unsettled]
    total: int
    overdue: int
    warning_days: int
    page: int
    pages: int


def unsettled_shifts(actor: Actor, *, at: datetime, page: int = 1) -> UnsettledPage:
    """The published shifts within reach that are over and not settled, the most urgent first."""
    today = local_date(at)
    policy = policy_on(today)
    calendar = work_calendar(years=[today.year - 1, today.year, today.year + 1])
    found: Any = (
        select(Shift, Activity, CheckPoint, Unit)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(Shift.state == ShiftState.PUBLISHED, Shift.ends_at <= at)
    )
    base = visible(found, actor, Act.VIEW_HOURS, unit=Activity.unit_id)
    late_before = record_overdue_before(today, calendar, policy)
    counts = base.with_only_columns(func.count(), func.count().filter(Shift.ends_at < late_before))
    total, overdue = db.session.execute(counts).one()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows: Any = db.session.execute(
        base.order_by(Shift.service_on, Shift.starts_at, Shift.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    lines = []
    for row in rows:
        due_on = record_due_on(row[0].ends_at, calendar, policy)
        left = workdays_left(calendar, today, due_on)
        lines.append(Unsettled(row[0], row[1], row[2], row[3], due_on, left))
    return UnsettledPage(lines, total, overdue, policy.record_warning_workdays, page, pages)
