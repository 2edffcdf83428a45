"""What can be chosen about people (选项): units within reach, communities, other profiles of one name."""

from typing import Any

from sqlalchemy import or_, select

from volunteer.domain.access import Act, Actor
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import Community, District
from volunteer.queries.scope import visible


def units_within(actor: Actor, act: Act) -> list[tuple[int, str]]:
    """Units in use that the actor reaches in this act, the own one first."""
    statement: Any = select(Unit.id, Unit.name).where(Unit.is_active)
    statement = visible(statement, actor, act, unit=Unit.id)
    rows = db.session.execute(statement.order_by(Unit.id != (actor.unit_id or 0), Unit.name))
    return [(row[0], row[1]) for row in rows]


def communities_by_district() -> dict[str, list[tuple[int, str]]]:
    """All communities under the name of their district."""
    rows = db.session.execute(
        select(Community.id, Community.name, District.name)
        .join(District, District.id == Community.district_id)
        .order_by(District.id, Community.name)
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for number, name, district in rows:
        found.setdefault(district, []).append((number, name))
    return found


def look_alikes(actor: Actor, person: Volunteer, *, most: int = 6) -> list[tuple[Volunteer, str]]:
    """Profiles within reach that may be the same person: the same name, or the same phone."""
    clauses = [Volunteer.name == person.name]
    if person.phone_index is not None:
        clauses.append(Volunteer.phone_index == person.phone_index)
    statement: Any = (
        select(Volunteer, Unit.name)
        .join(Unit, Unit.id == Volunteer.unit_id)
        .where(
            or_(*clauses),
            Volunteer.id != person.id,
            Volunteer.merged_into_id.is_(None),
        )
        .order_by(Volunteer.name != person.name, Volunteer.id)
        .limit(most)
    )
    statement = visible(statement, actor, Act.MANAGE_PEOPLE, unit=Volunteer.unit_id)
    return [(row[0], row[1]) for row in db.session.execute(statement)]
