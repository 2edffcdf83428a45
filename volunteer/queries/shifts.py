"""Shifts (班次) as lists and pages show them: where, when, how many are needed and how many are there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.series import Terms
from volunteer.domain.terms import ActivityState, AssignmentState, CancelCause, Nature, ShiftState
from volunteer.models.activities import Activity, ActivityKind, Shift, ShiftQuota, ShiftSkill
from volunteer.models.base import db
from volunteer.models.campaigns import Inspection, KeyPoint
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint, District
from volunteer.models.rosters import Assignment
from volunteer.queries.scope import visible

SEATED = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
"""States of an assignment that hold a seat."""


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """One shift as a list, board or calendar shows it; counts are of people, times are instants."""

    id: int
    activity_id: int
    activity_title: str
    activity_state: ActivityState
    nature: Nature
    kind_id: int
    kind_name: str
    hue: str
    unit_id: int
    unit_name: str
    point_id: int
    point_name: str
    corner: str
    district_id: int
    district_name: str
    starts_at: datetime
    ends_at: datetime
    service_on: date
    state: ShiftState
    min_heads: int
    target_heads: int
    max_heads: int
    priority: int
    is_open: bool
    leader_id: int | None
    leader_name: str | None
    batch_id: int | None
    cancel_cause: CancelCause | None
    version: int
    proposed: int
    accepted: int
    badge: str = ""

    @property
    def seated(self) -> int:
        """Seats taken: proposed and accepted."""
        return self.proposed + self.accepted

    @property
    def short(self) -> int:
        """Heads missing to the least number; 0 for a shift that is called off."""
        return 0 if self.is_off else max(0, self.min_heads - self.seated)

    @property
    def wanted(self) -> int:
        """Heads missing to the wished number."""
        return 0 if self.is_off else max(0, self.target_heads - self.seated)

    @property
    def is_off(self) -> bool:
        """Whether it was called off."""
        return self.state is ShiftState.CANCELLED

    @property
    def place(self) -> str:
        """The point and, where there is one, its corner."""
        return f"{self.point_name}（{self.corner}）" if self.corner else self.point_name


def _counts() -> Any:
    """Seats per shift as a subquery."""
    return (
        select(
            Assignment.shift_id,
            func.sum(case((Assignment.state == AssignmentState.PROPOSED, 1), else_=0)).label(
                "proposed"
            ),
            func.sum(case((Assignment.state == AssignmentState.ACCEPTED, 1), else_=0)).label(
                "accepted"
            ),
        )
        .where(Assignment.state.in_(SEATED))
        .group_by(Assignment.shift_id)
        .subquery()
    )


def shift_rows() -> Any:
    """The select behind every :class:`ShiftLine`; narrow and order it, then give it to ``lines_of``."""
    counts = _counts()
    return (
        select(
            Shift,
            Activity.title,
            Activity.state,
            Activity.nature,
            Activity.kind_id,
            ActivityKind.name,
            ActivityKind.hue,
            Activity.unit_id,
            Unit.name,
            CheckPoint.name,
            CheckPoint.district_id,
            District.name,
            Volunteer.name,
            func.coalesce(counts.c.proposed, 0),
            func.coalesce(counts.c.accepted, 0),
        )
        .join(Activity, Activity.id == Shift.activity_id)
        .join(ActivityKind, ActivityKind.id == Activity.kind_id)
        .join(Unit, Unit.id == Activity.unit_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .join(District, District.id == CheckPoint.district_id)
        .outerjoin(Volunteer, Volunteer.id == Shift.leader_id)
        .outerjoin(counts, counts.c.shift_id == Shift.id)
    )


def seen_shifts(
    statement: Select[Any], actor: Actor, act: Act = Act.VIEW_ACTIVITIES
) -> Select[Any]:
    """Keep the shifts that the actor reaches: of own units, in own districts, led now."""
    return visible(
        statement,
        actor,
        act,
        unit=Activity.unit_id,
        district=CheckPoint.district_id,
        shift=Shift.id,
    )


def lines_of(statement: Select[Any]) -> list[ShiftLine]:
    """Run a select made by ``shift_rows`` and put the badge of an inspection on key points."""
    rows = db.session.execute(statement).all()
    if not rows:
        return []
    days = [row[0].service_on for row in rows]
    badges = inspection_badges(min(days), max(days))
    return [_line(row, badges.get((row[0].point_id, row[0].service_on), "")) for row in rows]


def _line(row: Sequence[Any], badge: str) -> ShiftLine:
    shift = row[0]
    return ShiftLine(
        id=shift.id,
        activity_id=shift.activity_id,
        activity_title=row[1],
        activity_state=row[2],
        nature=row[3],
        kind_id=row[4],
        kind_name=row[5],
        hue=row[6],
        unit_id=row[7],
        unit_name=row[8],
        point_id=shift.point_id,
        point_name=row[9],
        corner=shift.corner,
        district_id=row[10],
        district_name=row[11],
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        service_on=shift.service_on,
        state=shift.state,
        min_heads=shift.min_heads,
        target_heads=shift.target_heads,
        max_heads=shift.max_heads,
        priority=shift.priority,
        is_open=shift.is_open,
        leader_id=shift.leader_id,
        leader_name=row[12],
        batch_id=shift.batch_id,
        cancel_cause=shift.cancel_cause,
        version=shift.version,
        proposed=int(row[13]),
        accepted=int(row[14]),
        badge=badge,
    )


def inspection_badges(first: date, last: date) -> dict[tuple[int, date], str]:
    """The badge (国检、省检、复审) of every key point and day of an inspection in a stretch."""
    rows = db.session.execute(
        select(KeyPoint.point_id, Inspection.badge, Inspection.starts_on, Inspection.ends_on)
        .join(Inspection, Inspection.id == KeyPoint.inspection_id)
        .where(Inspection.starts_on <= last, Inspection.ends_on >= first)
        .order_by(Inspection.id)
    )
    badges: dict[tuple[int, date], str] = {}
    for point_id, badge, starts_on, ends_on in rows:
        on, end = max(starts_on, first), min(ends_on, last)
        while on <= end:
            badges[point_id, on] = badge
            on += timedelta(days=1)
    return badges


def shifts_of_week(
    actor: Actor,
    monday: date,
    *,
    unit_id: int | None = None,
    district_id: int | None = None,
    kind_id: int | None = None,
    days: int = 7,
) -> list[ShiftLine]:
    """The shifts of a week (or of ``days`` days) that the actor may see, by time and point.

    ``unit_id`` is the organizing unit, ``district_id`` that of the point. Called-off shifts are among
    them (``is_off``); those of activities still in draft, too: ``activity_state`` tells.
    """
    statement = shift_rows().where(
        Shift.service_on >= monday, Shift.service_on < monday + timedelta(days=days)
    )
    if unit_id is not None:
        statement = statement.where(Activity.unit_id == unit_id)
    if district_id is not None:
        statement = statement.where(CheckPoint.district_id == district_id)
    if kind_id is not None:
        statement = statement.where(Activity.kind_id == kind_id)
    statement = seen_shifts(statement, actor, Act.VIEW_ROSTERS)
    return lines_of(statement.order_by(Shift.starts_at, CheckPoint.name, Shift.corner, Shift.id))


def line_for(actor: Actor, shift_id: int) -> ShiftLine:
    """One shift that the actor may see.

    Raises Refused ``not_found`` (404), for another unit's shift too.
    """
    statement = seen_shifts(shift_rows().where(Shift.id == shift_id), actor)
    found = lines_of(statement)
    if not found:
        raise no_such_shift()
    return found[0]


def no_such_shift() -> Refused:
    """What is said of a shift that is not there, or is another's."""
    return Refused(
        "not_found", "没有找到这个班次。", "它可能已被删除，请从活动页重新进入。", status=404
    )


