"""What the rules of signals are shown (所见), from rows: a shift, its people over weeks, a unit's month, the city's plans."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import func, select

from volunteer.domain.place import LatLon
from volunteer.domain.signals.seen import (
    BY_HAND_WAYS,
    PersonSeen,
    PlanSeen,
    ShiftSeen,
    StampSeen,
    StaySeen,
)
from volunteer.domain.terms import ShiftState, SpotState, StampKind
from volunteer.domain.timekeeping import Window, local_date
from volunteer.models.activities import Activity, Shift
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import DeviceSession
from volunteer.models.places import CheckPoint
from volunteer.models.trust import FixTrace, ShiftLook, SpotCheck
from volunteer.queries.ledger import newest
from volunteer.queries.trust.doubts import SEEN_BY_LEADER, missed_on, vouched_on

MOST_SHIFTS = 60
PART = 400


def shifts_to_look_at(*, at: datetime, days: int) -> list[int]:
    """Settled shifts of the last days that nobody has looked at, the oldest first; some at a time."""
    return list(
        db.session.scalars(
            select(Shift.id)
            .outerjoin(ShiftLook, ShiftLook.shift_id == Shift.id)
            .where(
                Shift.state == ShiftState.SETTLED,
                Shift.service_on >= local_date(at) - timedelta(days=days),
                ShiftLook.shift_id.is_(None),
            )
            .order_by(Shift.service_on, Shift.id)
            .limit(MOST_SHIFTS)
        )
    )


def _stamps() -> Any:
    return (
        select(
            *(CheckIn.id, CheckIn.shift_id, CheckIn.volunteer_id, CheckIn.kind, CheckIn.at),
            *(CheckIn.way, CheckIn.place_verdict, CheckIn.distance_bucket, CheckIn.device_id),
            *(CheckIn.is_forced, DeviceSession.mark, FixTrace.fix_print, FixTrace.is_round),
            *(CheckPoint.lat, CheckPoint.lon, CheckPoint.radius_metres),
        )
        .join(Shift, Shift.id == CheckIn.shift_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .outerjoin(DeviceSession, DeviceSession.id == CheckIn.device_id)
        .outerjoin(FixTrace, FixTrace.stamp_id == CheckIn.id)
        .where(StampCancellation.stamp_id.is_(None))
        .order_by(CheckIn.at, CheckIn.id)
    )


def _stamp(row: Any) -> StampSeen:
    has_place = row.lat is not None and row.lon is not None
    return StampSeen(
        id=row.id,
        shift_id=row.shift_id,
        volunteer_id=row.volunteer_id,
        kind=row.kind,
        at=row.at,
        way=row.way,
        fence=row.place_verdict,
        bucket=row.distance_bucket,
        device=bytes(row.mark).hex() if row.mark else f"session {row.device_id or ''}".strip(),
        fix_print=bytes(row.fix_print or b""),
        is_round=bool(row.is_round),
        is_forced=row.is_forced,
        place=LatLon(row.lat, row.lon) if has_place else None,
        radius=row.radius_metres,
    )


def shift_seen(shift_id: int) -> ShiftSeen:
    """One settled shift with its stamps, the leader's confirmations and its spot check."""
    shift, unit_id = db.session.execute(
        select(Shift, Activity.unit_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Shift.id == shift_id)
    ).one()
    stamps = [
        _stamp(row) for row in db.session.execute(_stamps().where(CheckIn.shift_id == shift_id))
    ]
    stamps = [replace(one, device="") if one.device == "session" else one for one in stamps]
    by_leader = {one.volunteer_id for one in stamps if one.way in SEEN_BY_LEADER}
    spot = db.session.scalar(select(SpotCheck.state).where(SpotCheck.shift_id == shift_id))
    return ShiftSeen(
        shift.id,
        unit_id,
        Window(shift.starts_at, shift.ends_at),
        tuple(stamps),
        frozenset(vouched_on(shift_id) | by_leader),
        frozenset(missed_on(shift_id) - vouched_on(shift_id)),
        was_unrun=spot is SpotState.UNRUN,
    )


def people_seen(
    volunteer_ids: Iterable[int], *, since: datetime, until: datetime
) -> list[PersonSeen]:
    """People with their stamps and recorded stays between two instants: two statements for four hundred."""
    people = sorted(set(volunteer_ids))
    stamps: dict[int, list[StampSeen]] = {}
    stays: dict[int, list[StaySeen]] = {}
    for start in range(0, len(people), PART):
        part = people[start : start + PART]
        rows = db.session.execute(
            _stamps().where(CheckIn.volunteer_id.in_(part), CheckIn.at.between(since, until))
        )
        for row in rows:
            stamps.setdefault(row.volunteer_id, []).append(_stamp(row))
        for stay in _stays(part, since, until):
            stays.setdefault(stay[0], []).append(stay[1])
    return [
        PersonSeen(one, tuple(stamps.get(one, ())), tuple(stays.get(one, ()))) for one in people
    ]


def _stays(people: list[int], since: datetime, until: datetime) -> list[tuple[int, StaySeen]]:
    r = ServiceRecord
    rows = db.session.scalars(
        select(r)
        .where(
            r.volunteer_id.in_(people),
            r.service_on.between(local_date(since), local_date(until)),
            r.first_in_at.is_not(None),
            r.last_out_at.is_not(None),
            newest(),
        )
        .order_by(r.first_in_at, r.id)
    )
    found = []
    for row in rows:
        assert row.first_in_at is not None
        assert row.last_out_at is not None
        counts = row.credited_minutes + row.pending_minutes + row.served_minutes
        if row.first_in_at < row.last_out_at and counts:
            window = Window(row.first_in_at, row.last_out_at)
            minutes = row.credited_minutes + row.pending_minutes
            found.append(
                (row.volunteer_id, StaySeen(row.id, row.shift_id, window, row.nature, minutes))
            )
    return found


def plans_seen(first: date, last: date) -> list[PlanSeen]:
    """The settled shifts between two dates with their planned minutes and the median of what people stayed."""
    rows = db.session.execute(
        select(
            Shift.id,
            Activity.unit_id,
            Activity.kind_id,
            Shift.starts_at,
            Shift.ends_at,
            ServiceRecord.attended_minutes,
        )
        .join(Activity, Activity.id == Shift.activity_id)
        .join(ServiceRecord, ServiceRecord.shift_id == Shift.id)
        .where(Shift.state == ShiftState.SETTLED, Shift.service_on.between(first, last), newest())
        .order_by(Shift.id)
    )
    known: dict[int, tuple[Any, list[int]]] = {}
    for row in rows:
        known.setdefault(row[0], (row, []))[1].append(row[5])
    return [
        PlanSeen(row[0], row[1], row[2], Window(row[3], row[4]).minutes, round(median(stayed)))
        for row, stayed in known.values()
    ]


def stamp_counts(unit_id: int, first: date, last: date) -> tuple[int, int, int]:
    """Stamps of a unit's shifts between two dates: all, those by somebody's word, and those forced."""
    row = db.session.execute(
        select(
            func.count(),
            func.count().filter(CheckIn.way.in_(sorted(BY_HAND_WAYS))),
            func.count().filter(CheckIn.is_forced.is_(True)),
        )
        .select_from(CheckIn)
        .join(Shift, Shift.id == CheckIn.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .where(
            Activity.unit_id == unit_id,
            Shift.service_on.between(first, last),
            CheckIn.kind.in_(list(StampKind)),
            StampCancellation.stamp_id.is_(None),
        )
    ).one()
    return row[0], row[1], row[2]
