"""Time that counts already (已计时段): when people have hours of other shifts, so that no minute counts twice."""

from collections import defaultdict
from datetime import timedelta

from sqlalchemy import exists, or_, select

from volunteer.domain.attendance import Stamp, intervals_of
from volunteer.domain.timekeeping import Window
from volunteer.models.activities import Shift
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Volunteer
from volunteer.models.rosters import Assignment
from volunteer.queries.attendance import stamp_of
from volunteer.queries.ledger import newest


def hours_elsewhere(volunteer_ids: list[int], shift: Shift) -> dict[int, list[Window]]:
    """The stays of these people for which they have hours of other shifts, around the day of this one.

    Merged profiles belong to the one that was kept. Records without minutes (office duty, voided ones)
    stand in nobody's way.
    """
    found: dict[int, list[Window]] = {}
    for start in range(0, len(volunteer_ids), 400):
        part = volunteer_ids[start : start + 400]
        rows = _records(part, shift)
        stamps = _stamps([record.assignment_id for record, _ in rows])
        for record, kept_id in rows:
            owner = record.volunteer_id if record.volunteer_id in part else kept_id
            if owner is not None:
                stays = _stays(record, stamps[record.assignment_id])
                found.setdefault(owner, []).extend(stays)
    return found


def at_one_time(some: list[int], others: list[int]) -> Window | None:
    """The first time at which profiles of both sides were there: with hours, or checked in and not settled yet.

    Profiles of one person were never in two places; records without minutes stand in nobody's way.
    """
    there = _presence(others)
    shared = (one.shared(other) for one in _presence(some) for other in there)
    return min((both for both in shared if both is not None), default=None)


def _presence(profiles: list[int]) -> list[Window]:
    records = db.session.scalars(
        select(ServiceRecord).where(
            ServiceRecord.volunteer_id.in_(profiles),
            ServiceRecord.credited_minutes + ServiceRecord.pending_minutes > 0,
            newest(),
        )
    ).all()
    unsettled = db.session.execute(
        select(Assignment.id, Shift.ends_at)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(
            Assignment.volunteer_id.in_(profiles),
            exists().where(CheckIn.assignment_id == Assignment.id),
            ~exists().where(ServiceRecord.assignment_id == Assignment.id),
        )
    ).all()
    stamps = _stamps([record.assignment_id for record in records] + [row[0] for row in unsettled])
    found = [stay for record in records for stay in _stays(record, stamps[record.assignment_id])]
    for seat_id, ends_at in unsettled:
        for stay in intervals_of(stamps[seat_id]):
            until = stay.went.at if stay.went is not None else ends_at
            if stay.came.at < until:
                found.append(Window(stay.came.at, until))
    return found


def _records(people: list[int], shift: Shift) -> list[tuple[ServiceRecord, int | None]]:
    day = timedelta(days=1)
    rows = db.session.execute(
        select(ServiceRecord, Volunteer.merged_into_id)
        .join(Volunteer, Volunteer.id == ServiceRecord.volunteer_id)
        .where(
            or_(ServiceRecord.volunteer_id.in_(people), Volunteer.merged_into_id.in_(people)),
            ServiceRecord.shift_id != shift.id,
            ServiceRecord.service_on.between(shift.service_on - day, shift.service_on + day),
            ServiceRecord.credited_minutes + ServiceRecord.pending_minutes > 0,
            newest(),
        )
    )
    return [(row[0], row[1]) for row in rows]


def _stamps(assignment_ids: list[int]) -> dict[int, list[Stamp]]:
    made: dict[int, list[Stamp]] = defaultdict(list)
    for start in range(0, len(assignment_ids), 400):
        rows = db.session.scalars(
            select(CheckIn)
            .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
            .where(
                CheckIn.assignment_id.in_(assignment_ids[start : start + 400]),
                StampCancellation.stamp_id.is_(None),
            )
        )
        for row in rows:
            made[row.assignment_id].append(stamp_of(row))
    return made


def _stays(record: ServiceRecord, stamps: list[Stamp]) -> list[Window]:
    """The stays of a record: those of its stamps, or the one that a correction says."""
    first, last = record.first_in_at, record.last_out_at
    if first is None or last is None:
        return []
    pairs = [(stay.came.at, stay.went.at) for stay in intervals_of(stamps) if stay.went is not None]
    if not pairs or (pairs[0][0], pairs[-1][1]) != (first, last):
        pairs = [(first, last)]
    return [Window(came, went) for came, went in pairs if came < went]
