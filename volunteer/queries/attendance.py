"""Attendance (签到、签退) as the gate sees it: one select tells all that judges a stamp."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain import attendance as rules
from volunteer.domain.attendance import Gate, Stamp
from volunteer.domain.place import LatLon
from volunteer.domain.policy import STANDARD, Policy
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    CancelCause,
    ConsentPurpose,
    ShiftState,
    StampKind,
)
from volunteer.domain.timekeeping import Window, local_date
from volunteer.models.activities import Activity, ActivityKind, Shift
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.people import Consent, DeviceSession, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.queries.policy import policy_on

REMEMBERED = timedelta(hours=36)
"""How far back another shift's open stay is looked for."""
AROUND = timedelta(hours=12)
"""How far from now a duty may lie that a code at a point could mean."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One person's place on one shift: the gate, and the rows that it was made from.

    ``stamps`` are those that count; ``made`` counts those of each kind that were ever made here, which
    is the number of the next one.
    """

    gate: Gate
    shift: Shift
    activity: Activity
    kind: ActivityKind
    point: CheckPoint
    volunteer: Volunteer
    assignment: Assignment | None
    stamps: tuple[CheckIn, ...] = ()
    made: dict[StampKind, int] = field(default_factory=dict)
    may_locate: bool = False

    @property
    def place(self) -> LatLon | None:
        """Where the point lies, in WGS-84, if anybody entered it."""
        if self.point.lat is None or self.point.lon is None:
            return None
        return LatLon(self.point.lat, self.point.lon)

    def next_round(self, kind: StampKind) -> int:
        """The number of the next stamp of this kind; the database admits each number once."""
        return self.made.get(kind, 0) + 1


def stamp_of(row: Any) -> Stamp:
    """The stamp of a row (or of the like columns), as the rules know it."""
    return Stamp(row.kind, row.at, row.way, row.place_verdict, row.grade)


def window_of(shift: Shift) -> Window:
    """The planned window of a shift."""
    return Window(shift.starts_at, shift.ends_at)


def seat_at(
    shift_id: int, volunteer_id: int, *, at: datetime, policy: Policy | None = None
) -> Seat:
    """The seat of a person on a shift, with the gate that judges a stamp: one select.

    Raises Refused ``not_found`` when there is no such shift or person.
    """
    seats = _seats(shift_id, [volunteer_id], at=at, policy=policy or policy_on(local_date(at)))
    if not seats:
        raise Refused("not_found", "没有找到这个班次。", "请从“班次”重新进入。", status=404)
    return seats[0]


def seats_at(
    shift_id: int, volunteer_ids: list[int], *, at: datetime, policy: Policy | None = None
) -> list[Seat]:
    """The seats of several people on one shift, in one select."""
    return _seats(shift_id, volunteer_ids, at=at, policy=policy or policy_on(local_date(at)))


def _consents() -> Any:
    """How many live consents to being located the person gave: one or none."""
    return (
        select(func.count())
        .select_from(Consent)
        .where(
            Consent.volunteer_id == Volunteer.id,
            Consent.purpose == ConsentPurpose.LOCATION,
            Consent.withdrawn_at.is_(None),
        )
        .scalar_subquery()
    )


