"""The duties of one person (我的班次): the next one and what to do about it, the list, and one in full."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select, and_, func, or_, select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.attendance import Interval, intervals_of
from volunteer.domain.duty import next_step
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, NextStep, ShiftState
from volunteer.domain.timekeeping import Window, local_date
from volunteer.models.activities import Activity, ActivityKind, Shift
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.queries.attendance import Seat, seat_at
from volunteer.queries.policy import policy_on

SEATED = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
PAGE = 20
LINGERS = timedelta(minutes=60)
"""How long a finished duty stays the next one, so that a check-out is not forgotten."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One seat of the person, as a line of a list."""

    shift: Shift
    activity: Activity
    kind: ActivityKind
    point: CheckPoint
    unit: Unit
    assignment: Assignment

    @property
    def state(self) -> str:
        """What stands on the card in a word."""
        if self.shift.state is ShiftState.CANCELLED:
            return ShiftState.CANCELLED.label
        if self.shift.state is ShiftState.SETTLED:
            return ShiftState.SETTLED.label
        return self.assignment.state.label


@dataclass(frozen=True, slots=True)
class DutyCard:
    """One duty in full: the seat, what to do now, who stands beside, whom to call."""

    seat: Seat
    unit: Unit
    step: NextStep
    mates: list[tuple[str, str]]
    leader_name: str
    leader_phone: str | None

    @property
    def stays(self) -> list[Interval]:
        """When the person came to this duty and went, as far as it is known."""
        return intervals_of(self.seat.gate.stamps)

    @property
    def map_address(self) -> str:
        """A page of the person's own map app with the point on it; a tap leads there, nothing is sent."""
        point = self.seat.point
        if point.lat is None or point.lon is None:
            return ""
        asked = {
            "position": f"{point.lon},{point.lat}",
            "name": point.name,
            "coordinate": "wgs84",
            "callnative": "1",
        }
        return f"https://uri.amap.com/marker?{urlencode(asked)}"

    @property
    def kit(self) -> str:
        """What to bring, in one line."""
        return "、".join(str(part) for part in self.seat.kind.kit)

    @property
    def safety(self) -> str:
        """The words of safety of point, activity and kind, each once."""
        notes = [
            self.seat.point.safety_note,
            self.seat.activity.risk_note,
            self.seat.kind.safety_note,
        ]
        return "；".join(dict.fromkeys(note.strip("。； ") for note in notes if note.strip()))


def _myself(actor: Actor) -> int:
    require(actor, Act.OWN_DUTIES)
    assert actor.volunteer_id is not None, "only a volunteer holds this act"
    return actor.volunteer_id


