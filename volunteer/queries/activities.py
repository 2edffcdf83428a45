"""Activities (活动): lists, one with its facts, what is proposed for a new one, what cancelling would do."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ActivityState, ShiftState
from volunteer.models.activities import Activity, ActivityKind, JointUnit, Shift, ShiftBatch
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Account, Unit
from volunteer.models.rosters import Assignment
from volunteer.queries.scope import visible
from volunteer.queries.shifts import SEATED, ShiftLine, lines_of, shift_rows

PER_PAGE = 25
ORDERS = {
    "starts": (Activity.starts_on, Activity.id),
    "-starts": (Activity.starts_on.desc(), Activity.id.desc()),
    "title": (Activity.title, Activity.id),
    "-title": (Activity.title.desc(), Activity.id),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a list of activities is narrowed; ``from_on`` and ``until_on`` keep those that touch the stretch."""

    words: str = ""
    state: ActivityState | None = None
    kind_id: int | None = None
    unit_id: int | None = None
    from_on: date | None = None
    until_on: date | None = None
    order: str = "-starts"

    @property
    def is_narrow(self) -> bool:
        """Whether anything is narrowed at all."""
        return any(
            (self.words, self.state, self.kind_id, self.unit_id, self.from_on, self.until_on)
        )


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One activity as a list shows it, with its shifts in figures; ``seats`` are heads wanted."""

    id: int
    title: str
    state: ActivityState
    nature: Any
    kind_name: str
    hue: str
    unit_name: str
    starts_on: date
    ends_on: date
    shifts: int
    upcoming: int
    short: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    rows: list[ActivityLine]
    page: int
    pages: int
    total: int


def seen_activities(statement: Any, actor: Actor, act: Act = Act.VIEW_ACTIVITIES) -> Any:
    """Keep the activities that the actor reaches: of own units, and those the own units join."""
    own = visible(select(Activity.id), actor, act, unit=Activity.unit_id)
    joined = visible(select(JointUnit.activity_id), actor, act, unit=JointUnit.unit_id)
    return statement.where(or_(Activity.id.in_(own), Activity.id.in_(joined)))


def _shift_counts(at: datetime) -> Any:
    seats = (
        select(Assignment.shift_id, func.count().label("seated"))
        .where(Assignment.state.in_(SEATED))
        .group_by(Assignment.shift_id)
        .subquery()
    )
    live = Shift.state != ShiftState.CANCELLED
    ahead = live & (Shift.starts_at > at)
    lacking = ahead & (func.coalesce(seats.c.seated, 0) < Shift.min_heads)
    return (
        select(
            Shift.activity_id,
            func.count().filter(live).label("shifts"),
            func.count().filter(ahead).label("upcoming"),
            func.count().filter(lacking).label("short"),
        )
        .outerjoin(seats, seats.c.shift_id == Shift.id)
        .group_by(Shift.activity_id)
    )


def activities_page(actor: Actor, wanted: Wanted, *, page: int, at: datetime) -> Page:
    """One page of the activities that the actor may see, with shifts counted for that page only."""
    base = seen_activities(select(Activity.id), actor)
    for clause in _clauses(wanted):
        base = base.where(clause)
    total = db.session.scalar(select(func.count()).select_from(base.subquery())) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, page), pages)
    order = ORDERS.get(wanted.order, ORDERS["-starts"])
    ids = list(
        db.session.scalars(base.order_by(*order).limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    )
    counts = _shift_counts(at).where(Shift.activity_id.in_(ids)).subquery()
    rows = db.session.execute(
        select(
            Activity,
            ActivityKind.name,
            ActivityKind.hue,
            Unit.name,
            func.coalesce(counts.c.shifts, 0),
            func.coalesce(counts.c.upcoming, 0),
            func.coalesce(counts.c.short, 0),
        )
        .join(ActivityKind, ActivityKind.id == Activity.kind_id)
        .join(Unit, Unit.id == Activity.unit_id)
        .outerjoin(counts, counts.c.activity_id == Activity.id)
        .where(Activity.id.in_(ids))
        .order_by(*order)
    )
    return Page([_line(row) for row in rows], page, pages, total)


def _line(row: Any) -> ActivityLine:
    a = row[0]
    return ActivityLine(
        id=a.id,
        title=a.title,
        state=a.state,
        nature=a.nature,
        kind_name=row[1],
        hue=row[2],
        unit_name=row[3],
        starts_on=a.starts_on,
        ends_on=a.ends_on,
        shifts=row[4],
        upcoming=row[5],
        short=row[6],
    )


def _clauses(wanted: Wanted) -> list[Any]:
    clauses: list[Any] = []
    if wanted.words:
        plain = wanted.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        clauses.append(
            or_(
                Activity.title.like(f"%{plain}%", escape="\\"),
                Activity.pinyin.like(f"%{plain.lower()}%", escape="\\"),
            )
        )
    if wanted.state is not None:
        clauses.append(Activity.state == wanted.state)
    if wanted.kind_id is not None:
        clauses.append(Activity.kind_id == wanted.kind_id)
    if wanted.unit_id is not None:
        clauses.append(Activity.unit_id == wanted.unit_id)
    if wanted.from_on is not None:
        clauses.append(Activity.ends_on >= wanted.from_on)
    if wanted.until_on is not None:
        clauses.append(Activity.starts_on <= wanted.until_on)
    return clauses


def activity_for(actor: Actor, activity_id: int, act: Act = Act.VIEW_ACTIVITIES) -> Activity:
    """One activity that the actor may see.

    Raises Refused ``not_found`` (404), for another unit's activity too.
    """
    statement = seen_activities(select(Activity).where(Activity.id == activity_id), actor, act)
    found: Activity | None = db.session.scalar(statement)
    if found is None:
        raise Refused("not_found", "没有找到这个活动。", "请从活动列表重新进入。", status=404)
    return found


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """One activity with the names of what it points at."""

    activity: Activity
    kind: ActivityKind
    unit_name: str
    joint_units: list[tuple[int, str]]


def facts_for(actor: Actor, activity_id: int) -> ActivityFacts:
    """One activity with its kind, unit and joint units.

    Raises Refused ``not_found`` (404).
    """
    activity = activity_for(actor, activity_id)
    kind = db.session.get_one(ActivityKind, activity.kind_id)
    name = db.session.scalar(select(Unit.name).where(Unit.id == activity.unit_id))
    return ActivityFacts(activity, kind, name or "", joint_units_of(activity_id))


def joint_units_of(activity_id: int) -> list[tuple[int, str]]:
    """Units that take part in an activity of another."""
    rows = db.session.execute(
        select(Unit.id, Unit.name)
        .join(JointUnit, JointUnit.unit_id == Unit.id)
        .where(JointUnit.activity_id == activity_id)
        .order_by(Unit.name)
    )
    return [(row[0], row[1]) for row in rows]


def shifts_of_activity(
    activity_id: int, *, first: date | None = None, days: int = 14
) -> list[ShiftLine]:
    """Shifts of an activity that the actor was allowed to see, ``days`` days from ``first`` on."""
    statement = shift_rows().where(Shift.activity_id == activity_id)
    if first is not None:
        until = date.fromordinal(first.toordinal() + days)
        statement = statement.where(Shift.service_on >= first, Shift.service_on < until)
    return lines_of(statement.order_by(Shift.starts_at, Shift.point_id, Shift.corner))


@dataclass(frozen=True, slots=True)
class WeekOfShifts:
    """How many shifts of an activity fall into one week, and how many lack people."""

    monday: date
    shifts: int
    short: int


def weeks_of_activity(activity_id: int, *, at: datetime) -> list[WeekOfShifts]:
    """Weeks of an activity that have shifts, in order; only shifts ahead can lack people."""
    seated = (
        select(func.count())
        .where(Assignment.shift_id == Shift.id, Assignment.state.in_(SEATED))
        .correlate(Shift)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Shift.service_on,
            func.count(),
            func.count().filter(
                Shift.state.in_((ShiftState.PLANNED, ShiftState.PUBLISHED)),
                Shift.starts_at > at,
                seated < Shift.min_heads,
            ),
        )
        .where(Shift.activity_id == activity_id)
        .group_by(Shift.service_on)
    )
    weeks: dict[date, list[int]] = {}
    for on, count, short in rows:
        monday = date.fromordinal(on.toordinal() - on.weekday())
        week = weeks.setdefault(monday, [0, 0])
        week[0] += count
        week[1] += short
    return [WeekOfShifts(monday, *weeks[monday]) for monday in sorted(weeks)]


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One act of making shifts in bulk, as the activity page tells it."""

    id: int
    created_at: datetime
    by: str
    wanted: dict[str, Any]
    undone_at: datetime | None
    left: int
    free: int


