"""The one row filter (数据范围): what an actor may see, as a WHERE clause.

``visible(select, actor, act, unit=…, district=…, shift=…, volunteer=…)`` takes the columns that name the
owners of a row. An actor who reaches nothing gets no rows; another unit's object is therefore "not found".
"""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, false, or_
from sqlalchemy.orm import InstrumentedAttribute

from volunteer.domain.access import Act, Actor, scope_of

Rows = TypeVar("Rows", bound=Select[Any])
Column = InstrumentedAttribute[Any] | ColumnElement[Any]


def visible(
    statement: Rows,
    actor: Actor,
    act: Act,
    *,
    unit: Column | None = None,
    district: Column | None = None,
    shift: Column | None = None,
    volunteer: Column | None = None,
) -> Rows:
    """Keep the rows that the actor reaches in this act; owners not named give nothing."""
    scope = scope_of(actor, act)
    if scope.everything:
        return statement
    clauses: list[ColumnElement[bool]] = []
    if unit is not None and scope.unit_ids:
        clauses.append(unit.in_(sorted(scope.unit_ids)))
    if district is not None and scope.district_ids:
        clauses.append(district.in_(sorted(scope.district_ids)))
    if shift is not None and scope.shift_ids:
        clauses.append(shift.in_(sorted(scope.shift_ids)))
    if volunteer is not None and scope.volunteer_id is not None:
        clauses.append(volunteer == scope.volunteer_id)
    return statement.where(or_(false(), *clauses))