def _mine(volunteer_id: int) -> Select[Any]:
    joined: Any = (
        select(Shift, Activity, ActivityKind, CheckPoint, Unit, Assignment)
        .join(Assignment, Assignment.shift_id == Shift.id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(ActivityKind, ActivityKind.id == Activity.kind_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(Assignment.volunteer_id == volunteer_id, Shift.state != ShiftState.PLANNED)
    )
    return joined


def next_duty(actor: Actor, *, at: datetime) -> DutyCard | None:
    """The duty that matters now: the one that runs or comes next, an accepted one before a proposal."""
    volunteer_id = _myself(actor)
    shift_id = db.session.scalar(
        select(Shift.id)
        .join(Assignment, Assignment.shift_id == Shift.id)
        .where(
            Assignment.volunteer_id == volunteer_id,
            Assignment.state.in_(SEATED),
            Shift.state == ShiftState.PUBLISHED,
            Shift.ends_at > at - LINGERS,
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(1)
    )
    card = duty_card(actor, shift_id, at=at) if shift_id is not None else None
    if card is None or card.step not in (NextStep.DONE, NextStep.MISSED):
        return card
    later = db.session.scalar(
        select(Shift.id)
        .join(Assignment, Assignment.shift_id == Shift.id)
        .where(
            Assignment.volunteer_id == volunteer_id,
            Assignment.state.in_(SEATED),
            Shift.state == ShiftState.PUBLISHED,
            Shift.starts_at > card.seat.shift.starts_at,
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(1)
    )
    return duty_card(actor, later, at=at) if later is not None else card


def duty_card(actor: Actor, shift_id: int, *, at: datetime) -> DutyCard:
    """One of the person's duties in full.

    Raises Refused ``not_found`` when the person has no seat there.
    """
    volunteer_id = _myself(actor)
    seat = seat_at(shift_id, volunteer_id, at=at, policy=policy_on(local_date(at)))
    if seat.assignment is None or seat.shift.state is ShiftState.PLANNED:
        raise Refused("not_found", "没有找到您的这个班次。", "请从“班次”重新进入。", status=404)
    rows = db.session.execute(
        select(Volunteer.id, Volunteer.name, Unit.name, Volunteer.phone_cipher, Assignment.state)
        .outerjoin(
            Assignment,
            and_(Assignment.volunteer_id == Volunteer.id, Assignment.shift_id == shift_id),
        )
        .join(Unit, Unit.id == Volunteer.unit_id)
        .where(or_(Assignment.state.in_(SEATED), Volunteer.id == seat.shift.leader_id))
        .order_by(Volunteer.id)
    ).all()
    leader = next((row for row in rows if row[0] == seat.shift.leader_id), None)
    unit = db.session.get(Unit, seat.activity.unit_id)
    assert unit is not None, "an activity has a unit"
    return DutyCard(
        seat=seat,
        unit=unit,
        step=next_step(seat.gate, at),
        mates=[(row[1], row[2]) for row in rows if row[0] != volunteer_id and row[4] in SEATED],
        leader_name=leader[1] if leader else seat.activity.contact_name,
        leader_phone=decrypt(leader[3]) if leader else seat.activity.contact_phone,
    )


def open_proposals(actor: Actor, *, at: datetime) -> list[Duty]:
    """Seats that wait for the person's answer, the soonest first; at most ten."""
    rows = db.session.execute(
        _mine(_myself(actor))
        .where(
            Assignment.state == AssignmentState.PROPOSED,
            Shift.state == ShiftState.PUBLISHED,
            Shift.starts_at > at,
        )
        .order_by(Shift.starts_at)
        .limit(10)
    )
    return [Duty(*row) for row in rows]


def coming_duties(actor: Actor, *, at: datetime, most: int = 50) -> list[Duty]:
    """The duties that are not over, the soonest first, called-off ones included."""
    rows = db.session.execute(
        _mine(_myself(actor))
        .where(
            Shift.ends_at > at,
            Assignment.state.not_in([AssignmentState.DECLINED, AssignmentState.EXPIRED]),
        )
        .order_by(Shift.starts_at)
        .limit(most)
    )
    return [Duty(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class DutyPage:
    """One page of past duties."""

    duties: list[Duty]
    total: int
    page: int
    pages: int


def past_duties(actor: Actor, *, at: datetime, page: int = 1) -> DutyPage:
    """The duties that are over, the newest first."""
    base = _mine(_myself(actor)).where(Shift.ends_at <= at)
    total = db.session.scalar(base.with_only_columns(func.count())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = db.session.execute(
        base.order_by(Shift.starts_at.desc(), Shift.id).limit(PAGE).offset((page - 1) * PAGE)
    )
    return DutyPage([Duty(*row) for row in rows], total, page, pages)


def overlapping_duty(volunteer_id: int, window: Window, *, besides: int) -> Window | None:
    """Another accepted duty of the person that shares time with this window, if there is one."""
    row = db.session.execute(
        select(Shift.starts_at, Shift.ends_at)
        .join(Assignment, Assignment.shift_id == Shift.id)
        .where(
            Assignment.volunteer_id == volunteer_id,
            Assignment.state == AssignmentState.ACCEPTED,
            Shift.id != besides,
            Shift.state == ShiftState.PUBLISHED,
            Shift.starts_at < window.ends_at,
            Shift.ends_at > window.starts_at,
        )
        .limit(1)
    ).one_or_none()
    return None if row is None else Window(row[0], row[1])