def batches_of(activity_id: int) -> list[BatchLine]:
    """The batches of an activity, newest first; ``free`` shifts could still be taken back."""
    touched = select(Assignment.id).where(Assignment.shift_id == Shift.id).correlate(Shift)
    is_free = (Shift.state == ShiftState.PLANNED) & ~touched.exists()
    counts = (
        select(
            Shift.batch_id,
            func.count().label("left"),
            func.count().filter(is_free).label("free"),
        )
        .where(Shift.activity_id == activity_id)
        .group_by(Shift.batch_id)
        .subquery()
    )
    rows = db.session.execute(
        select(
            ShiftBatch,
            func.coalesce(Account.name, ""),
            func.coalesce(counts.c.left, 0),
            func.coalesce(counts.c.free, 0),
        )
        .outerjoin(Account, Account.id == ShiftBatch.created_by_id)
        .outerjoin(counts, counts.c.batch_id == ShiftBatch.id)
        .where(ShiftBatch.activity_id == activity_id)
        .order_by(ShiftBatch.id.desc())
    )
    return [
        BatchLine(b.id, b.created_at, by, b.wanted, b.undone_at, left, free)
        for b, by, left, free in rows
    ]


def last_batch_of(activity_id: int) -> dict[str, Any] | None:
    """What the newest batch of an activity wanted, if it was kept in full (series and terms)."""
    wanted = db.session.scalar(
        select(ShiftBatch.wanted)
        .where(ShiftBatch.activity_id == activity_id)
        .order_by(ShiftBatch.id.desc())
        .limit(1)
    )
    return wanted if wanted and "series" in wanted and "terms" in wanted else None


def history_of(subject: str, subject_id: int, *, most: int = 50) -> list[AuditEntry]:
    """Audit lines of one thing, newest first."""
    return list(
        db.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.subject == subject, AuditEntry.subject_id == subject_id)
            .order_by(AuditEntry.id.desc())
            .limit(most)
        )
    )


def last_like(kind_id: int, unit_id: int) -> Activity | None:
    """The unit's newest activity of a kind, from which a new one takes its texts."""
    return db.session.scalar(
        select(Activity)
        .where(Activity.kind_id == kind_id, Activity.unit_id == unit_id)
        .order_by(Activity.id.desc())
        .limit(1)
    )


def unit_of(unit_id: int) -> Unit | None:
    """A unit, for its contact."""
    return db.session.get(Unit, unit_id)
