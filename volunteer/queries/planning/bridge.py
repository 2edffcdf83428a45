"""The bridge: rows in, one scheduling problem out. A fixed number of statements, whatever the size."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.queries.accounts import units_below
from volunteer.queries.planning.duties import Ground, duties_of, read_ground, sites_of
from volunteer.queries.planning.persons import (
    apart_of,
    in_reach,
    people_of,
    read_crowd,
    reluctant_slots,
    units_of,
    units_of_people,
)
from volunteer.queries.planning.scope import PlanScope
from volunteer.queries.planning.seats import (
    REST_MINUTES,
    TRAVEL,
    read_seats,
    seated_in,
)
from volunteer.scheduling.problem import Horizon, Problem, Weights
from volunteer.scheduling.verify import Judge


def problem_of(
    week_on: date,
    scope: PlanScope,
    *,
    at: datetime,
    only: Collection[int] | None = None,
) -> Problem:
    """Return the scheduling problem of a week (its Monday) and a scope, as the rows stand at ``at``.

    What becomes of the rows
    ------------------------
    * shifts: of published activities, planned or published, not yet begun; cancelled and settled ones
      are left out. A key point on a day of an inspection has priority 1.
    * people: active, consent not withdrawn, minors only with a guardian's consent; of the units in
      reach, and whoever already holds a seat. City: everybody. District: units of the district and
      units named on its shifts. Unit: the unit and those below it, joint units and units with quotas.
    * times: weekly windows and exceptions; "cannot" binds, "rather not" costs as much as a kind of
      service that one dislikes; who stated nothing is free 07:00-21:00. A shift once accepted counts
      as free time. Seats outside the plan cut the time around them, the day, and the minutes left.
    * skills count on the day of the shift, ties and contracts of points too; ages are those reached in
      the year; a person without a home has no distance.
    * served minutes are those of the ledger in the 90 days before the week.
    * live seats are what was published; declined seats, leave taken and 不安排 are bans, 锁定 are pins.

    ``only`` narrows the people to some volunteers, to judge one change without reading a city.
    """
    ground = read_ground(week_on, scope, at)
    units = units_in_reach(ground, scope)
    near = in_reach(units, seated_in(ground))
    chosen = near if only is None else [*near, Volunteer.id.in_(sorted(only))]
    among = None if units is None and only is None else select(Volunteer.id).where(*chosen)
    seats = read_seats(ground, among)
    crowd = read_crowd(ground, near, chosen, among)
    people = people_of(ground, crowd, seats, slots := reluctant_slots(ground, crowd))
    here = {person.id for person in people}
    return Problem(
        name=f"{week_on.isoformat()} {scope.key}",
        horizon=Horizon(week_on.isoformat(), 7),
        travel=TRAVEL,
        rest_minutes=REST_MINUTES,
        weights=Weights(),
        sites=sites_of(ground),
        units=units_of(ground, crowd),
        people=people,
        duties=duties_of(ground, slots, set(crowd.sizes)),
        pins=tuple(pair for pair in seats.pins if pair[0] in here),
        bans=tuple(pair for pair in seats.refused if pair[0] in here),
        apart=apart_of(crowd),
        published=tuple(pair for pair in seats.published if pair[0] in here),
    )


def people_in_reach(week_on: date, scope: PlanScope, *, at: datetime) -> dict[int, int]:
    """Return who would be a person of the problem, with the unit of each; nothing more is read of them."""
    ground = read_ground(week_on, scope, at)
    return units_of_people(in_reach(units_in_reach(ground, scope), seated_in(ground)), week_on)


def holding_published(problem: Problem) -> Problem:
    """Return the problem with everybody held where they were told to come: only gaps are refilled.

    Seats that together break a hard rule (somebody fell ill, a shift was moved) are not held.
    """
    held = set(problem.published)
    fixed = set(problem.pins)
    judge = Judge(replace(problem, pins=()))
    while True:
        faults = judge.violations(sorted(held | fixed))
        guilty = {(v, s) for fault in faults for v in fault.who for s in fault.where} & held
        if not guilty - fixed:
            return replace(problem, pins=tuple(sorted(held | fixed)))
        held -= guilty


def units_in_reach(ground: Ground, scope: PlanScope) -> set[int] | None:
    """The units whose people may be planned; None for all."""
    if scope == PlanScope():
        return None
    named = {unit for wants in ground.quotas.values() for unit, _ in wants}
    if scope.unit_id is not None:
        return set(units_below({scope.unit_id} | named | ground.joint_units))
    own = db.session.scalars(select(Unit.id).where(Unit.district_id == scope.district_id))
    return set(own) | named | {unit for tied in ground.tied.values() for unit in tied}
