"""The city at a glance (城市概况): what is kept, what is missing, and how the work behind the pages does."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select

from volunteer.domain.access import Act, Actor, scope_of
from volunteer.domain.terms import VolunteerState
from volunteer.domain.timekeeping import local_date
from volunteer.models.activities import ActivityKind
from volunteer.models.base import db
from volunteer.models.campaigns import Inspection
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Account, PointContract, Tie, Unit, Volunteer
from volunteer.models.places import CheckPoint, Community, District
from volunteer.queries.calendar import work_calendar
from volunteer.queries.oversight import Health, health
from volunteer.queries.points import contract_holds
from volunteer.queries.scope import visible
from volunteer.queries.units import organizes

SOON = timedelta(days=30)
INSPECTION_SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is kept here, within the actor's reach."""

    units: int
    volunteers: int
    points: int
    communities: int
    kinds: int
    accounts: int


@dataclass(frozen=True, slots=True)
class Lacks:
    """What somebody should mend, in counts; ``years`` are those whose holidays are not known."""

    points_without_place: int
    points_without_unit: int
    units_without_organizer: int
    units_without_people: int
    ties_ending: int
    contracts_ending: int
    kinds_without_kit: int
    passwords_expired: int
    districts_without_centre: int
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Glance:
    """The first page of 城市管理; ``health`` is None for whoever does not answer for the installation."""

    kept: Kept
    lacks: Lacks
    health: Health | None
    inspections: tuple[Inspection, ...]
    recent: tuple[AuditEntry, ...]
    district_id: int | None
    district_name: str


def city_glance(actor: Actor, *, at: datetime) -> Glance:
    """All that the first page of 城市管理 shows, within the actor's reach."""
    on = local_date(at)
    scope = scope_of(actor, Act.VIEW_AUDIT)
    districts = sorted(scope.district_ids)
    district_id = districts[0] if len(districts) == 1 and not scope.everything else None
    inspections = db.session.scalars(
        select(Inspection)
        .where(
            Inspection.closed_at.is_(None),
            Inspection.ends_on >= on,
            Inspection.starts_on <= on + INSPECTION_SOON,
        )
        .order_by(Inspection.starts_on)
    )
    recent: Any = visible(
        select(AuditEntry).where(AuditEntry.act.not_in(["sign_in", "sign_out"])),
        actor,
        Act.VIEW_AUDIT,
        unit=AuditEntry.unit_id,
    )
    is_citywide = scope_of(actor, Act.VIEW_SETTINGS).everything
    return Glance(
        kept=_kept(actor),
        lacks=_lacks(actor, on=on, at=at),
        health=health(at=at) if is_citywide else None,
        inspections=tuple(inspections),
        recent=tuple(
            db.session.scalars(recent.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(8))
        ),
        district_id=district_id,
        district_name=db.session.scalar(select(District.name).where(District.id == district_id))
        or "",
    )


def _count(actor: Actor, column: Any, *clauses: Any, unit: Any = None, district: Any = None) -> int:
    statement: Any = select(func.count(column)).where(*clauses)
    if unit is not None or district is not None:
        statement = visible(statement, actor, Act.VIEW_AUDIT, unit=unit, district=district)
    return db.session.scalar(statement) or 0


def _kept(actor: Actor) -> Kept:
    at_units = {"unit": Unit.id, "district": Unit.district_id}
    at_points = {"district": CheckPoint.district_id}
    people = Volunteer.state == VolunteerState.ACTIVE
    desk = Account.volunteer_id.is_(None) & ~Account.is_disabled
    return Kept(
        units=_count(actor, Unit.id, Unit.is_active, **at_units),
        volunteers=_count(actor, Volunteer.id, people, unit=Volunteer.unit_id),
        points=_count(actor, CheckPoint.id, CheckPoint.retired_on.is_(None), **at_points),
        communities=_count(actor, Community.id, district=Community.district_id),
        kinds=_count(actor, ActivityKind.id, ActivityKind.is_active),
        accounts=_count(actor, Account.id, desk, unit=Account.unit_id),
    )


def _ending(table: Any, on: date) -> Any:
    return table.until_on.between(on, on + SOON)


def _lacks(actor: Actor, *, on: date, at: datetime) -> Lacks:
    at_units = {"unit": Unit.id, "district": Unit.district_id}
    at_points = {"district": CheckPoint.district_id}
    used = CheckPoint.retired_on.is_(None)
    active = exists().where(Volunteer.unit_id == Unit.id, Volunteer.state == VolunteerState.ACTIVE)
    bare = [kind for kind in _dangerous_kinds() if not kind.kit]
    calendar = work_calendar(years=(on.year, on.year + 1))
    years = [on.year] + ([on.year + 1] if on.month >= 11 else [])
    return Lacks(
        points_without_place=_count(actor, CheckPoint.id, used, CheckPoint.lat.is_(None), **at_points),
        points_without_unit=_count(
            actor, CheckPoint.id, used, ~exists().where(contract_holds(on)), **at_points
        ),
        units_without_organizer=_count(
            actor, Unit.id, Unit.is_active, ~exists().where(organizes(Unit.id)), **at_units
        ),
        units_without_people=_count(actor, Unit.id, Unit.is_active, ~active, **at_units),
        ties_ending=_count(actor, Tie.id, _ending(Tie, on), unit=Tie.unit_id),
        contracts_ending=_count(
            actor, PointContract.id, _ending(PointContract, on), unit=PointContract.unit_id
        ),
        kinds_without_kit=len(bare),
        passwords_expired=_count(
            actor,
            Account.id,
            Account.must_change_password,
            ~Account.is_disabled,
            Account.first_password_expires_at <= at,
            unit=Account.unit_id,
        ),
        districts_without_centre=_count(
            actor,
            District.id,
            or_(District.centre_lat.is_(None), District.centre_lon.is_(None)),
            district=District.id,
        ),
        years=tuple(year for year in years if not calendar.is_published(year)),
    )  # fmt: skip


def _dangerous_kinds() -> list[ActivityKind]:
    return list(
        db.session.scalars(
            select(ActivityKind).where(ActivityKind.is_active, ActivityKind.is_dangerous)
        )
    )
