"""Campaigns and inspections (创建周期、检查): which points are critical when, and what that does to shifts.

What inspections there are is known to every desk: each must be ready. What lies behind a shift is shown
only within reach.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from volunteer.domain.access import Act, Actor, may, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import PointKind, ShiftState
from volunteer.domain.timekeeping import minutes_between, week_of
from volunteer.models.activities import Activity, Shift, ShiftBatch
from volunteer.models.base import db
from volunteer.models.campaigns import Campaign, Inspection, KeyPoint
from volunteer.models.places import CheckPoint, District
from volunteer.queries.scope import visible
from volunteer.queries.shifts import ShiftLine, lines_of, shift_rows

OPEN = (ShiftState.PLANNED, ShiftState.PUBLISHED)
MOST_TO_BOLSTER = 300


@dataclass(frozen=True, slots=True)
class InspectionLine:
    """One inspection; ``state`` is coming, now or over."""

    inspection: Inspection
    campaign_name: str
    district_name: str
    points: int
    state: str


def state_of(inspection: Inspection, on: date) -> str:
    """Whether an inspection is coming, going on now, or over."""
    if inspection.closed_at is not None or inspection.ends_on < on:
        return "over"
    return "now" if inspection.starts_on <= on else "coming"


def campaigns_listed(*, on: date) -> list[tuple[Campaign, list[InspectionLine]]]:
    """The campaigns, newest first, each with its inspections."""
    counts = (
        select(func.count())
        .select_from(KeyPoint)
        .where(KeyPoint.inspection_id == Inspection.id)
        .correlate(Inspection)
        .scalar_subquery()
    )
    lines: dict[int, list[InspectionLine]] = defaultdict(list)
    for inspection, name, district, points in db.session.execute(
        select(Inspection, Campaign.name, District.name, counts)
        .join(Campaign, Campaign.id == Inspection.campaign_id)
        .outerjoin(District, District.id == Inspection.district_id)
        .order_by(Inspection.starts_on.desc())
    ):
        lines[inspection.campaign_id].append(
            InspectionLine(inspection, name, district or "", int(points), state_of(inspection, on))
        )
    found = db.session.scalars(select(Campaign).order_by(Campaign.starts_on.desc())).all()
    return [(campaign, lines[campaign.id]) for campaign in found]


def campaign_for(campaign_id: int) -> Campaign:
    """One campaign.

    Raises Refused ``not_found`` (404).
    """
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None:
        raise Refused("not_found", "没有找到这个创建周期。", "请从列表重新进入。", status=404)
    return campaign


def inspection_for(inspection_id: int) -> Inspection:
    """One inspection.

    Raises Refused ``not_found`` (404).
    """
    inspection = db.session.get(Inspection, inspection_id)
    if inspection is None:
        raise Refused("not_found", "没有找到这次检查。", "请从列表重新进入。", status=404)
    return inspection


def may_run(actor: Actor, inspection: Inspection) -> bool:
    """Whether the actor runs this inspection: the city office any, a district office its own."""
    if inspection.district_id is None:
        return scope_of(actor, Act.MANAGE_CAMPAIGNS).everything
    return may(actor, Act.MANAGE_CAMPAIGNS, district_id=inspection.district_id)


@dataclass(frozen=True, slots=True)
class WeekEffect:
    """What an inspection does to one week: shifts at key points on its days, and how they stand."""

    monday: date
    shifts: int
    short: int
    missing: int


@dataclass(frozen=True, slots=True)
class InspectionSheet:
    """All that the page of an inspection shows; ``weeks`` and ``idle`` are about the whole city."""

    line: InspectionLine
    points: tuple[tuple[CheckPoint, str, int], ...]
    weeks: tuple[WeekEffect, ...]
    idle: int
    may_run: bool

    @property
    def shifts(self) -> int:
        """How many shifts are critical in all."""
        return sum(week.shifts for week in self.weeks)

    @property
    def missing(self) -> int:
        """Heads that critical shifts lack to their least number."""
        return sum(week.missing for week in self.weeks)


def inspection_sheet(actor: Actor, inspection_id: int, *, on: date) -> InspectionSheet:
    """An inspection with its points (each with its shifts on the days) and its effect week by week.

    ``idle`` are key points without any shift on these days.

    Raises Refused ``not_found`` (404).
    """
    inspection = inspection_for(inspection_id)
    names = db.session.execute(
        select(Campaign.name, District.name)
        .select_from(Inspection)
        .join(Campaign, Campaign.id == Inspection.campaign_id)
        .outerjoin(District, District.id == Inspection.district_id)
        .where(Inspection.id == inspection_id)
    ).one()
    rows = db.session.execute(
        select(CheckPoint, District.name)
        .join(KeyPoint, KeyPoint.point_id == CheckPoint.id)
        .join(District, District.id == CheckPoint.district_id)
        .where(KeyPoint.inspection_id == inspection_id)
        .order_by(CheckPoint.district_id, CheckPoint.kind, CheckPoint.name)
    ).all()
    lines = _on_days(
        [point.id for point, _name in rows], first=inspection.starts_on, last=inspection.ends_on
    )
    by_point: dict[int, int] = defaultdict(int)
    for line in lines:
        by_point[line.point_id] += 1
    return InspectionSheet(
        line=InspectionLine(
            inspection, names[0], names[1] or "", len(rows), state_of(inspection, on)
        ),
        points=tuple((point, name, by_point[point.id]) for point, name in rows),
        weeks=_weeks(lines),
        idle=sum(not by_point[point.id] for point, _name in rows),
        may_run=may_run(actor, inspection),
    )


def _on_days(point_ids: Iterable[int], *, first: date, last: date) -> list[ShiftLine]:
    """The open shifts at these points between two days, of the whole city."""
    wanted, found = sorted(set(point_ids)), []
    for start in range(0, len(wanted), 500):
        found += lines_of(
            shift_rows()
            .where(
                Shift.point_id.in_(wanted[start : start + 500]),
                Shift.service_on.between(first, last),
                Shift.state.in_(OPEN),
            )
            .order_by(Shift.starts_at)
        )
    return found


def _weeks(lines: Iterable[ShiftLine]) -> tuple[WeekEffect, ...]:
    weeks: dict[date, list[ShiftLine]] = defaultdict(list)
    for line in lines:
        weeks[week_of(line.service_on)].append(line)
    return tuple(
        WeekEffect(
            monday,
            len(found),
            sum(line.short > 0 for line in found),
            sum(line.short for line in found),
        )
        for monday, found in sorted(weeks.items())
    )


@dataclass(frozen=True, slots=True)
class Adding:
    """What adding points would do: the new points, and the shifts that become critical by week."""

    point_ids: tuple[int, ...]
    kinds: tuple[tuple[PointKind, int], ...]
    weeks: tuple[WeekEffect, ...]


def points_to_add(
    inspection: Inspection,
    *,
    kinds: Iterable[PointKind],
    district_id: int | None = None,
    priority: int | None = None,
    point_ids: Iterable[int] = (),
) -> Adding:
    """The points in use that fit (of these kinds, or named) and are not key points yet, with the effect."""
    wanted = list(kinds)
    statement = select(CheckPoint.id, CheckPoint.kind).where(
        CheckPoint.retired_on.is_(None),
        or_(CheckPoint.kind.in_(wanted), CheckPoint.id.in_(sorted(set(point_ids)))),
        CheckPoint.id.not_in(
            select(KeyPoint.point_id).where(KeyPoint.inspection_id == inspection.id)
        ),
    )
    for column, value in (
        (CheckPoint.district_id, district_id),
        (CheckPoint.district_id, inspection.district_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if priority is not None:
        statement = statement.where(CheckPoint.priority <= priority)
    rows = db.session.execute(statement.order_by(CheckPoint.id)).all()
    counts: dict[PointKind, int] = defaultdict(int)
    for _point_id, kind in rows:
        counts[kind] += 1
    ids = tuple(row[0] for row in rows)
    lines = _on_days(ids, first=inspection.starts_on, last=inspection.ends_on)
    return Adding(ids, tuple(counts.items()), _weeks(lines))


def raised_by_batch(
    inspection_id: int, point_ids: Iterable[int] | None, *, first: date, last: date
) -> list[tuple[Shift, int]]:
    """Open shifts that were made critical when they were created, with the priority they were made with.

    Left out are those that another inspection of that day still makes critical.
    """
    other = (
        select(KeyPoint.point_id)
        .join(Inspection, Inspection.id == KeyPoint.inspection_id)
        .where(
            KeyPoint.point_id == Shift.point_id,
            Inspection.id != inspection_id,
            Inspection.starts_on <= Shift.service_on,
            Inspection.ends_on >= Shift.service_on,
        )
        .exists()
    )
    statement = (
        select(Shift, ShiftBatch.wanted)
        .join(ShiftBatch, ShiftBatch.id == Shift.batch_id)
        .join(
            KeyPoint,
            (KeyPoint.point_id == Shift.point_id) & (KeyPoint.inspection_id == inspection_id),
        )
        .where(
            Shift.priority == 1,
            Shift.service_on.between(first, last),
            Shift.state.in_(OPEN),
            ~other,
        )
    )
    if point_ids is not None:
        statement = statement.where(Shift.point_id.in_(sorted(set(point_ids))))
    found = []
    for shift, wanted in db.session.execute(statement):
        before = int(wanted.get("terms", {}).get("priority", 1))
        if before != 1:
            found.append((shift, before))
    return found


@dataclass(frozen=True, slots=True)
class Bolster:
    """The inspection mode (迎检模式): how shifts at key points are strengthened; minutes are ints."""

    least_heads: int = 4
    reserves: int = 1
    earlier_minutes: int = 0
    later_minutes: int = 0
    wants_leader: bool = True

    def heads(self, line: ShiftLine) -> tuple[int, int, int]:
        """Least, wished and most heads of a shift afterwards."""
        least = max(line.min_heads, self.least_heads)
        wished = max(line.target_heads, least)
        return least, wished, max(line.max_heads, wished + self.reserves)

    def window(self, line: ShiftLine) -> tuple[datetime, datetime]:
        """Start and end of a shift afterwards."""
        return (
            line.starts_at - timedelta(minutes=self.earlier_minutes),
            line.ends_at + timedelta(minutes=self.later_minutes),
        )


@dataclass(frozen=True, slots=True)
class BolsterLine:
    """One shift before and after; ``asks_anew`` says that people must confirm again."""

    line: ShiftLine
    heads: tuple[int, int, int]
    starts_at: datetime
    ends_at: datetime
    asks_anew: bool
    changes: bool
    lacks_leader: bool


@dataclass(frozen=True, slots=True)
class BolsterPreview:
    """What the inspection mode would do, before it is done."""

    rows: tuple[BolsterLine, ...]
    cut_off: int

    @property
    def changing(self) -> tuple[BolsterLine, ...]:
        """The shifts that would change."""
        return tuple(row for row in self.rows if row.changes)

    @property
    def told(self) -> int:
        """Seats whose people hear of a new time."""
        return sum(row.line.seated for row in self.rows if row.starts_at != row.line.starts_at
                   or row.ends_at != row.line.ends_at)  # fmt: skip

    @property
    def asked_anew(self) -> int:
        """Accepted seats that must be confirmed again."""
        return sum(row.line.accepted for row in self.rows if row.asks_anew)

    @property
    def more_heads(self) -> int:
        """Heads that are needed beyond those seated."""
        return sum(max(0, row.heads[0] - row.line.seated) for row in self.changing)

    @property
    def without_leader(self) -> int:
        """Shifts without a leader."""
        return sum(row.lacks_leader for row in self.rows)


def bolster_preview(
    actor: Actor, inspection: Inspection, wanted: Bolster, *, at: datetime
) -> BolsterPreview:
    """What the inspection mode would do to the shifts at key points that the actor manages."""
    statement: Any = (
        shift_rows()
        .join(KeyPoint, KeyPoint.point_id == Shift.point_id)
        .where(
            KeyPoint.inspection_id == inspection.id,
            Shift.service_on.between(inspection.starts_on, inspection.ends_on),
            Shift.state.in_(OPEN),
            Shift.starts_at > at + timedelta(minutes=wanted.earlier_minutes),
        )
        .order_by(Shift.starts_at, CheckPoint.name, Shift.id)
    )
    statement = visible(statement, actor, Act.MANAGE_SHIFTS, unit=Activity.unit_id)
    lines = lines_of(statement.limit(MOST_TO_BOLSTER + 1))
    total = len(lines)
    if total > MOST_TO_BOLSTER:
        count = statement.with_only_columns(func.count(Shift.id)).order_by(None)
        total = db.session.scalar(count) or total
    rows = tuple(_bolstered(line, wanted) for line in lines[:MOST_TO_BOLSTER])
    return BolsterPreview(rows, total - len(rows))


def _bolstered(line: ShiftLine, wanted: Bolster) -> BolsterLine:
    heads, (start, end) = wanted.heads(line), wanted.window(line)
    moved = max(
        abs(minutes_between(line.starts_at, start)), abs(minutes_between(line.ends_at, end))
    )
    was = (line.min_heads, line.target_heads, line.max_heads)
    return BolsterLine(
        line=line,
        heads=heads,
        starts_at=start,
        ends_at=end,
        asks_anew=moved > 15,
        changes=heads != was or moved > 0,
        lacks_leader=wanted.wants_leader and line.leader_id is None,
    )
