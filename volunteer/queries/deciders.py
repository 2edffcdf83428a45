"""Who answers objections and make-up requests (办理人): by level, for one unit, and who is told."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select

from volunteer.domain.access import Act, Actor, may, scope_of
from volunteer.domain.terms import Role, TicketLevel
from volunteer.domain.timekeeping import WorkCalendar
from volunteer.models.base import db
from volunteer.models.people import Account, RoleGrant, Unit
from volunteer.queries.calendar import work_calendar


@dataclass(frozen=True, slots=True)
class Decider:
    """A login that may answer at a level."""

    account_id: int
    volunteer_id: int | None
    name: str


def calendar_around(on: date) -> WorkCalendar:
    """The working days of the year before, this one and the next."""
    return work_calendar(years=[on.year - 1, on.year, on.year + 1])


def deciders(level: TicketLevel, unit: Unit) -> list[Decider]:
    """The enabled logins that answer for a unit at a level, whoever they are."""
    statement: Any = (
        select(Account.id, Account.volunteer_id, Account.name)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.revoked_at.is_(None), Account.is_disabled.is_(False), _holds(level, unit))
        .distinct()
        .order_by(Account.id)
    )
    return [Decider(*row) for row in db.session.execute(statement)]


def _holds(level: TicketLevel, unit: Unit) -> Any:
    if level is TicketLevel.UNIT:
        return and_(RoleGrant.role == Role.ORGANIZER, RoleGrant.unit_id.in_(_upwards(unit)))
    if level is TicketLevel.DISTRICT:
        return and_(
            RoleGrant.role == Role.DISTRICT_ADMIN, RoleGrant.district_id == unit.district_id
        )
    return or_(RoleGrant.role == Role.CITY_ADMIN)


def _upwards(unit: Unit) -> list[int]:
    """The unit and those above it."""
    found, parent = [unit.id], unit.parent_id
    while parent is not None and parent not in found:
        found.append(parent)
        parent = db.session.scalar(select(Unit.parent_id).where(Unit.id == parent))
    return found


def first_level(unit: Unit, *, volunteer_id: int) -> TicketLevel:
    """Who can answer first: the unit, unless nobody there but the person could."""
    for level in (TicketLevel.UNIT, TicketLevel.DISTRICT):
        if level is TicketLevel.DISTRICT and unit.district_id is None:
            continue
        if any(one.volunteer_id != volunteer_id for one in deciders(level, unit)):
            return level
    return TicketLevel.CITY


def may_answer(actor: Actor, level: TicketLevel, unit_id: int, district_id: int | None) -> bool:
    """Whether the actor may answer for a unit at a level; who stands higher may answer below."""
    scope = scope_of(actor, Act.DECIDE_TICKETS)
    if level is TicketLevel.CITY:
        return scope.everything
    if level is TicketLevel.DISTRICT:
        return scope.everything or (district_id is not None and district_id in scope.district_ids)
    return may(actor, Act.DECIDE_TICKETS, unit_id=unit_id, district_id=district_id)
