"""A unit's month as the rules see it (单位所见): its activities, decisions at the desk, minutes by day."""

from datetime import date
from typing import Any

from sqlalchemy import func, select

from volunteer.domain.signals.seen import ActivitySeen, ReviewSeen, UnitSeen
from volunteer.domain.terms import Grade, ShiftState
from volunteer.domain.timekeeping import beijing
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Account, Volunteer
from volunteer.queries.ledger import newest
from volunteer.queries.trust.looking import stamp_counts

BY_HAND = (Grade.D, Grade.E)
REVIEWS = (
    "restate_record",
    "ticket_upheld",
    "ticket_refused",
    "make_up_approved",
    "make_up_refused",
)
"""Acts of the journal by which somebody decides on minutes at the desk."""
MOST_REVIEWS = 4000


def units_that_recorded(first: date, last: date) -> list[int]:
    """The units that recorded service between two dates."""
    return list(
        db.session.scalars(
            select(ServiceRecord.recording_unit_id)
            .where(ServiceRecord.service_on.between(first, last))
            .distinct()
            .order_by(ServiceRecord.recording_unit_id)
        )
    )


def unit_seen(unit_id: int, first: date, last: date) -> UnitSeen:
    """One unit between two dates: six statements, whatever its size."""
    rows = db.session.execute(
        select(ServiceRecord, Account.id)
        .outerjoin(Account, Account.volunteer_id == ServiceRecord.volunteer_id)
        .where(
            ServiceRecord.recording_unit_id == unit_id,
            ServiceRecord.service_on.between(first, last),
            newest(),
        )
        .order_by(ServiceRecord.id)
    ).all()
    days: dict[date, int] = {}
    hands: dict[date, int] = {}
    for record, _ in rows:
        minutes = record.credited_minutes + record.pending_minutes
        days[record.service_on] = days.get(record.service_on, 0) + minutes
        if record.grade in BY_HAND:
            hands[record.service_on] = hands.get(record.service_on, 0) + minutes
    stamps, by_hand, forced = stamp_counts(unit_id, first, last)
    return UnitSeen(
        unit_id,
        first,
        last,
        tuple(_activities(unit_id, list(rows))),
        tuple(_reviews(unit_id, first, last)),
        days,
        hands,
        stamps,
        by_hand,
        forced,
    )


def _activities(unit_id: int, rows: list[Any]) -> list[ActivitySeen]:
    by_activity: dict[int, list[Any]] = {}
    for row in rows:
        by_activity.setdefault(row[0].activity_id, []).append(row)
    if not by_activity:
        return []
    found = db.session.execute(
        select(Activity, func.min(Shift.starts_at))
        .join(Shift, Shift.activity_id == Activity.id)
        .where(Activity.id.in_(sorted(by_activity)), Shift.state != ShiftState.CANCELLED)
        .group_by(Activity.id)
        .order_by(Activity.id)
    ).all()
    elsewhere = set(
        db.session.scalars(
            select(Shift.activity_id)
            .join(Volunteer, Volunteer.id == Shift.leader_id)
            .where(Shift.activity_id.in_(sorted(by_activity)), Volunteer.unit_id != unit_id)
        )
    )
    return [
        _activity(activity, starts_at, by_activity[activity.id], activity.id in elsewhere)
        for activity, starts_at in found
    ]


def _activity(activity: Activity, starts_at: Any, rows: list[Any], elsewhere: bool) -> ActivitySeen:
    minutes = hand = own = 0
    for record, account_id in rows:
        counts = record.credited_minutes + record.pending_minutes
        minutes += counts
        hand += counts if record.grade in BY_HAND else 0
        gains = account_id is not None and account_id in (
            activity.created_by_id,
            record.settled_by_id,
        )
        own += counts if gains else 0
    return ActivitySeen(
        activity.id,
        activity.title,
        starts_at,
        activity.published_at,
        frozenset(record.volunteer_id for record, _ in rows),
        minutes,
        hand,
        own,
        leader_from_elsewhere=elsewhere,
    )


def _reviews(unit_id: int, first: date, last: date) -> list[ReviewSeen]:
    """Decisions on the unit's minutes; several rows of one request are one decision."""
    rows = db.session.execute(
        select(AuditEntry.id, AuditEntry.account_id, AuditEntry.at, AuditEntry.request_id)
        .where(
            AuditEntry.unit_id == unit_id,
            AuditEntry.act.in_(REVIEWS),
            AuditEntry.account_id.is_not(None),
            AuditEntry.at >= beijing(first),
            AuditEntry.at < beijing(last, 1440),
        )
        .order_by(AuditEntry.at, AuditEntry.id)
        .limit(MOST_REVIEWS)
    )
    seen: set[str] = set()
    found = []
    for number, account_id, at, request in rows:
        if request and request in seen:
            continue
        seen.add(request)
        assert account_id is not None, "the select asks for one"
        found.append(ReviewSeen(number, account_id, at))
    return found
