"""What needs attention at the desk (待办): who is missing now, where people lack, what waits for an answer."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.law import record_due_on
from volunteer.domain.policy import STANDARD, Policy
from volunteer.domain.terms import (
    ActivityState,
    AssignmentState,
    DraftState,
    ShiftState,
    StampKind,
)
from volunteer.domain.timekeeping import local_date, week_of, workdays_left
from volunteer.models.activities import Activity, Shift
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint, District
from volunteer.models.rosters import Assignment, DraftRoster
from volunteer.queries.calendar import work_calendar
from volunteer.queries.scope import visible
from volunteer.queries.shifts import SEATED, ShiftLine, lines_of, seen_shifts, shift_rows

LIVE = (ShiftState.PLANNED, ShiftState.PUBLISHED)
FIRST = 8
"""Rows of each list on the page; the figures count all."""
SOON = timedelta(hours=48)
"""Seats that are not confirmed within this time before the shift need a call."""


@dataclass(frozen=True, slots=True)
class TodayLine:
    """A shift of today: how many came, and who of those expected did not (names).

    ``stands`` says whether it is ahead, running or over.
    """

    line: ShiftLine
    present: int
    missing: tuple[str, ...]

    stands: str


def _stands(line: ShiftLine, at: datetime) -> str:
    """Where a shift stands at an instant: ahead, running or over."""
    if at < line.starts_at:
        return "ahead"
    return "running" if at < line.ends_at else "over"


@dataclass(frozen=True, slots=True)
class Shortage:
    """Shifts of one week that lack people."""

    monday: date
    shifts: int
    heads: int
    first: tuple[ShiftLine, ...]


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A roster draft that waits to be published."""

    id: int
    week_on: date
    whose: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A day whose shifts are over but not settled, with the date by which the law wants the record."""

    on: date
    due_on: date
    shifts: int
    workdays_left: int
    first_shift_id: int

    @property
    def is_overdue(self) -> bool:
        """Whether the ten working days are over."""
        return self.workdays_left < 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Seats whose people have not answered: all ahead, those within two days, and the nearest shifts."""

    seats: int
    soon: int
    first: tuple[tuple[ShiftLine, int], ...]


def todays_shifts(actor: Actor, *, at: datetime) -> list[TodayLine]:
    """Today's shifts with who has come, those that run first, then those ahead, then those over.

    People count as missing from the start of their shift.
    """
    on = local_date(at)
    statement = seen_shifts(
        shift_rows().where(Shift.service_on == on, Shift.state != ShiftState.CANCELLED), actor
    )
    lines = lines_of(statement.order_by(Shift.starts_at, CheckPoint.name))
    present: dict[int, int] = {}
    missing: dict[int, list[str]] = {}
    for shift_id, name, has_come in _expected_on(actor, on):
        if has_come:
            present[shift_id] = present.get(shift_id, 0) + 1
        else:
            missing.setdefault(shift_id, []).append(name)
    today = [
        TodayLine(
            line,
            present.get(line.id, 0),
            tuple(missing.get(line.id, ())) if line.starts_at <= at else (),
            _stands(line, at),
        )
        for line in lines
    ]
    order = ("running", "ahead", "over")
    return sorted(today, key=lambda entry: (order.index(entry.stands), not entry.missing))


def _expected_on(actor: Actor, on: date) -> list[tuple[int, str, bool]]:
    """Everybody who accepted a seat on a day, with whether a stamp of arrival stands."""
    came = (
        select(CheckIn.assignment_id)
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .where(
            CheckIn.assignment_id == Assignment.id,
            CheckIn.kind == StampKind.IN,
            StampCancellation.stamp_id.is_(None),
        )
        .correlate(Assignment)
        .exists()
    )
    statement: Any = (
        select(Assignment.shift_id, Volunteer.name, came)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(Shift.service_on == on, Assignment.state == AssignmentState.ACCEPTED)
        .order_by(Volunteer.pinyin, Volunteer.name)
    )
    rows = db.session.execute(seen_shifts(statement, actor))
    return [(row[0], row[1], bool(row[2])) for row in rows]


