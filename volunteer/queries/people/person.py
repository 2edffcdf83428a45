"""One person (志愿者页): who it is, what they can, when they can, what they did, what was decided about them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain.access import Act, Actor
from volunteer.domain.identity import mask_number_inside
from volunteer.domain.policy import STANDARD
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, Nature, Role
from volunteer.domain.timekeeping import local_date
from volunteer.domain.week import FreeWindow, Shade, grid
from volunteer.models.activities import Activity, ActivityKind, Shift, Wish
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import LedgerEntry, ServiceRecord
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
    Unit,
    Volunteer,
)
from volunteer.models.places import CheckPoint, Community
from volunteer.models.rosters import Assignment
from volunteer.queries.people.listing import masked_phone
from volunteer.queries.scope import visible

SEATED = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
LAST = 10
"""Records and duties shown on a page."""
LINES = 40
"""Lines of history shown on a page."""


def no_such_person() -> Refused:
    """What is said of a person who is not there, or is another unit's."""
    return Refused("not_found", "没有找到这位志愿者。", "请从志愿者名单重新进入。", status=404)


def volunteer_for(actor: Actor, volunteer_id: int, act: Act = Act.VIEW_PEOPLE) -> Volunteer:
    """One person whom the actor reaches in this act.

    Raises Refused ``not_found`` (404), for another unit's person too.
    """
    found = db.session.scalar(
        visible(
            select(Volunteer).where(Volunteer.id == volunteer_id),
            actor,
            act,
            unit=Volunteer.unit_id,
        )
    )
    if found is None:
        raise no_such_person()
    return found


def locked_volunteer(volunteer_id: int) -> Volunteer:
    """The newest row of a person, locked for writing where the database can.

    Raises Refused ``not_found`` (404).
    """
    found = db.session.scalar(
        select(Volunteer)
        .where(Volunteer.id == volunteer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise no_such_person()
    return found


def is_minor_on(volunteer: Volunteer, on: date) -> bool:
    """Whether the person does not reach the age of majority before the year ends."""
    return volunteer.birth_year is not None and on.year - volunteer.birth_year < STANDARD.adult_age


def profile_ids(volunteer_id: int) -> list[int]:
    """All profiles of one person: the kept one and those that were merged into it."""
    return list(
        db.session.scalars(
            select(Volunteer.id).where(
                or_(Volunteer.id == volunteer_id, Volunteer.merged_into_id == volunteer_id)
            )
        )
    )


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


@dataclass(frozen=True, slots=True)
class PersonPage:
    """All that the page of one person shows; numbers and phones are masked."""

    volunteer: Volunteer
    unit_name: str
    community_name: str
    phone: str
    number: str
    guardian_phone: str
    is_minor: bool
    merged_into: Volunteer | None
    account: Account | None
    roles: list[tuple[int, Role]]
    skills: list[SkillLine]
    week: Week
    wishes: list[tuple[str, int]]
    duties: list[DutyLine]
    records: list[ServiceRecord]
    minutes_of_year: int
    minutes: int
    times: int
    consents: list[Consent]
    pauses: list[Pause]
    apart: list[tuple[int, int, str]]
    invitation: Invitation | None
    history: list[AuditEntry]


def person_page(actor: Actor, volunteer_id: int, *, at: datetime) -> PersonPage:
    """The page of a person whom the actor may see.

    Raises Refused ``not_found`` (404).
    """
    person = volunteer_for(actor, volunteer_id)
    on = local_date(at)
    unit_name, community = db.session.execute(
        select(Unit.name, Community.name)
        .select_from(Volunteer)
        .join(Unit, Unit.id == Volunteer.unit_id)
        .outerjoin(Community, Community.id == Volunteer.community_id)
        .where(Volunteer.id == person.id)
    ).one()
    account = db.session.scalar(select(Account).where(Account.volunteer_id == person.id))
    profiles = profile_ids(person.id)
    sums = _hours(profiles, on)
    id_number = decrypt(person.id_cipher)
    return PersonPage(
        volunteer=person,
        unit_name=unit_name,
        community_name=community or "",
        phone=masked_phone(person.phone_cipher),
        number=mask_number_inside(id_number) if id_number else "",
        guardian_phone=masked_phone(person.guardian_phone_cipher),
        is_minor=is_minor_on(person, on),
        merged_into=db.session.get(Volunteer, person.merged_into_id)
        if person.merged_into_id
        else None,
        account=account,
        roles=roles_of(account.id) if account else [],
        skills=skills_of(person.id),
        week=week_of_person(person.id, on=on),
        wishes=wishes_of(person.id),
        duties=duties_of(person.id, at=at),
        records=_records(profiles),
        minutes_of_year=sums[0],
        minutes=sums[1],
        times=sums[2],
        consents=consents_of(person.id),
        pauses=pauses_of(person.id),
        apart=apart_of(person.id),
        invitation=live_invitation(person.id, at=at),
        history=_history(person.id),
    )


def _hours(profiles: list[int], on: date) -> tuple[int, int, int]:
    """Minutes of the year, minutes ever, and how many records there are, from the ledger."""
    of_year = LedgerEntry.service_on.between(date(on.year, 1, 1), date(on.year, 12, 31))
    year, ever, records = db.session.execute(
        select(
            func.coalesce(func.sum(LedgerEntry.minutes).filter(of_year), 0),
            func.coalesce(func.sum(LedgerEntry.minutes), 0),
            func.count(func.distinct(LedgerEntry.record_id)),
        ).where(LedgerEntry.volunteer_id.in_(profiles), LedgerEntry.nature == Nature.VOLUNTEER)
    ).one()
    return int(year), int(ever), int(records)


def _records(profiles: list[int]) -> list[ServiceRecord]:
    newer = aliased(ServiceRecord)
    return list(
        db.session.scalars(
            select(ServiceRecord)
            .outerjoin(newer, newer.replaces_id == ServiceRecord.id)
            .where(ServiceRecord.volunteer_id.in_(profiles), newer.id.is_(None))
            .order_by(ServiceRecord.service_on.desc(), ServiceRecord.id.desc())
            .limit(LAST)
        )
    )


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


def _history(volunteer_id: int) -> list[AuditEntry]:
    statement: Any = (
        select(AuditEntry)
        .where(AuditEntry.subject == "volunteer", AuditEntry.subject_id == volunteer_id)
        .order_by(AuditEntry.id.desc())
        .limit(LINES)
    )
    return list(db.session.scalars(statement))
