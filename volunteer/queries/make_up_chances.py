"""Shifts for which make-up hours may be asked (可以补录的班次): own, of people on a shift that one runs, and
those on which one served without being on the list."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, exists, or_, select

from volunteer.domain.access import Act, Actor, may, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ShiftState
from volunteer.domain.ticket import CAME, MAKE_UP_LIVE
from volunteer.domain.timekeeping import local_date
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.models.tickets import MakeUp
from volunteer.queries.choices import like_words
from volunteer.queries.policy import policy_on
from volunteer.queries.witnesses import used_quota


@dataclass(frozen=True, slots=True)
class Chance:
    """A shift without a record of the person, for which make-up hours may be asked, and what is left of the quota.

    Who was not on the list has no seat.
    """

    shift: Shift
    point: CheckPoint
    activity: Activity
    unit: Unit
    person: Volunteer
    seat_id: int | None
    last_on: date
    is_open: bool
    quota_left: int
    live_id: int | None

    @property
    def is_listed(self) -> bool:
        """Whether the person held a seat."""
        return self.seat_id is not None


def chance_of(
    actor: Actor, shift_id: int, *, at: datetime, volunteer_id: int | None = None
) -> Chance:
    """The own part in a shift, or that of somebody on the list of a shift which the actor runs.

    Of oneself one may ask for a settled shift on whose list one was not. Raises Refused ``not_found`` where
    there is none, or it has a record already.
    """
    person_id = volunteer_id or actor.volunteer_id
    row = db.session.execute(
        _shifts()
        .add_columns(Volunteer, Assignment.id)
        .join(Volunteer, Volunteer.id == person_id)
        .outerjoin(
            Assignment,
            and_(
                Assignment.shift_id == Shift.id,
                Assignment.volunteer_id == Volunteer.id,
                Assignment.state.in_(CAME),
            ),
        )
        .where(Shift.id == shift_id, ~_recorded(person_id))
    ).one_or_none()
    is_hidden = row is not None and row[5] is None and row[0].state is not ShiftState.SETTLED
    if row is None or is_hidden or (volunteer_id and not _is_on_list_of(actor, row)):
        raise Refused("not_found", "没有找到这个班次。", "请从班次重新进入。", status=404)
    shift, point, activity, unit, person, seat_id = row
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
        seat_id,
        last_on,
        today <= last_on and shift.state is ShiftState.SETTLED,
        max(0, policy.make_up_monthly_quota - used),
        db.session.scalar(
            select(MakeUp.id).where(
                MakeUp.shift_id == shift_id,
                MakeUp.volunteer_id == person.id,
                MakeUp.state.in_(MAKE_UP_LIVE),
            )
        ),
    )


def _is_on_list_of(actor: Actor, row: Any) -> bool:
    return row[5] is not None and _runs(actor, row[0].id, row[3].id)


def _shifts() -> Any:
    return (
        select(Shift, CheckPoint, Activity, Unit)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Unit, Unit.id == Activity.unit_id)
    )


def _recorded(volunteer_id: int | None) -> Any:
    return exists().where(
        ServiceRecord.shift_id == Shift.id, ServiceRecord.volunteer_id == volunteer_id
    )


MOST = 30


@dataclass(frozen=True, slots=True)
class HelpedShift:
    """A settled shift of a day that somebody may have helped on; nothing is said of who else served."""

    shift: Shift
    point: CheckPoint
    activity: Activity
    unit: Unit


def helped_shifts(actor: Actor, on: date, *, q: str = "") -> list[HelpedShift]:
    """Settled shifts of a day without a record of the actor, those of the own unit first; at most :data:`MOST`.

    For who served without being on the list: a place, a time and a unit, as the poster at the point says them.
    """
    require(actor, Act.OWN_TICKETS)
    found = _shifts().where(
        Shift.service_on == on, Shift.state == ShiftState.SETTLED, ~_recorded(actor.volunteer_id)
    )
    if q:
        like = like_words(q)
        found = found.where(
            or_(CheckPoint.name.like(like, escape="\\"), Unit.name.like(like, escape="\\"))
        )
    own = select(Volunteer.unit_id).where(Volunteer.id == actor.volunteer_id).scalar_subquery()
    first = case((Unit.id == own, 0), else_=1)
    rows = db.session.execute(found.order_by(first, Shift.starts_at, Shift.id).limit(MOST))
    return [HelpedShift(*row) for row in rows]


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
