"""What a phone may keep for a while (离线可用): one's own duties of these hours, and the roll of a shift with masked names."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, holds
from volunteer.domain.attendance import next_kind
from volunteer.domain.naming import mask_name
from volunteer.domain.terms import AssignmentState, ShiftState
from volunteer.models.activities import Activity, ActivityKind, Shift
from volunteer.models.base import db
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.queries.attendance import seat_at
from volunteer.queries.onsite import SitePerson, site_of, site_people

AHEAD = timedelta(hours=36)
"""So far ahead a phone keeps its owner's duties."""
KEPT_AFTER = timedelta(hours=12)
"""So long after the end of a shift a phone forgets its roll; what was tapped stays in the queue."""
SEATED = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def kept_duties(actor: Actor, *, at: datetime, most: int = 6) -> list[dict[str, Any]]:
    """The duties of the person from now on for a day and a half, as little of each as the button needs.

    Instants are milliseconds since 1970. Nobody else is named.
    """
    if not holds(actor, Act.OWN_DUTIES) or actor.volunteer_id is None:
        return []
    rows = db.session.execute(
        select(Shift, CheckPoint.name, ActivityKind.name)
        .join(Assignment, Assignment.shift_id == Shift.id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(ActivityKind, ActivityKind.id == Activity.kind_id)
        .where(
            Assignment.volunteer_id == actor.volunteer_id,
            Assignment.state.in_(SEATED),
            Shift.state == ShiftState.PUBLISHED,
            Shift.ends_at >= at - timedelta(hours=2),
            Shift.starts_at <= at + AHEAD,
        )
        .order_by(Shift.starts_at)
        .limit(most)
    ).all()
    duties = []
    for shift, place, kind in rows:
        seat = seat_at(shift.id, actor.volunteer_id, at=at)
        gate = seat.gate
        duties.append(
            {
                "shift": shift.id,
                "place": place,
                "kind": kind,
                "starts": _ms(shift.starts_at),
                "ends": _ms(shift.ends_at),
                "opens": _ms(gate.opens_at),
                "forget": _ms(shift.ends_at + KEPT_AFTER),
                "next": next_kind(gate).value,
                "locate": seat.may_locate,
            }
        )
    return duties


def kept_roll(actor: Actor, shift_id: int, *, at: datetime) -> dict[str, Any]:
    """The roll of a shift that the actor runs, for the phone: masked names, no numbers, and when to forget it.

    Raises Refused ``not_found``.
    """
    site = site_of(actor, shift_id, act=Act.RUN_ONSITE)
    people = site_people(shift_id, at=at)
    named = Counter(mask_name(one.seat.volunteer.name) for one in people)
    return {
        "shift": shift_id,
        "place": site.point.name,
        "kind": site.kind.name,
        "starts": _ms(site.shift.starts_at),
        "ends": _ms(site.shift.ends_at),
        "forget": _ms(site.shift.ends_at + KEPT_AFTER),
        "read": _ms(at),
        "people": [_kept(one, actor, named) for one in people],
    }


def _kept(one: SitePerson, actor: Actor, named: Counter[str]) -> dict[str, Any]:
    """One line: two who look alike when masked are told apart by the end of their volunteer number."""
    volunteer = one.seat.volunteer
    name = mask_name(volunteer.name)
    if named[name] > 1:
        name = f"{name} {volunteer.number[-3:]}"
    return {
        "person": volunteer.id,
        "name": name,
        "unit": one.unit_name,
        "state": one.attendance.value,
        "words": one.attendance.label,
        "own": actor.volunteer_id == volunteer.id,
    }
