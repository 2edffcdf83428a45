"""How wide an actor may look around a person's unit."""

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, may, scope_of
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.queries.planning.scope import PlanScope


def widest_scope(actor: Actor, unit_id: int) -> PlanScope:
    """Return the city, the unit's district, or the unit, whichever is the widest within reach."""
    if scope_of(actor, Act.VIEW_ROSTERS).everything:
        return PlanScope()
    district_id = db.session.scalar(select(Unit.district_id).where(Unit.id == unit_id))
    if district_id is not None and may(actor, Act.VIEW_ROSTERS, district_id=district_id):
        return PlanScope(district_id=district_id)
    return PlanScope(unit_id=unit_id)
