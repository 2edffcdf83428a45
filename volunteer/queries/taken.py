"""Time that counts already (已计时段): when people have hours of other shifts, so that no minute counts twice."""

from collections import defaultdict
from datetime import timedelta

from sqlalchemy import or_, select

from volunteer.domain.attendance import Stamp, intervals_of
from volunteer.domain.timekeeping import Window
from volunteer.models.activities import Shift
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Volunteer
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
