"""The scope (范围) of planning: the whole city, one district, or one unit with those below it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from volunteer.domain.terms import ActivityState, ShiftState
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.models.places import CheckPoint, District
from volunteer.queries.accounts import units_below

OPEN_STATES = (ShiftState.PLANNED, ShiftState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class PlanScope:
    """Whose shifts are planned: of a unit and those below it, of a district, or (neither) of the city."""

    unit_id: int | None = None
    district_id: int | None = None

    @property
    def key(self) -> str:
        """The scope as one word, for names and forms: ``city``, ``district:3``, ``unit:12``."""
        if self.unit_id is not None:
            return f"unit:{self.unit_id}"
        return "city" if self.district_id is None else f"district:{self.district_id}"

    @classmethod
    def of_key(cls, key: str) -> "PlanScope":
        """Read a scope back; ValueError for anything else."""
        kind, _, number = key.partition(":")
        if kind == "city" and not number:
            return cls()
        if kind == "unit":
            return cls(unit_id=int(number))
        if kind == "district":
            return cls(district_id=int(number))
        raise ValueError(f"not a scope: {key!r}")


def within(scope: PlanScope) -> list[ColumnElement[bool]]:
    """Return what holds a shift inside the scope; the select joins Activity and CheckPoint."""
    if scope.unit_id is not None:
        return [Activity.unit_id.in_(sorted(units_below({scope.unit_id})))]
    if scope.district_id is not None:
        return [CheckPoint.district_id == scope.district_id]
    return []


def plannable(statement: Any, week_on: date, scope: PlanScope, at: datetime) -> Any:
    """Keep the shifts that a plan may fill: of the week and scope, published activities, still ahead.

    Cancelled and settled shifts are left out, and those that have begun. ``statement`` selects from
    Shift; the joins are added here.
    """
    return (
        statement.join(Activity, Activity.id == Shift.activity_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(
            Shift.service_on.between(week_on, week_on + timedelta(days=6)),
            Shift.state.in_(OPEN_STATES),
            Activity.state == ActivityState.PUBLISHED,
            Shift.starts_at > at,
            *within(scope),
        )
    )


def share_shifts(week_on: date, one: PlanScope, other: PlanScope) -> bool:
    """Whether two scopes hold the same shift of the week, or would if one is inside the other."""
    if one == other or PlanScope() in (one, other):
        return True
    statement = (
        select(Shift.id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(
            Shift.service_on.between(week_on, week_on + timedelta(days=6)),
            *within(one),
            *within(other),
        )
        .limit(1)
    )
    return db.session.scalar(statement) is not None


def scope_name(scope: PlanScope) -> str:
    """Return the scope in words for a person: the unit, the district, or 全市."""
    if scope.unit_id is not None:
        return db.session.scalar(select(Unit.name).where(Unit.id == scope.unit_id)) or ""
    if scope.district_id is not None:
        return (
            db.session.scalar(select(District.name).where(District.id == scope.district_id)) or ""
        )
    return "全市"
