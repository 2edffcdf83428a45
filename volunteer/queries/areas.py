"""Districts, streets, communities, grids and buildings (区划): what lies in what, and what hangs on it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Term
from volunteer.domain.words import N_
from volunteer.models.base import db
from volunteer.models.campaigns import Inspection
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import RoleGrant, Tie, Unit, Volunteer
from volunteer.models.places import (
    Building,
    CheckPoint,
    Community,
    District,
    GridArea,
    Street,
)
from volunteer.models.rosters import DraftRoster, SchedulingRun
from volunteer.queries.scope import visible


class AreaLevel(Term):
    """What kind of area it is (区划层级)."""

    DISTRICT = "district", N_("区")
    STREET = "street", N_("街道")
    COMMUNITY = "community", N_("社区")
    GRID = "grid", N_("网格")
    BUILDING = "building", N_("楼栋")


TABLES: dict[AreaLevel, Any] = {
    AreaLevel.DISTRICT: District,
    AreaLevel.STREET: Street,
    AreaLevel.COMMUNITY: Community,
    AreaLevel.GRID: GridArea,
    AreaLevel.BUILDING: Building,
}

HANGING: dict[AreaLevel, tuple[tuple[str, Any], ...]] = {
    AreaLevel.DISTRICT: (
        (N_("个街道"), Street.district_id),
        (N_("个社区"), Community.district_id),
        (N_("个点位"), CheckPoint.district_id),
        (N_("个单位"), Unit.district_id),
        (N_("项角色授权"), RoleGrant.district_id),
        (N_("条服务记录"), ServiceRecord.district_id),
        (N_("条时长流水"), LedgerEntry.district_id),
        (N_("次检查"), Inspection.district_id),
        (N_("次排班任务"), SchedulingRun.district_id),
        (N_("份排班草案"), DraftRoster.district_id),
    ),
    AreaLevel.STREET: ((N_("个社区"), Community.street_id),),
    AreaLevel.COMMUNITY: (
        (N_("个网格"), GridArea.community_id),
        (N_("个楼栋"), Building.community_id),
        (N_("个点位"), CheckPoint.community_id),
        (N_("项联点"), Tie.community_id),
        (N_("位志愿者"), Volunteer.community_id),
    ),
    AreaLevel.GRID: ((N_("个楼栋"), Building.grid_area_id),),
    AreaLevel.BUILDING: (),
}
"""Which rows name an area: while there is one, the area cannot be deleted."""


def hanging_on(level: AreaLevel, area_id: int) -> list[tuple[int, str]]:
    """What hangs on an area, as (how many, what); empty when it may go."""
    counts = [
        (db.session.scalar(select(func.count()).where(column == area_id)) or 0, words)
        for words, column in HANGING[level]
    ]
    return [(count, words) for count, words in counts if count]


def district_of(level: AreaLevel, area: Any) -> int:
    """The district that an area lies in: its own number for a district."""
    if level is AreaLevel.DISTRICT:
        return int(area.id)
    if level in (AreaLevel.STREET, AreaLevel.COMMUNITY):
        return int(area.district_id)
    found = db.session.scalar(
        select(Community.district_id).where(Community.id == area.community_id)
    )
    assert found is not None, "a grid or building lies in a community"
    return found


def area_for(actor: Actor, level: AreaLevel, area_id: int, *, act: Act = Act.VIEW_PLACES) -> Any:
    """One area within reach of this act.

    Raises Refused ``not_found`` (404).
    """
    table = TABLES[level]
    statement: Any = select(table).where(table.id == area_id)
    if level is AreaLevel.DISTRICT:
        district: Any = District.id
    elif level in (AreaLevel.STREET, AreaLevel.COMMUNITY):
        district = table.district_id
    else:
        statement = statement.join(Community, Community.id == table.community_id)
        district = Community.district_id
    area = db.session.scalar(visible(statement, actor, act, district=district))
    if area is None:
        raise Refused("not_found", "没有找到这个地方。", "请从列表重新进入。", status=404)
    return area


@dataclass(frozen=True, slots=True)
class DistrictLine:
    """A district with how much lies in it."""

    district: District
    streets: int
    communities: int
    points: int
    units: int


def districts_listed() -> list[DistrictLine]:
    """All districts with their counts."""
    count = {
        "streets": _count(Street, Street.district_id),
        "communities": _count(Community, Community.district_id),
        "points": _count(CheckPoint, CheckPoint.district_id, CheckPoint.retired_on.is_(None)),
        "units": _count(Unit, Unit.district_id, Unit.is_active),
    }
    rows = db.session.execute(select(District, *count.values()).order_by(District.id))
    return [DistrictLine(row[0], *(int(value) for value in row[1:])) for row in rows]


def _count(table: Any, column: Any, *more: Any) -> Any:
    return (
        select(func.count())
        .select_from(table)
        .where(column == District.id, *more)
        .correlate(District)
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class CommunityLine:
    """A community with its street and how much lies in it."""

    id: int
    name: str
    street_id: int | None
    street_name: str
    note: str
    grids: int
    buildings: int
    points: int
    ties: int


@dataclass(frozen=True, slots=True)
class DistrictSheet:
    """One district: its streets and communities."""

    district: District
    streets: tuple[tuple[Street, int], ...]
    communities: tuple[CommunityLine, ...]


def district_sheet(actor: Actor, district_id: int) -> DistrictSheet:
    """A district with its streets (and how many communities each has) and communities.

    Raises Refused ``not_found`` (404).
    """
    district = area_for(actor, AreaLevel.DISTRICT, district_id)
    streets = db.session.execute(
        select(Street, func.count(Community.id))
        .outerjoin(Community, Community.street_id == Street.id)
        .where(Street.district_id == district_id)
        .group_by(Street.id)
        .order_by(Street.name)
    )
    counts = [
        select(func.count())
        .select_from(table)
        .where(table.community_id == Community.id)
        .correlate(Community)
        .scalar_subquery()
        for table in (GridArea, Building, CheckPoint, Tie)
    ]
    communities = db.session.execute(
        select(Community, Street.name, *counts)
        .outerjoin(Street, Street.id == Community.street_id)
        .where(Community.district_id == district_id)
        .order_by(Community.name)
    )
    return DistrictSheet(
        district,
        tuple((row[0], int(row[1])) for row in streets),
        tuple(
            CommunityLine(
                row[0].id, row[0].name, row[0].street_id, row[1] or "", row[0].note,
                *(int(value) for value in row[2:]),
            )
            for row in communities
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CommunitySheet:
    """One community: where it lies, its grids and buildings, who is tied to it, its points."""

    community: Community
    district_name: str
    street_name: str
    grids: tuple[tuple[GridArea, int], ...]
    buildings: tuple[tuple[Building, str], ...]
    ties: tuple[tuple[Tie, str], ...]
    points: tuple[CheckPoint, ...]
    volunteers: int


def community_sheet(actor: Actor, community_id: int) -> CommunitySheet:
    """A community and all that lies in it.

    Raises Refused ``not_found`` (404).
    """
    community = area_for(actor, AreaLevel.COMMUNITY, community_id)
    grids = db.session.execute(
        select(GridArea, func.count(Building.id))
        .outerjoin(Building, Building.grid_area_id == GridArea.id)
        .where(GridArea.community_id == community_id)
        .group_by(GridArea.id)
        .order_by(GridArea.id)
    )
    buildings = db.session.execute(
        select(Building, GridArea.name)
        .outerjoin(GridArea, GridArea.id == Building.grid_area_id)
        .where(Building.community_id == community_id)
        .order_by(GridArea.id, Building.id)
    )
    ties = db.session.execute(
        select(Tie, Unit.name)
        .join(Unit, Unit.id == Tie.unit_id)
        .where(Tie.community_id == community_id)
        .order_by(Tie.since_on.desc(), Unit.name)
    )
    points = db.session.scalars(
        select(CheckPoint)
        .where(CheckPoint.community_id == community_id)
        .order_by(CheckPoint.retired_on.is_not(None), CheckPoint.name)
    )
    names = db.session.execute(
        select(District.name, Street.name)
        .select_from(Community)
        .join(District, District.id == Community.district_id)
        .outerjoin(Street, Street.id == Community.street_id)
        .where(Community.id == community_id)
    ).one()
    volunteers = db.session.scalar(
        select(func.count()).where(Volunteer.community_id == community_id)
    )
    return CommunitySheet(
        community,
        names[0],
        names[1] or "",
        tuple((row[0], int(row[1])) for row in grids),
        tuple((row[0], row[1] or "") for row in buildings),
        tuple((row[0], row[1]) for row in ties),
        tuple(points),
        volunteers or 0,
    )


def streets_of(district_id: int) -> list[tuple[int, str]]:
    """The streets of a district, to choose."""
    rows = db.session.execute(
        select(Street.id, Street.name).where(Street.district_id == district_id)
    )
    return sorted(((row[0], row[1]) for row in rows), key=lambda one: one[1])


def communities_to_choose(
    actor: Actor, act: Act, *, district_id: int | None = None
) -> list[tuple[int, str]]:
    """Communities within reach of an act, named with their district."""
    statement: Any = select(Community.id, District.name, Community.name).join(
        District, District.id == Community.district_id
    )
    if district_id is not None:
        statement = statement.where(Community.district_id == district_id)
    statement = visible(statement, actor, act, district=Community.district_id)
    rows = db.session.execute(statement.order_by(District.id, Community.name))
    return [(row[0], f"{row[1]} · {row[2]}") for row in rows]
