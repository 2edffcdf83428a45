"""One person (志愿者页): who it is, what they can, when they can, what they did, what was decided about them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain.access import Act, Actor
from volunteer.domain.identity import mask_number_inside
from volunteer.domain.policy import STANDARD
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import EntryKind, Nature, Role
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import (
    Account,
    Consent,
    Invitation,
    Pause,
    Unit,
    Volunteer,
)
from volunteer.models.places import Community
from volunteer.queries.people.holdings import (
    LAST,
    DutyLine,
    SkillLine,
    Week,
    apart_of,
    consents_of,
    duties_of,
    live_invitation,
    pauses_of,
    roles_of,
    skills_of,
    week_of_person,
    wishes_of,
)
from volunteer.queries.people.listing import masked_phone
from volunteer.queries.scope import visible

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
    """Minutes of the year, minutes ever, and how often, from the ledger: what was reversed is no time."""
    of_year = LedgerEntry.service_on.between(date(on.year, 1, 1), date(on.year, 12, 31))
    year, ever, records = db.session.execute(
        select(
            func.coalesce(func.sum(LedgerEntry.minutes).filter(of_year), 0),
            func.coalesce(func.sum(LedgerEntry.minutes), 0),
            func.count().filter(LedgerEntry.kind == EntryKind.CREDIT)
            - func.count().filter(LedgerEntry.kind == EntryKind.REVERSAL),
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


def _history(volunteer_id: int) -> list[AuditEntry]:
    statement: Any = (
        select(AuditEntry)
        .where(AuditEntry.subject == "volunteer", AuditEntry.subject_id == volunteer_id)
        .order_by(AuditEntry.id.desc())
        .limit(LINES)
    )
    return list(db.session.scalars(statement))


def login_of(volunteer_id: int) -> Account:
    """The login of a person whom the actor was already allowed to see.

    Raises Refused ``no_login``.
    """
    account = db.session.scalar(select(Account).where(Account.volunteer_id == volunteer_id))
    if account is None:
        raise Refused("no_login", "这个人还没有登录账号。", "请先邀请本人确认资料。")
    return account


def person_by_number(actor: Actor, number: str) -> Volunteer:
    """The person of a number within the actor's reach.

    Raises Refused ``nobody_meant`` at the field ``other``.
    """
    found = db.session.scalar(
        visible(
            select(Volunteer).where(Volunteer.number == number.strip().upper()),
            actor,
            Act.MANAGE_PEOPLE,
            unit=Volunteer.unit_id,
        )
    )
    if found is None:
        raise Refused(
            "nobody_meant",
            "没有找到这个编号。",
            "请核对另一份资料的编号。",
            field="other",
            status=422,
        )
    return found