def shortages(actor: Actor, *, at: datetime) -> list[Shortage]:
    """Shifts ahead in this week and the next that lack people, each week with the nearest ones."""
    monday = week_of(local_date(at))
    lacking = (
        Shift.state.in_(LIVE),
        Shift.starts_at > at,
        Shift.service_on < monday + timedelta(days=14),
        _seats(SEATED) < Shift.min_heads,
        Activity.state.in_((ActivityState.DRAFT, ActivityState.PUBLISHED)),
    )
    sums: Any = (
        select(Shift.service_on, func.count(), func.sum(Shift.min_heads - _seats(SEATED)))
        .join(Activity, Activity.id == Shift.activity_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(*lacking)
        .group_by(Shift.service_on)
    )
    days = db.session.execute(seen_shifts(sums, actor)).all()
    return [
        _week(actor, first, [row for row in days if week_of(row[0]) == first], lacking)
        for first in (monday, monday + timedelta(days=7))
    ]


def _week(actor: Actor, first: date, days: list[Any], lacking: tuple[Any, ...]) -> Shortage:
    """One week's sums, with the nearest shifts; key points of a day first."""
    if not days:
        return Shortage(first, 0, 0, ())
    statement = shift_rows().where(
        *lacking, Shift.service_on >= first, Shift.service_on < first + timedelta(days=7)
    )
    order = (Shift.service_on, Shift.priority, Shift.starts_at, Shift.id)
    lines = lines_of(seen_shifts(statement, actor).order_by(*order).limit(FIRST))
    return Shortage(first, sum(d[1] for d in days), int(sum(d[2] for d in days)), tuple(lines))


def _seats(states: tuple[AssignmentState, ...]) -> Any:
    return (
        select(func.count())
        .where(Assignment.shift_id == Shift.id, Assignment.state.in_(states))
        .correlate(Shift)
        .scalar_subquery()
    )


def roster_drafts(actor: Actor) -> list[DraftLine]:
    """Roster drafts that wait, of units and districts within reach; newest first."""
    statement: Any = (
        select(DraftRoster, Unit.name, District.name)
        .outerjoin(Unit, Unit.id == DraftRoster.unit_id)
        .outerjoin(District, District.id == DraftRoster.district_id)
        .where(DraftRoster.state == DraftState.OPEN)
    )
    statement = visible(
        statement,
        actor,
        Act.VIEW_PLANNING,
        unit=DraftRoster.unit_id,
        district=DraftRoster.district_id,
    )
    rows = db.session.execute(statement.order_by(DraftRoster.id.desc()).limit(FIRST))
    return [
        DraftLine(draft.id, draft.week_on, unit or district or "全市", draft.created_at)
        for draft, unit, district in rows
    ]


def activity_drafts(actor: Actor) -> tuple[int, list[tuple[int, str, date]]]:
    """Activities not yet published that the actor may publish: how many, and those that begin first."""
    statement: Any = select(Activity.id, Activity.title, Activity.starts_on).where(
        Activity.state == ActivityState.DRAFT
    )
    statement = visible(statement, actor, Act.MANAGE_ACTIVITIES, unit=Activity.unit_id)
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    rows = db.session.execute(statement.order_by(Activity.starts_on, Activity.id).limit(FIRST))
    return total, [(row[0], row[1], row[2]) for row in rows]


def waiting_seats(actor: Actor, *, at: datetime) -> Waiting:
    """Proposed seats of shifts ahead that nobody has answered."""
    proposed = _seats((AssignmentState.PROPOSED,))
    ahead = (Shift.state.in_(LIVE), Shift.starts_at > at)
    sums: Any = (
        select(func.count(), func.count().filter(Shift.starts_at <= at + SOON))
        .select_from(Assignment)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(Assignment.state == AssignmentState.PROPOSED, *ahead)
    )
    seats, soon = db.session.execute(seen_shifts(sums, actor)).one()
    statement = seen_shifts(shift_rows().where(*ahead, proposed > 0), actor)
    lines = lines_of(statement.order_by(Shift.starts_at).limit(FIRST))
    return Waiting(seats, soon, tuple((line, line.proposed) for line in lines))


def records_due(actor: Actor, *, at: datetime, policy: Policy = STANDARD) -> list[Due]:
    """Days whose published shifts are over and not settled, the most urgent first.

    The facts of service are to be recorded within ten working days after the activity ended:
    《志愿服务记录与证明出具办法（试行）》第十一条.
    """
    statement: Any = (
        select(Shift.service_on, func.count(), func.min(Shift.id), func.max(Shift.ends_at))
        .join(Activity, Activity.id == Shift.activity_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(
            Shift.ends_at <= at,
            or_(
                Shift.state == ShiftState.PUBLISHED,
                (Shift.state == ShiftState.PLANNED) & (_seats((AssignmentState.ACCEPTED,)) > 0),
            ),
        )
        .group_by(Shift.service_on)
    )
    statement = visible(statement, actor, Act.VIEW_HOURS, unit=Activity.unit_id)
    rows = db.session.execute(statement.order_by(Shift.service_on)).all()
    today = local_date(at)
    calendar = work_calendar(years={today.year, *(row[0].year for row in rows)})
    due = []
    for on, count, shift_id, ends_at in rows:
        due_on = record_due_on(ends_at, calendar, policy)
        due.append(Due(on, due_on, count, workdays_left(calendar, today, due_on), shift_id))
    return due
