"""What can be planned (排班范围): scopes within reach, and what a run over one would find."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from volunteer.domain.access import Act, Actor, scope_of
from volunteer.domain.timekeeping import week_of
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.people import Availability, Unit, Volunteer
from volunteer.models.places import District
from volunteer.queries.planning.bridge import units_in_reach
from volunteer.queries.planning.duties import read_ground
from volunteer.queries.planning.persons import askable
from volunteer.queries.planning.scope import PlanScope, plannable
from volunteer.queries.planning.seats import seated_in
from volunteer.queries.scope import visible

WEEKS_AHEAD = 6


def scopes_to_choose(actor: Actor, act: Act = Act.PLAN) -> list[tuple[str, str]]:
    """Return the scopes that the actor may plan, the widest first, as (key, words)."""
    reach = scope_of(actor, act)
    found: list[tuple[str, str]] = []
    if reach.everything:
        found.append((PlanScope().key, "全市"))
    districts = select(District.id, District.name).order_by(District.id)
    if not reach.everything:
        districts = districts.where(District.id.in_(sorted(reach.district_ids)))
    found += [(PlanScope(district_id=row[0]).key, row[1]) for row in db.session.execute(districts)]
    own = sorted({grant.unit_id for grant in actor.grants if grant.unit_id is not None})
    organizing = select(Activity.unit_id).distinct()
    units = visible(
        select(Unit.id).where(Unit.id.in_(organizing) | Unit.id.in_(own)), actor, act, unit=Unit.id
    )
    rows = db.session.execute(
        select(Unit.id, Unit.name)
        .where(Unit.id.in_(units))
        .order_by(Unit.id.not_in(own), Unit.name)
    )
    return found + [(PlanScope(unit_id=row[0]).key, row[1]) for row in rows]


def weeks_to_choose(at_date: date) -> list[date]:
    """Return the Mondays of this week and the next ones."""
    first = week_of(at_date)
    return [first + timedelta(days=7 * week) for week in range(WEEKS_AHEAD)]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a run would find: shifts ahead, heads wanted, people who may be asked, those who said nothing."""

    shifts: int
    heads: int
    people: int
    unsaid: int


def outlook(week_on: date, scope: PlanScope, *, at: datetime) -> Outlook:
    """Count what a run over the week and scope would find."""
    shifts, heads = db.session.execute(
        plannable(
            select(func.count(Shift.id), func.coalesce(func.sum(Shift.min_heads), 0)),
            week_on,
            scope,
            at,
        )
    ).one()
    ground = read_ground(week_on, scope, at)
    clauses = askable(units_in_reach(ground, scope), seated_in(ground))
    people = db.session.scalar(select(func.count()).select_from(Volunteer).where(*clauses))
    stated = select(Availability.volunteer_id)
    unsaid = db.session.scalar(
        select(func.count()).select_from(Volunteer).where(*clauses, Volunteer.id.not_in(stated))
    )
    return Outlook(shifts, int(heads), people or 0, unsaid or 0)
