"""Shifts as duties (岗次): where, when, how many, whose, and how critical."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.place import LatLon, plane_metres
from volunteer.domain.timekeeping import beijing, minutes_between
from volunteer.models.activities import Activity, JointUnit, Shift, ShiftQuota, ShiftSkill
from volunteer.models.campaigns import Inspection, KeyPoint
from volunteer.models.people import PointContract, Qualification, Skill, Tie, Unit
from volunteer.models.places import CheckPoint, District
from volunteer.queries.planning import names
from volunteer.queries.planning.reading import rows
from volunteer.queries.planning.scope import PlanScope, plannable
from volunteer.scheduling.problem import DAY, Duty, Site

ADULT = 18

Slot = tuple[int, int, int]
"""A kind of service at one time of the week: kind id, start and end minute."""


@dataclass(slots=True)
class Ground:
    """What the shifts of the scope are made of, read once."""

    week_on: date
    shifts: list[Any]  # rows, see read_ground
    centre: LatLon
    tied: dict[int, frozenset[int]] = field(default_factory=dict)
    quotas: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    mixes: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    critical: set[int] = field(default_factory=set)
    joint_units: set[int] = field(default_factory=set)
    skill_days: dict[str, set[int]] = field(default_factory=dict)
    _midnight: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._midnight = beijing(self.week_on)

    def start_of(self, starts_at: datetime) -> int:
        """Return the minutes from Monday's midnight in Beijing."""
        return minutes_between(self._midnight, starts_at)

    def place_of(self, lat: float | None, lon: float | None) -> tuple[int, int]:
        """Return metres from the centre; a point without coordinates stands in the centre."""
        return (0, 0) if lat is None or lon is None else plane_metres(LatLon(lat, lon), self.centre)

    def skill_on(self, code: str, day: int) -> str:
        """Return the skill as a shift of that day asks for it."""
        return names.skill(code, day if day in self.skill_days.get(code, ()) else None)


def read_ground(week_on: date, scope: PlanScope, at: datetime) -> Ground:
    """Read the plannable shifts of the scope with everything that hangs on them."""
    statement = plannable(
        select(
            Shift.id,
            Shift.activity_id,
            Shift.point_id,
            Shift.starts_at,
            Shift.ends_at,
            Shift.service_on,
            Shift.min_heads,
            Shift.target_heads,
            Shift.max_heads,
            Shift.priority,
            Shift.min_age,
            Shift.max_age,
            Shift.required_skills,
            Shift.is_open,
            Shift.reach_metres,
            Activity.unit_id,
            Activity.kind_id,
            Activity.allows_minors,
            CheckPoint.lat,
            CheckPoint.lon,
            CheckPoint.community_id,
        ),
        week_on,
        scope,
        at,
    ).order_by(Shift.id)
    ground = Ground(week_on, list(rows(statement)), _centre())
    ids = [row.id for row in ground.shifts]
    _read_wants(ground, ids)
    _read_ties(ground)
    _read_critical(ground)
    _read_expiring(ground)
    return ground


def _centre() -> LatLon:
    """The middle of the districts: everything near it is flat enough."""
    places = rows(
        select(District.centre_lat, District.centre_lon)
        .where(District.centre_lat.is_not(None), District.centre_lon.is_not(None))
        .order_by(District.id)
    )
    if not places:
        places = rows(
            select(CheckPoint.lat, CheckPoint.lon)
            .where(CheckPoint.lat.is_not(None), CheckPoint.lon.is_not(None))
            .order_by(CheckPoint.id)
        )
    if not places:
        return LatLon(0.0, 0.0)
    count = len(places)
    return LatLon(
        sum(lat or 0.0 for lat, _ in places) / count, sum(lon or 0.0 for _, lon in places) / count
    )


def _read_wants(ground: Ground, ids: list[int]) -> None:
    mixes: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for shift_id, code, count in rows(
        select(ShiftSkill.shift_id, Skill.code, ShiftSkill.count)
        .join(Skill, Skill.id == ShiftSkill.skill_id)
        .where(ShiftSkill.shift_id.in_(ids))
        .order_by(Skill.code)
    ):
        mixes[shift_id].append((code, count))
    quotas: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for shift_id, unit_id, count in rows(
        select(ShiftQuota.shift_id, ShiftQuota.unit_id, ShiftQuota.count)
        .where(ShiftQuota.shift_id.in_(ids))
        .order_by(ShiftQuota.unit_id)
    ):
        quotas[shift_id].append((unit_id, count))
    ground.mixes, ground.quotas = mixes, quotas