def shift_of(shift_id: int) -> Shift:
    """The row of a shift whose line the actor was already allowed to see."""
    shift = db.session.get(Shift, shift_id)
    if shift is None:
        raise no_such_shift()
    return shift


def terms_of(shift: Shift) -> Terms:
    """What a shift asks for, with its skill mix and unit quotas."""
    mix = db.session.execute(
        select(ShiftSkill.skill_id, ShiftSkill.count).where(ShiftSkill.shift_id == shift.id)
    )
    quotas = db.session.execute(
        select(ShiftQuota.unit_id, ShiftQuota.count).where(ShiftQuota.shift_id == shift.id)
    )
    return Terms(
        min_heads=shift.min_heads,
        target_heads=shift.target_heads,
        max_heads=shift.max_heads,
        min_age=shift.min_age,
        max_age=shift.max_age,
        priority=shift.priority,
        is_open=shift.is_open,
        reach_metres=shift.reach_metres,
        leader_id=shift.leader_id,
        breaks=tuple((int(start), int(end)) for start, end in shift.breaks),
        required_skills=tuple(str(code) for code in shift.required_skills),
        skill_mix={skill_id: count for skill_id, count in mix},
        quotas={unit_id: count for unit_id, count in quotas},
    )


def lines_by_id(actor: Actor, shift_ids: Iterable[int]) -> list[ShiftLine]:
    """Several shifts that the actor may see, in order of time; unknown ones are left out."""
    wanted = sorted(set(shift_ids))
    found: list[ShiftLine] = []
    for start in range(0, len(wanted), 500):
        part = shift_rows().where(Shift.id.in_(wanted[start : start + 500]))
        found += lines_of(seen_shifts(part, actor))
    return sorted(found, key=lambda line: (line.starts_at, line.point_name, line.id))


def overlapping(
    *, point_ids: Iterable[int], from_at: datetime, until_at: datetime
) -> list[tuple[int, int, str, datetime, datetime, int, str, ShiftState]]:
    """Shifts at these points in a stretch, of any activity, called-off ones included.

    Each is (id, point, corner, start, end, activity, title, state). For clash warnings only: they are
    not narrowed to the actor's reach, because two units must not be sent to one corner.
    """
    rows = db.session.execute(
        select(
            Shift.id,
            Shift.point_id,
            Shift.corner,
            Shift.starts_at,
            Shift.ends_at,
            Shift.activity_id,
            Activity.title,
            Shift.state,
        )
        .join(Activity, Activity.id == Shift.activity_id)
        .where(
            Shift.point_id.in_(sorted(point_ids)),
            Shift.starts_at < until_at,
            Shift.ends_at > from_at,
        )
        .order_by(Shift.starts_at)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def leader_windows(
    leader_id: int, *, from_at: datetime, until_at: datetime
) -> list[tuple[int, datetime, datetime]]:
    """Where a person already leads or serves in a stretch, as (shift, start, end)."""
    seats = select(Assignment.shift_id).where(
        Assignment.volunteer_id == leader_id, Assignment.state.in_(SEATED)
    )
    rows = db.session.execute(
        select(Shift.id, Shift.starts_at, Shift.ends_at)
        .where(
            or_(Shift.leader_id == leader_id, Shift.id.in_(seats)),
            Shift.state != ShiftState.CANCELLED,
            Shift.starts_at < until_at,
            Shift.ends_at > from_at,
        )
        .order_by(Shift.starts_at)
    )
    return [(row[0], row[1], row[2]) for row in rows]
