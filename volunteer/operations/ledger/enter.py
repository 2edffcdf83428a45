"""Entering make-up hours (补录记入): a record of grade E with its entry, for a seat that has none."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.attendance import Interval, Stamp
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind, Way
from volunteer.domain.timekeeping import minutes_between
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.operations.journal import note
from volunteer.operations.ledger.counting import Counted, count, source_of
from volunteer.operations.ledger.posting import entry_of, hold_head, post
from volunteer.queries.ledger import minutes_of_day
from volunteer.queries.policy import policy_on
from volunteer.queries.taken import hours_elsewhere


def enter_make_up(
    actor: Actor,
    *,
    assignment_id: int,
    came_at: datetime,
    went_at: datetime,
    reason: str,
    at: datetime,
) -> ServiceRecord:
    """Write the first record of a seat whose shift was settled without one, and post its entry.

    The minutes follow from the same rules as stamps do, breaks out and capped by the day; the grade is E.
    Raises Refused ``not_found``, ``has_record``.
    """
    seat, shift, activity, point = _seat(assignment_id)
    require(actor, Act.SETTLE, unit_id=activity.unit_id)
    hold_head()
    if db.session.scalar(select(exists().where(ServiceRecord.assignment_id == seat.id))):
        raise _has_record()
    stays = [
        Interval(
            Stamp(StampKind.IN, came_at, Way.MAKE_UP), Stamp(StampKind.OUT, went_at, Way.MAKE_UP)
        )
    ]
    sums = _count(seat.volunteer_id, shift, activity, stays)
    record = _record(actor, seat, shift, activity, point, stays, sums)
    record.settled_at, record.reason = at, reason.strip()[:200]
    try:
        with db.session.begin_nested():
            db.session.add(record)
            db.session.flush()
    except IntegrityError:
        raise _has_record() from None
    if sums.entry_minutes:
        post(
            [entry_of(record, sums.entry_minutes, at=at, by=actor.account_id, reason=record.reason)]
        )
    note(
        actor,
        "enter_make_up",
        record,
        f"补录记入 {record.credited_minutes} 分钟",
        at=at,
        unit_id=activity.unit_id,
        after={"minutes": record.credited_minutes, "pending": record.pending_minutes},
        reason=record.reason,
    )
    return record


def _count(person: int, shift: Shift, activity: Activity, stays: list[Interval]) -> Counted:
    """What the stay earns beside the person's other hours of these days."""
    return count(
        shift,
        activity.nature,
        stays,
        policy_on(shift.service_on),
        already=minutes_of_day([person], shift.service_on).get(person, 0),
        elsewhere=hours_elsewhere([person], shift).get(person, []),
    )


def _seat(assignment_id: int) -> tuple[Assignment, Shift, Activity, CheckPoint]:
    row = db.session.execute(
        select(Assignment, Shift, Activity, CheckPoint)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(Assignment.id == assignment_id)
    ).one_or_none()
    if row is None:
        raise Refused("not_found", "没有找到这个班次。", status=404)
    return row[0], row[1], row[2], row[3]


def _has_record() -> Refused:
    return Refused("has_record", "这个班次已经有这个人的记录。", "如有出入，请更正那条记录。")


def _record(
    actor: Actor,
    seat: Assignment,
    shift: Shift,
    activity: Activity,
    point: CheckPoint,
    stays: list[Interval],
    sums: Counted,
) -> ServiceRecord:
    came, went = stays[0].came.at, stays[0].went.at if stays[0].went else stays[0].came.at
    assert sums.credit.grade is not None, "a stay has stamps, stamps have a grade"
    return ServiceRecord(
        assignment_id=seat.id,
        volunteer_id=seat.volunteer_id,
        unit_id=seat.unit_id,
        recording_unit_id=activity.unit_id,
        activity_id=activity.id,
        shift_id=shift.id,
        kind_id=activity.kind_id,
        district_id=point.district_id,
        nature=activity.nature,
        service_on=shift.service_on,
        place=f"{point.name} {shift.corner}".strip()[:120],
        content=(activity.content or activity.title)[:200],
        person_in_charge=(activity.person_in_charge or activity.contact_name)[:60],
        first_in_at=came,
        last_out_at=went,
        attended_minutes=sums.credit.attended_minutes,
        served_minutes=sums.credit.served_minutes,
        credited_minutes=sums.credited,
        pending_minutes=sums.pending_minutes,
        pending=sums.pending,
        late_minutes=max(0, minutes_between(shift.starts_at, came)),
        early_minutes=max(0, minutes_between(went, shift.ends_at)),
        grade=sums.credit.grade,
        source=source_of(stays),
        rule_version=sums.credit.rule_version,
        arithmetic=sums.arithmetic,
        settled_by_id=actor.account_id,
    )