@cache
def _rows() -> Any:
    """One row for each person and stamp; a person without stamps has one row. Built once: a check-in asks twice.

    Parameters ``shift``, ``people`` and ``since`` (stamps elsewhere before it are not remembered).
    """
    other = aliased(Shift)
    return (
        select(
            *(Shift, Activity, ActivityKind, CheckPoint, Volunteer, Assignment, _consents()),
            *(CheckIn, StampCancellation.stamp_id),
            *(other.starts_at, other.ends_at, other.activity_id, other.service_on),
        )
        .join(Activity, Activity.id == Shift.activity_id)
        .join(ActivityKind, ActivityKind.id == Activity.kind_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .join(Volunteer, Volunteer.id.in_(bindparam("people", expanding=True)))
        .outerjoin(
            Assignment,
            and_(Assignment.shift_id == Shift.id, Assignment.volunteer_id == Volunteer.id),
        )
        .outerjoin(
            CheckIn,
            and_(
                CheckIn.volunteer_id == Volunteer.id,
                or_(CheckIn.shift_id == Shift.id, CheckIn.at >= bindparam("since")),
            ),
        )
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .outerjoin(other, other.id == CheckIn.shift_id)
        .where(Shift.id == bindparam("shift"))
        .order_by(Volunteer.id, CheckIn.at, CheckIn.id)
        .execution_options(populate_existing=True)
    )


def _seats(shift_id: int, people: list[int], *, at: datetime, policy: Policy) -> list[Seat]:
    asked = {"shift": shift_id, "people": people, "since": at - REMEMBERED}
    rows = db.session.execute(_rows(), asked).all()
    by_person: dict[int, list[Any]] = {}
    for row in rows:
        by_person.setdefault(row[4].id, []).append(row)
    return [_seat(found, policy) for found in by_person.values()]


def _is_minor(volunteer: Volunteer, on: date) -> bool:
    """A minor is never located, whoever agreed to it."""
    return volunteer.birth_year is not None and on.year - volunteer.birth_year < STANDARD.adult_age


def _seat(rows: list[Any], policy: Policy) -> Seat:
    shift, activity, kind, point, volunteer, assignment, consents = rows[0][:7]
    here: list[CheckIn] = []
    made: dict[StampKind, int] = {}
    elsewhere: list[Elsewhere] = []
    for row in rows:
        stamp, cancelled, starts_at, ends_at, activity_id, service_on = row[7:]
        if stamp is None:
            continue
        if stamp.shift_id == shift.id:
            made[stamp.kind] = made.get(stamp.kind, 0) + 1
            if cancelled is None:
                here.append(stamp)
        elif cancelled is None:
            is_same = activity_id == activity.id and service_on == shift.service_on
            window = Window(starts_at, ends_at)
            elsewhere.append((stamp.shift_id, window, is_same, stamp_of(stamp)))
    gate = gate_of(
        window=window_of(shift),
        states=(shift.state, assignment.state if assignment is not None else None),
        cause=shift.cancel_cause or (assignment.cancel_cause if assignment else None),
        here=[stamp_of(row) for row in here],
        elsewhere=elsewhere,
        policy=policy,
    )
    return Seat(
        gate=gate,
        shift=shift,
        activity=activity,
        kind=kind,
        point=point,
        volunteer=volunteer,
        assignment=assignment,
        stamps=tuple(here),
        made=made,
        may_locate=bool(consents) and not _is_minor(volunteer, shift.service_on),
    )


Elsewhere = tuple[int, Window, bool, Stamp]
"""A stamp on another shift: which, its window, whether it is the same activity on the same day, the stamp."""


def gate_of(
    *,
    window: Window,
    states: tuple[ShiftState, AssignmentState | None],
    cause: CancelCause | None,
    here: Sequence[Stamp],
    elsewhere: Sequence[Elsewhere],
    policy: Policy,
) -> Gate:
    """The gate that judges a stamp, from the stamps that count here and on other shifts."""
    by_shift: dict[int, list[Elsewhere]] = {}
    for one in elsewhere:
        by_shift.setdefault(one[0], []).append(one)
    open_window: Window | None = None
    pairs = _closed(here)
    for group in by_shift.values():
        stays = rules.intervals_of(one[3] for one in group)
        if stays and stays[-1].went is None:
            open_window = group[0][1]
        if group[0][2]:
            pairs += sum(stay.went is not None for stay in stays)
    return Gate(
        window=window,
        shift_state=states[0],
        assignment=states[1],
        cancel_cause=cause,
        stamps=tuple(here),
        elsewhere=open_window,
        pairs_today=pairs,
        policy=policy,
    )


def _closed(stamps: Any) -> int:
    return sum(stay.went is not None for stay in rules.intervals_of(stamps))


def hold_seat(shift_id: int, volunteer_id: int) -> None:
    """Keep the shift from being settled and the seat from being stamped by anybody else meanwhile.

    Row locks on PostgreSQL; on SQLite the writer holds the database already. The unique constraint on
    ``(assignment_id, kind, round)`` stands behind it.
    """
    if db.session.get_bind().dialect.name == "sqlite":
        return
    db.session.execute(select(Shift.id).where(Shift.id == shift_id).with_for_update(read=True))
    db.session.execute(
        select(Assignment.id)
        .where(Assignment.shift_id == shift_id, Assignment.volunteer_id == volunteer_id)
        .with_for_update()
    )


def stamp_by_nonce(nonce: str) -> CheckIn | None:
    """The stamp that was made with this nonce, if any: the same tap sent twice."""
    return db.session.scalar(select(CheckIn).where(CheckIn.nonce == nonce))


def stamp_by_id(stamp_id: int) -> CheckIn | None:
    """A stamp that was not taken back."""
    return db.session.scalar(
        select(CheckIn)
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .where(CheckIn.id == stamp_id, StampCancellation.stamp_id.is_(None))
    )


def secret_of_shift(shift_id: int) -> tuple[bytes, int] | None:
    """The secret of the point at which a shift stands, and the point."""
    row = db.session.execute(
        select(CheckPoint.secret, CheckPoint.id)
        .join(Shift, Shift.point_id == CheckPoint.id)
        .where(Shift.id == shift_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def secret_of_point(point_id: int) -> bytes | None:
    """The secret of a point, with which its poster was signed."""
    return db.session.scalar(select(CheckPoint.secret).where(CheckPoint.id == point_id))


def secret_of_person(volunteer_id: int) -> bytes | None:
    """The secret with which a person's own code is signed."""
    return db.session.scalar(select(Volunteer.personal_secret).where(Volunteer.id == volunteer_id))


def card_of_person(volunteer_id: int) -> tuple[bytes, int] | None:
    """The secret with which a person's paper card is signed and the number of the card that is valid."""
    row = db.session.execute(
        select(Volunteer.personal_secret, Volunteer.card_issue).where(Volunteer.id == volunteer_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


@dataclass(frozen=True, slots=True)
class Near:
    """A duty of a person around now, and the secret of its point."""

    shift_id: int
    point_id: int
    secret: bytes
    window: Window
    is_seated: bool


def duties_around(volunteer_id: int, *, at: datetime, point_id: int | None = None) -> list[Near]:
    """The duties of a person within half a day, the nearest first; at one point, or anywhere."""
    statement = (
        select(
            Shift.id,
            Shift.point_id,
            CheckPoint.secret,
            Shift.starts_at,
            Shift.ends_at,
            Assignment.state,
        )
        .join(Assignment, Assignment.shift_id == Shift.id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(
            Assignment.volunteer_id == volunteer_id,
            Shift.state == ShiftState.PUBLISHED,
            Shift.starts_at <= at + AROUND,
            Shift.ends_at >= at - AROUND,
        )
    )
    if point_id is not None:
        statement = statement.where(Shift.point_id == point_id)
    found = [
        Near(
            shift_id=row[0],
            point_id=row[1],
            secret=row[2],
            window=Window(row[3], row[4]),
            is_seated=row[5] in (AssignmentState.PROPOSED, AssignmentState.ACCEPTED),
        )
        for row in db.session.execute(statement)
    ]

    def distance(near: Near) -> tuple[bool, float, int]:
        outside = max(near.window.starts_at - at, at - near.window.ends_at, timedelta(0))
        return (not near.is_seated, outside.total_seconds(), near.shift_id)

    return sorted(found, key=distance)


def others_on_device(shift: Shift, *, device_id: int, volunteer_id: int, at: datetime) -> int:
    """How many other people stamped with this phone in the same activity within the last day.

    A phone is known by its mark, whoever signs in on it; a session without one only equals itself.
    """
    mark = select(DeviceSession.mark).where(DeviceSession.id == device_id).scalar_subquery()
    phone = select(DeviceSession.id).where(
        or_(DeviceSession.id == device_id, DeviceSession.mark == mark)
    )
    count = db.session.scalar(
        select(func.count(func.distinct(CheckIn.volunteer_id)))
        .join(Shift, Shift.id == CheckIn.shift_id)
        .where(
            CheckIn.device_id.in_(phone),
            CheckIn.volunteer_id != volunteer_id,
            CheckIn.at >= at - timedelta(days=1),
            Shift.activity_id == shift.activity_id,
        )
    )
    return count or 0
