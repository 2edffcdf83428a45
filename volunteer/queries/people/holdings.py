"""What belongs to a person (个人明细): skills, week, wishes, duties, receipts, pauses, pairs, roles, links.

Whoever calls these was already allowed to see the person.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain.terms import AssignmentState, Role
from volunteer.domain.week import FreeWindow, Shade, grid
from volunteer.models.activities import Activity, ActivityKind, Shift, Wish
from volunteer.models.base import db
from volunteer.models.people import (
    Account,
    Apart,
    Availability,
    AvailabilityException,
    Consent,
    Invitation,
    Pause,
    Qualification,
    RoleGrant,
    Skill,
    Volunteer,
)
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment

SEATED = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
LAST = 10
"""Records and duties shown on a page."""


@dataclass(frozen=True, slots=True)
class SkillLine:
    """A skill of a person: until when, who confirmed it and when."""

    id: int
    name: str
    expires_on: date | None
    confirmed_by: str
    confirmed_at: datetime

    def is_over(self, on: date) -> bool:
        """Whether it has expired by a day."""
        return self.expires_on is not None and self.expires_on < on


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A seat of a person: when, where, what, and what they said."""

    shift_id: int
    starts_at: datetime
    ends_at: datetime
    point_name: str
    kind_name: str
    hue: str
    title: str
    state: AssignmentState


@dataclass(frozen=True, slots=True)
class Week:
    """Availability of a person: the grid, the exact windows, and the dated exceptions to come."""

    shades: dict[tuple[int, str], Shade]
    windows: list[FreeWindow]
    exceptions: list[AvailabilityException]


def skills_of(volunteer_id: int) -> list[SkillLine]:
    """The skills of a person, expired ones among them."""
    rows = db.session.execute(
        select(Qualification, Skill.name, Account.name)
        .join(Skill, Skill.id == Qualification.skill_id)
        .outerjoin(Account, Account.id == Qualification.confirmed_by_id)
        .where(Qualification.volunteer_id == volunteer_id)
        .order_by(Skill.id)
    )
    return [
        SkillLine(held.id, name, held.expires_on, by or "", held.confirmed_at)
        for held, name, by in rows
    ]


def windows_of(volunteer_id: int) -> list[FreeWindow]:
    """The weekly windows of a person in order."""
    rows = db.session.execute(
        select(
            Availability.weekday,
            Availability.start_minute,
            Availability.end_minute,
            Availability.level,
        )
        .where(Availability.volunteer_id == volunteer_id)
        .order_by(Availability.weekday, Availability.start_minute)
    )
    return [FreeWindow(*row) for row in rows]


def week_of_person(volunteer_id: int, *, on: date) -> Week:
    """The week of a person, with exceptions from this day on."""
    windows = windows_of(volunteer_id)
    exceptions = db.session.scalars(
        select(AvailabilityException)
        .where(
            AvailabilityException.volunteer_id == volunteer_id,
            AvailabilityException.on_date >= on,
        )
        .order_by(AvailabilityException.on_date, AvailabilityException.start_minute)
        .limit(60)
    )
    return Week(grid(windows), windows, list(exceptions))


def wishes_of(volunteer_id: int) -> list[tuple[str, int]]:
    """What a person said about kinds of service, as (kind, cost 0 loves to 3 rather not)."""
    rows = db.session.execute(
        select(ActivityKind.name, Wish.cost)
        .join(ActivityKind, ActivityKind.id == Wish.kind_id)
        .where(Wish.volunteer_id == volunteer_id, ActivityKind.is_active)
        .order_by(Wish.cost, ActivityKind.name)
    )
    return [(row[0], row[1]) for row in rows]


def duties_of(volunteer_id: int, *, at: datetime, most: int = LAST) -> list[DutyLine]:
    """The next seats of a person, soonest first."""
    rows = db.session.execute(
        select(
            Shift.id,
            Shift.starts_at,
            Shift.ends_at,
            CheckPoint.name,
            ActivityKind.name,
            ActivityKind.hue,
            Activity.title,
            Assignment.state,
        )
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(ActivityKind, ActivityKind.id == Activity.kind_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(
            Assignment.volunteer_id == volunteer_id,
            Assignment.state.in_(SEATED),
            Shift.ends_at > at,
        )
        .order_by(Shift.starts_at)
        .limit(most)
    )
    return [DutyLine(*row) for row in rows]


def consents_of(volunteer_id: int) -> list[Consent]:
    """All receipts of a person, newest first, withdrawn ones among them."""
    return list(
        db.session.scalars(
            select(Consent)
            .where(Consent.volunteer_id == volunteer_id)
            .order_by(Consent.given_at.desc(), Consent.id.desc())
        )
    )


def pauses_of(volunteer_id: int) -> list[Pause]:
    """The pauses of a person, newest first."""
    return list(
        db.session.scalars(
            select(Pause)
            .where(Pause.volunteer_id == volunteer_id)
            .order_by(Pause.since_on.desc(), Pause.id.desc())
            .limit(LAST)
        )
    )


def apart_of(volunteer_id: int) -> list[tuple[int, int, str]]:
    """With whom a person must not serve, as (pair, other person, name)."""
    other = aliased(Volunteer)
    rows = db.session.execute(
        select(Apart.id, other.id, other.name)
        .join(
            other,
            or_(
                and_(Apart.first_id == volunteer_id, other.id == Apart.second_id),
                and_(Apart.second_id == volunteer_id, other.id == Apart.first_id),
            ),
        )
        .order_by(Apart.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def roles_of(account_id: int) -> list[tuple[int, Role]]:
    """The live roles of an account, as (grant, role)."""
    rows = db.session.execute(
        select(RoleGrant.id, RoleGrant.role)
        .where(RoleGrant.account_id == account_id, RoleGrant.revoked_at.is_(None))
        .order_by(RoleGrant.id)
    )
    return [(row[0], row[1]) for row in rows]


def live_invitation(volunteer_id: int, *, at: datetime) -> Invitation | None:
    """The newest link of a person that still opens."""
    return db.session.scalar(
        select(Invitation)
        .where(
            Invitation.volunteer_id == volunteer_id,
            Invitation.revoked_at.is_(None),
            Invitation.uses_left > 0,
            Invitation.expires_at > at,
        )
        .order_by(Invitation.id.desc())
        .limit(1)
    )