def _read_ties(ground: Ground) -> None:
    """Whose people belong on a shift: organizer, joint units, the point's unit, tied units, quotas.

    Ties and contracts hold on their own days; a unit brings all units below it.
    """
    activity_ids = {row.activity_id for row in ground.shifts}
    joint: dict[int, set[int]] = defaultdict(set)
    for activity_id, unit_id in rows(
        select(JointUnit.activity_id, JointUnit.unit_id).where(
            JointUnit.activity_id.in_(activity_ids)
        )
    ):
        joint[activity_id].add(unit_id)
    ground.joint_units = {unit_id for units in joint.values() for unit_id in units}
    contracts = _dated(
        PointContract.point_id, PointContract, {row.point_id for row in ground.shifts}
    )
    ties = _dated(
        Tie.community_id, Tie, {row.community_id for row in ground.shifts if row.community_id}
    )
    family = _families()
    known: dict[frozenset[int], frozenset[int]] = {}
    for row in ground.shifts:
        own = {row.unit_id} | joint[row.activity_id]
        own |= {unit_id for unit_id, _ in ground.quotas.get(row.id, ())}
        for found in (contracts[row.point_id], ties[row.community_id]):
            own |= {u for u, since, until in found if _holds(since, until, row.service_on)}
        roots = frozenset(own)
        if roots not in known:
            known[roots] = frozenset(unit for root in roots for unit in family.get(root, {root}))
        ground.tied[row.id] = known[roots]


def _holds(since: date, until: date | None, on: date) -> bool:
    return since <= on and (until is None or on <= until)


def _dated(column: Any, table: Any, keys: set[int]) -> dict[int | None, list[tuple[Any, ...]]]:
    found: dict[int | None, list[tuple[Any, ...]]] = defaultdict(list)
    for key, unit_id, since, until in rows(
        select(column, table.unit_id, table.since_on, table.until_on).where(column.in_(keys))
    ):
        found[key].append((unit_id, since, until))
    return found


def _families() -> dict[int, set[int]]:
    """Each unit with itself and all units below it."""
    parent = {unit_id: up for unit_id, up in rows(select(Unit.id, Unit.parent_id))}
    family: dict[int, set[int]] = {unit_id: {unit_id} for unit_id in parent}
    for unit_id in parent:
        up, steps = parent[unit_id], 0
        while up is not None and steps < 20:  # a tree; the bound ends a ring made by mistake
            family[up].add(unit_id)
            up, steps = parent.get(up), steps + 1
    return family


def _read_critical(ground: Ground) -> None:
    """Shifts at key points (迎检点位) on the days of an inspection are critical."""
    if not ground.shifts:
        return
    windows = rows(
        select(KeyPoint.point_id, Inspection.starts_on, Inspection.ends_on)
        .join(Inspection, Inspection.id == KeyPoint.inspection_id)
        .where(
            Inspection.ends_on >= min(row.service_on for row in ground.shifts),
            Inspection.starts_on <= max(row.service_on for row in ground.shifts),
        )
    )
    days: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for point_id, first, last in windows:
        days[point_id].append((first, last))
    ground.critical = {
        row.id
        for row in ground.shifts
        if any(first <= row.service_on <= last for first, last in days.get(row.point_id, ()))
    }


def _read_expiring(ground: Ground) -> None:
    """Days on which a skill must be asked for by day: those after somebody's expires in the week."""
    if not ground.shifts:
        return
    last = max(row.service_on for row in ground.shifts)
    found = rows(
        select(Skill.code, Qualification.expires_on)
        .join(Skill, Skill.id == Qualification.skill_id)
        .where(Qualification.expires_on.between(ground.week_on, last))
        .distinct()
    )
    days = sorted({(row.service_on - ground.week_on).days for row in ground.shifts})
    for code, expires_on in found:
        assert expires_on is not None, "a date between two dates"
        edge = (expires_on - ground.week_on).days
        ground.skill_days.setdefault(code, set()).update(day for day in days if day > edge)


def sites_of(ground: Ground) -> tuple[Site, ...]:
    """Return the points of the shifts on the plane."""
    seen = {row.point_id: ground.place_of(row.lat, row.lon) for row in ground.shifts}
    return tuple(Site(names.site(point_id), *seen[point_id]) for point_id in sorted(seen))


def duties_of(ground: Ground, slots: set[Slot], peopled: set[int]) -> tuple[Duty, ...]:
    """Return the shifts as duties; those of ``slots`` are an activity of their own.

    ``peopled`` are the units that have people in the problem: only they are named as tied.
    """
    short: dict[frozenset[int], frozenset[str]] = {}
    for tied in ground.tied.values():
        if tied not in short:
            short[tied] = frozenset(names.unit(unit) for unit in tied & peopled)
    return tuple(_duty(ground, row, slots, short[ground.tied[row.id]]) for row in ground.shifts)


def _duty(ground: Ground, row: Any, slots: set[Slot], tied: frozenset[str]) -> Duty:
    start = ground.start_of(row.starts_at)
    end = ground.start_of(row.ends_at)
    day = start // DAY
    slot = (start, end) if (row.kind_id, start, end) in slots else None
    return Duty(
        id=names.duty(row.id),
        activity=names.activity(row.kind_id, slot),
        site=names.site(row.point_id),
        start=start,
        end=end,
        priority=1 if row.id in ground.critical else row.priority,
        min=row.min_heads,
        target=row.target_heads,
        max=row.max_heads,
        min_age=row.min_age if row.allows_minors else max(row.min_age, ADULT),
        max_age=row.max_age,
        requires=frozenset(ground.skill_on(code, day) for code in row.required_skills),
        at_least=tuple((ground.skill_on(c, day), n) for c, n in ground.mixes.get(row.id, ())),
        tied=tied,
        quotas=tuple((names.unit(u), n) for u, n in ground.quotas.get(row.id, ())),
        open=row.is_open,
        reach=row.reach_metres,
    )
