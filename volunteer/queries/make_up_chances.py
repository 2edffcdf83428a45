"""Seats for which make-up hours may be asked (可以补录的班次): own, and of people on a shift that one runs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select

from volunteer.domain.access import Act, Actor, may
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ShiftState
from volunteer.domain.ticket import CAME
from volunteer.domain.timekeeping import local_date
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.models.tickets import MakeUp
from volunteer.queries.policy import policy_on
from volunteer.queries.witnesses import used_quota


@dataclass(frozen=True, slots=True)
class Chance:
    """A seat without a record for which make-up hours may be asked, and what is left of the quota."""

    shift: Shift
    point: CheckPoint
    activity: Activity
    unit: Unit
    person: Volunteer
    seat_id: int
    last_on: date
    is_open: bool
    quota_left: int
    live_id: int | None


def chance_of(
    actor: Actor, shift_id: int, *, at: datetime, volunteer_id: int | None = None
) -> Chance:
    """The own seat on a shift, or that of somebody on a shift which the actor runs.

    Raises Refused ``not_found`` where there is none, or it has a record already.
    """
    row = db.session.execute(
        select(Shift, CheckPoint, Activity, Unit, Volunteer, Assignment)
        .join(Assignment, Assignment.shift_id == Shift.id)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(
            Shift.id == shift_id,
            Assignment.volunteer_id == (volunteer_id or actor.volunteer_id),
            Assignment.state.in_(CAME),
            ~exists().where(ServiceRecord.assignment_id == Assignment.id),
        )
    ).one_or_none()
    if row is None or (volunteer_id and not _runs(actor, row[0].id, row[3].id)):
        raise Refused("not_found", "没有找到这个班次。", "请从班次重新进入。", status=404)
    shift, point, activity, unit, person, seat = row
    today = local_date(at)
    policy = policy_on(today)
    last_on = shift.service_on + timedelta(days=policy.make_up_days)
    used = used_quota(unit.id, today.replace(day=1))
    return Chance(
        shift,
        point,
        activity,
        unit,
        person,
        seat.id,
        last_on,
        today <= last_on and shift.state is ShiftState.SETTLED,
        max(0, policy.make_up_monthly_quota - used),
        db.session.scalar(select(MakeUp.id).where(MakeUp.live_seat_id == seat.id)),
    )


def _runs(actor: Actor, shift_id: int, unit_id: int) -> bool:
    return may(actor, Act.RUN_ONSITE, unit_id=unit_id, shift_id=shift_id)


def people_without_record(actor: Actor, shift_id: int) -> list[tuple[int, str]]:
    """Who held a seat on a settled shift that the actor runs and has no record; the actor left out."""
    rows = db.session.execute(
        select(Volunteer.id, Volunteer.name, Activity.unit_id)
        .join(Assignment, Assignment.volunteer_id == Volunteer.id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(
            Shift.id == shift_id,
            Shift.state == ShiftState.SETTLED,
            Assignment.state.in_(CAME),
            Volunteer.id != (actor.volunteer_id or 0),
            ~exists().where(ServiceRecord.assignment_id == Assignment.id),
        )
        .order_by(Volunteer.pinyin, Volunteer.name)
    )
    return [(row[0], row[1]) for row in rows if _runs(actor, shift_id, row[2])]
