"""The site (现场): the shifts of a day with their heads, and who of one shift is here, late, missing or gone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain.access import Act, Actor
from volunteer.domain.attendance import attendance_of, intervals_of
from volunteer.domain.identity import local_phone
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    Attendance,
    ShiftState,
    StampKind,
    VolunteerState,
)
from volunteer.models.activities import Activity, ActivityKind, JointUnit, Shift
from volunteer.models.attendance import AttendanceNote, CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.queries.attendance import AROUND, Seat, seats_at, stamp_of
from volunteer.queries.scope import visible

SEATED = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
PAGE = 30


def _dialled(phone: str | None) -> str | None:
    """A stored number as people dial it."""
    return local_phone(phone) if phone else None


@dataclass(frozen=True, slots=True)
class Site:
    """One shift as its leader sees it."""

    shift: Shift
    activity: Activity
    kind: ActivityKind
    point: CheckPoint
    unit: Unit
    leader: Volunteer | None

    @property
    def leader_phone(self) -> str | None:
        """The leader's number, for a call by one tap."""
        return _dialled(decrypt(self.leader.phone_cipher)) if self.leader else None


def site_rows() -> Select[Any]:
    """Shifts with all that a site shows of them."""
    joined: Any = (
        select(Shift, Activity, ActivityKind, CheckPoint, Unit, Volunteer)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(ActivityKind, ActivityKind.id == Activity.kind_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .join(Unit, Unit.id == Activity.unit_id)
        .outerjoin(Volunteer, Volunteer.id == Shift.leader_id)
    )
    return joined


def site_of(actor: Actor, shift_id: int, *, act: Act = Act.VIEW_ATTENDANCE) -> Site:
    """The site of a shift within the actor's reach.

    Raises Refused ``not_found``.
    """
    statement = visible(
        site_rows().where(Shift.id == shift_id), actor, act, unit=Activity.unit_id, shift=Shift.id
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise Refused("not_found", "没有找到这个班次。", "请从“现场”重新进入。", status=404)
    return Site(*row)


def _last_stamps() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The instants of the last check-in and the last check-out of a group."""
    return (
        func.max(case((CheckIn.kind == StampKind.IN, CheckIn.at))),
        func.max(case((CheckIn.kind == StampKind.OUT, CheckIn.at))),
    )


def stands_in() -> ColumnElement[bool]:
    """Whether the last stamp in time of a group is a check-in: somebody stands checked in.

    Sums would not do: the same check-in may have been made twice, by two phones without a signal.
    """
    last_in, last_out = _last_stamps()
    return and_(last_in.is_not(None), or_(last_out.is_(None), last_in > last_out))


@dataclass(frozen=True, slots=True)
class SitePerson:
    """One person of a shift: where they stand, since when, what was marked, and how to call them."""

    seat: Seat
    unit_name: str
    phone: str | None
    attendance: Attendance
    is_due: bool
    note: str
    note_reason: str

    @property
    def late_minutes(self) -> int:
        """Minutes late at the first check-in."""
        return next((s.late_minutes for s in self.seat.stamps if s.kind is StampKind.IN), 0)

    @property
    def is_missing(self) -> bool:
        """The shift has begun, or is over, without them."""
        return self.is_due or self.attendance is Attendance.ABSENT

    @property
    def came_at(self) -> datetime | None:
        """When the person came first."""
        stays = intervals_of(self.seat.gate.stamps)
        return stays[0].came.at if stays else None

    @property
    def went_at(self) -> datetime | None:
        """When the person went last, if they are gone."""
        stays = intervals_of(self.seat.gate.stamps)
        return stays[-1].went.at if stays and stays[-1].went else None


def site_people(shift_id: int, *, at: datetime) -> list[SitePerson]:
    """Everyone on the list of a shift and everyone who stamped, by unit and name: three statements."""
    rows = db.session.execute(
        select(Volunteer.id, Unit.name)
        .join(Assignment, Assignment.volunteer_id == Volunteer.id)
        .join(Unit, Unit.id == Assignment.unit_id)
        .where(Assignment.shift_id == shift_id)
    ).all()
    units = {row[0]: row[1] for row in rows}
    if not units:
        return []
    notes = _notes(shift_id)
    people = []
    for seat in seats_at(shift_id, list(units), at=at):
        assert seat.assignment is not None
        verdict, reason = notes.get(seat.assignment.id, ("", ""))
        if seat.assignment.state not in SEATED and not seat.stamps and verdict != "excused":
            continue
        standing = _standing(seat, verdict, at)
        people.append(
            SitePerson(
                seat=seat,
                unit_name=units[seat.volunteer.id],
                phone=_dialled(decrypt(seat.volunteer.phone_cipher)),
                attendance=standing,
                is_due=standing is Attendance.EXPECTED and at >= seat.shift.starts_at,
                note=verdict,
                note_reason=reason,
            )
        )
    return sorted(people, key=_urgency)


_ORDER = (Attendance.PRESENT, Attendance.EXPECTED, Attendance.LEFT, Attendance.AUTO_CLOSED)


def _urgency(one: SitePerson) -> tuple[bool, int, str, str]:
    """Who is missing comes first: that is what the leader can still change."""
    order = _ORDER.index(one.attendance) if one.attendance in _ORDER else len(_ORDER)
    volunteer = one.seat.volunteer
    return (not one.is_missing, order, one.unit_name, volunteer.pinyin or volunteer.name)


def _standing(seat: Seat, verdict: str, at: datetime) -> Attendance:
    if not seat.stamps and verdict == "excused":
        return Attendance.EXCUSED
    if not seat.stamps and verdict == "absent":
        return Attendance.ABSENT
    return attendance_of(seat.gate, at)


def _notes(shift_id: int) -> dict[int, tuple[str, str]]:
    """The newest mark of each seat of a shift, by the instant at which it was said; a cleared one is none."""
    rows = db.session.execute(
        select(AttendanceNote.assignment_id, AttendanceNote.verdict, AttendanceNote.reason)
        .join(Assignment, Assignment.id == AttendanceNote.assignment_id)
        .where(Assignment.shift_id == shift_id)
        .order_by(AttendanceNote.at, AttendanceNote.id)
    )
    newest = {row[0]: (row[1], row[2]) for row in rows}
    return {seat: said for seat, said in newest.items() if said[0] != "cleared"}


def notes_of(shift_id: int) -> dict[int, tuple[str, str]]:
    """The mark (``excused`` or ``absent``) and its reason of each seat of a shift that has one."""
    return _notes(shift_id)


def is_noted(assignment_id: int) -> bool:
    """Whether a mark stands on this seat."""
    verdict = db.session.scalar(
        select(AttendanceNote.verdict)
        .where(AttendanceNote.assignment_id == assignment_id)
        .order_by(AttendanceNote.at.desc(), AttendanceNote.id.desc())
        .limit(1)
    )
    return verdict not in (None, "cleared")


def people_present(shift_id: int) -> list[int]:
    """Who stands checked in on a shift; of stamps of one instant the rules of pairing say which came last."""
    last_in, last_out = _last_stamps()
    rows = db.session.execute(
        select(CheckIn.volunteer_id, last_in == last_out)
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .where(CheckIn.shift_id == shift_id, StampCancellation.stamp_id.is_(None))
        .group_by(CheckIn.volunteer_id)
        .having(and_(last_in.is_not(None), or_(last_out.is_(None), last_in >= last_out)))
        .order_by(CheckIn.volunteer_id)
    ).all()
    return [person for person, is_tied in rows if not is_tied or _is_still_in(shift_id, person)]


def _is_still_in(shift_id: int, volunteer_id: int) -> bool:
    rows = db.session.scalars(
        select(CheckIn)
        .outerjoin(StampCancellation, StampCancellation.stamp_id == CheckIn.id)
        .where(
            CheckIn.shift_id == shift_id,
            CheckIn.volunteer_id == volunteer_id,
            StampCancellation.stamp_id.is_(None),
        )
    )
    stays = intervals_of(stamp_of(row) for row in rows)
    return bool(stays) and stays[-1].went is None


def personal_secrets(actor: Actor, shift_id: int) -> dict[int, bytes]:
    """The secrets of the people on a shift that the actor runs, to tell whose figures were typed.

    Raises Refused ``not_found``.
    """
    site_of(actor, shift_id, act=Act.RUN_ONSITE)
    return secrets_on(shift_id)


def secrets_on(shift_id: int) -> dict[int, bytes]:
    """The secrets of the people on a shift, for whoever has been found to run or to have led it."""
    rows = db.session.execute(
        select(Volunteer.id, Volunteer.personal_secret)
        .join(Assignment, Assignment.volunteer_id == Volunteer.id)
        .where(Assignment.shift_id == shift_id)
    )
    return {row[0]: row[1] for row in rows}


def addable_people(
    actor: Actor, shift_id: int, *, q: str = "", ids: list[int] | None = None
) -> list[tuple[Volunteer, Unit]]:
    """Volunteers of the organizing and the joint units who are not on the list, by name; at most twenty.

    Raises Refused ``not_found`` when the actor does not run the shift.
    """
    site = site_of(actor, shift_id, act=Act.RUN_ONSITE)
    joint = select(JointUnit.unit_id).where(JointUnit.activity_id == site.activity.id)
    seat = aliased(Assignment)
    statement = (
        select(Volunteer, Unit)
        .join(Unit, Unit.id == Volunteer.unit_id)
        .outerjoin(
            seat,
            and_(
                seat.shift_id == shift_id, seat.volunteer_id == Volunteer.id, seat.state.in_(SEATED)
            ),
        )
        .where(
            or_(Volunteer.unit_id == site.activity.unit_id, Volunteer.unit_id.in_(joint)),
        )
    )
    if ids is not None:
        statement = statement.where(Volunteer.id.in_(ids))
    else:
        statement = statement.where(seat.id.is_(None), Volunteer.state == VolunteerState.ACTIVE)
    if q:
        statement = statement.where(
            or_(
                Volunteer.name.like(f"%{q}%"),
                Volunteer.pinyin.like(f"{q.lower()}%"),
                Volunteer.number == q.upper(),
            )
        )
    rows = db.session.execute(statement.order_by(Volunteer.name, Volunteer.id).limit(20))
    return [(row[0], row[1]) for row in rows]


def sites_for(actor: Actor, volunteer_id: int, *, at: datetime) -> list[Site]:
    """The shifts within reach on which this person has a seat around now, the nearest first."""
    statement = visible(
        site_rows()
        .join(Assignment, Assignment.shift_id == Shift.id)
        .where(
            Assignment.volunteer_id == volunteer_id,
            Shift.state == ShiftState.PUBLISHED,
            Shift.starts_at <= at + AROUND,
            Shift.ends_at >= at - AROUND,
        ),
        actor,
        Act.RUN_ONSITE,
        unit=Activity.unit_id,
        shift=Shift.id,
    )
    sites = [Site(*row) for row in db.session.execute(statement)]
    return sorted(sites, key=lambda site: abs((site.shift.starts_at - at).total_seconds()))
