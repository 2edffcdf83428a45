"""Points (点位): where people stand, who answers for them, and what is going on there."""

from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select

from volunteer.domain.access import Act, Actor, may
from volunteer.domain.map_link import amap_link, datum_shift_metres
from volunteer.domain.place import LatLon, wgs84_to_gcj02
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import PointKind, ShiftState
from volunteer.domain.token import poster_code
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.campaigns import Inspection, KeyPoint
from volunteer.models.people import PointContract, Unit
from volunteer.models.places import CheckPoint, Community, District
from volunteer.queries.choices import like_words
from volunteer.queries.scope import visible

PAGE = 40


@dataclass(frozen=True, slots=True)
class PointFilter:
    """How the list is narrowed. ``lack`` is coordinates or unit; ``state`` is used, retired or all."""

    words: str = ""
    district_id: int | None = None
    kind: PointKind | None = None
    unit_id: int | None = None
    priority: int | None = None
    lack: str = ""
    state: str = "used"


@dataclass(frozen=True, slots=True)
class PointLine:
    """One point in the list, with its responsible unit of the day."""

    id: int
    name: str
    kind: PointKind
    district_name: str
    community_name: str
    address: str
    has_coordinates: bool
    priority: int
    unit_name: str
    retired_on: date | None


@dataclass(frozen=True, slots=True)
class PointPage:
    """One page of points."""

    rows: tuple[PointLine, ...]
    total: int
    page: int
    pages: int


def contract_holds(on: date) -> Any:
    """The clause that a contract of the point holds on a date."""
    return and_(
        PointContract.point_id == CheckPoint.id,
        PointContract.since_on <= on,
        or_(PointContract.until_on.is_(None), PointContract.until_on >= on),
    )


def _narrowed(statement: Select[Any], wanted: PointFilter, on: date) -> Select[Any]:
    clauses: list[Any] = []
    if wanted.words:
        like = like_words(wanted.words)
        clauses.append(
            or_(
                CheckPoint.name.like(like, escape="\\"),
                CheckPoint.address.like(like, escape="\\"),
                CheckPoint.pinyin.like(like.lower().removeprefix("%"), escape="\\"),
            )
        )
    if wanted.district_id is not None:
        clauses.append(CheckPoint.district_id == wanted.district_id)
    if wanted.kind is not None:
        clauses.append(CheckPoint.kind == wanted.kind)
    if wanted.priority is not None:
        clauses.append(CheckPoint.priority == wanted.priority)
    holds = exists().where(contract_holds(on))
    if wanted.unit_id is not None:
        clauses.append(holds.where(PointContract.unit_id == wanted.unit_id))
    if wanted.lack == "coordinates":
        clauses.append(CheckPoint.lat.is_(None))
    elif wanted.lack == "unit":
        clauses.append(~holds)
    if wanted.state == "used":
        clauses.append(CheckPoint.retired_on.is_(None))
    elif wanted.state == "retired":
        clauses.append(CheckPoint.retired_on.is_not(None))
    return statement.where(*clauses)


def points_listed(actor: Actor, wanted: PointFilter, *, on: date, page: int = 1) -> PointPage:
    """Points that fit, by priority, district and name; two statements however many rows."""
    base: Any = select(CheckPoint.id)
    base = visible(base, actor, Act.VIEW_PLACES, district=CheckPoint.district_id)
    base = _narrowed(base, wanted, on)
    total = db.session.scalar(select(func.count()).select_from(base.subquery())) or 0
    pages = max(1, ceil(total / PAGE))
    page = min(max(1, page), pages)
    responsible = (
        select(func.min(Unit.name))
        .join(PointContract, PointContract.unit_id == Unit.id)
        .where(contract_holds(on))
        .correlate(CheckPoint)
        .scalar_subquery()
    )
    rows = db.session.execute(
        base.with_only_columns(CheckPoint, District.name, Community.name, responsible)
        .join(District, District.id == CheckPoint.district_id)
        .outerjoin(Community, Community.id == CheckPoint.community_id)
        .order_by(CheckPoint.priority, CheckPoint.district_id, CheckPoint.name)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    lines = tuple(
        PointLine(
            point.id,
            point.name,
            point.kind,
            district,
            community or "",
            point.address,
            point.lat is not None,
            point.priority,
            unit or "",
            point.retired_on,
        )
        for point, district, community, unit in rows
    )
    return PointPage(lines, total, page, pages)


def point_for(actor: Actor, point_id: int, *, act: Act = Act.VIEW_PLACES) -> CheckPoint:
    """One point within reach of this act.

    Raises Refused ``not_found`` (404).
    """
    statement: Any = select(CheckPoint).where(CheckPoint.id == point_id)
    point = db.session.scalar(visible(statement, actor, act, district=CheckPoint.district_id))
    if point is None:
        raise Refused("not_found", "没有找到这个点位。", "请从列表重新进入。", status=404)
    found: CheckPoint = point
    return found


@dataclass(frozen=True, slots=True)
class ContractLine:
    """One responsibility of a unit for a point; ``state`` is now, coming or over."""

    id: int
    unit_id: int
    unit_name: str
    since_on: date
    until_on: date | None
    state: str


def state_on(since_on: date, until_on: date | None, on: date) -> str:
    """Whether a dated relation holds on a date (now), begins later (coming) or has ended (over)."""
    if since_on > on:
        return "coming"
    return "over" if until_on is not None and until_on < on else "now"


@dataclass(frozen=True, slots=True)
class PointSheet:
    """All that the page of a point shows. ``gcj`` and ``shift_metres`` are None without coordinates."""

    point: CheckPoint
    district_name: str
    community_name: str
    gcj: LatLon | None
    map_link: str
    shift_metres: int | None
    contracts: tuple[ContractLine, ...]
    upcoming: tuple[tuple[int, int, datetime, datetime, str, ShiftState], ...]
    upcoming_count: int
    inspections: tuple[Inspection, ...]
    may_manage: bool
    may_print: bool


def point_sheet(actor: Actor, point_id: int, *, on: date, at: datetime) -> PointSheet:
    """A point with its contracts, the next shifts there and the inspections that make it critical.

    Raises Refused ``not_found`` (404).
    """
    point = point_for(actor, point_id)
    names = db.session.execute(
        select(District.name, Community.name)
        .select_from(CheckPoint)
        .join(District, District.id == CheckPoint.district_id)
        .outerjoin(Community, Community.id == CheckPoint.community_id)
        .where(CheckPoint.id == point_id)
    ).one()
    where = (
        LatLon(point.lat, point.lon) if point.lat is not None and point.lon is not None else None
    )
    ahead = [
        Shift.point_id == point_id,
        Shift.ends_at > at,
        Shift.state.in_([ShiftState.PLANNED, ShiftState.PUBLISHED]),
    ]
    upcoming: Any = (
        select(Shift.id, Activity.id, Shift.starts_at, Shift.ends_at, Activity.title, Shift.state)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(*ahead)
        .order_by(Shift.starts_at)
        .limit(8)
    )
    upcoming = visible(upcoming, actor, Act.VIEW_ACTIVITIES, unit=Activity.unit_id)
    inspections = db.session.scalars(
        select(Inspection)
        .join(KeyPoint, KeyPoint.inspection_id == Inspection.id)
        .where(KeyPoint.point_id == point_id, Inspection.ends_on >= on)
        .order_by(Inspection.starts_on)
    )
    contracts = contracts_of(point_id, on=on)
    return PointSheet(
        point=point,
        district_name=names[0],
        community_name=names[1] or "",
        gcj=wgs84_to_gcj02(where) if where else None,
        map_link=amap_link(where, point.name) if where else "",
        shift_metres=datum_shift_metres(where) if where else None,
        contracts=contracts,
        upcoming=tuple(tuple(row) for row in db.session.execute(upcoming)),
        upcoming_count=db.session.scalar(select(func.count(Shift.id)).where(*ahead)) or 0,
        inspections=tuple(inspections),
        may_manage=may(actor, Act.MANAGE_PLACES, district_id=point.district_id),
        may_print=may_print(actor, point, contracts),
    )


def contracts_of(point_id: int, *, on: date) -> tuple[ContractLine, ...]:
    """The responsibilities for a point, newest first."""
    rows = db.session.execute(
        select(PointContract, Unit.name)
        .join(Unit, Unit.id == PointContract.unit_id)
        .where(PointContract.point_id == point_id)
        .order_by(PointContract.since_on.desc(), PointContract.id.desc())
    )
    return tuple(
        ContractLine(
            row.id,
            row.unit_id,
            name,
            row.since_on,
            row.until_on,
            state_on(row.since_on, row.until_on, on),
        )
        for row, name in rows
    )


def may_print(actor: Actor, point: CheckPoint, contracts: tuple[ContractLine, ...]) -> bool:
    """Whether the actor may have the poster: who keeps the point, or whose unit answers for it now.

    The poster's code never changes, so it is not shown to everybody who may see the point.
    """
    if may(actor, Act.MANAGE_PLACES, district_id=point.district_id):
        return True
    return any(
        line.state == "now" and may(actor, Act.MANAGE_SHIFTS, unit_id=line.unit_id)
        for line in contracts
    )


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on the poster of a point."""

    point: CheckPoint
    district_name: str
    unit_name: str
    code: str


def poster_for(actor: Actor, point_id: int, *, on: date) -> Poster:
    """The poster of a point with its unchanging code.

    Raises Refused ``not_found`` (404) for whoever neither keeps the point nor answers for it.
    """
    point = point_for(actor, point_id)
    contracts = contracts_of(point_id, on=on)
    if not may_print(actor, point, contracts):
        raise Refused("not_found", "没有找到这个点位。", "请从列表重新进入。", status=404)
    district = db.session.scalar(select(District.name).where(District.id == point.district_id))
    units = "、".join(line.unit_name for line in contracts if line.state == "now")
    return Poster(point, district or "", units, poster_code(point.secret, point.id))


def district_centre(district_id: int) -> LatLon | None:
    """The middle of a district, where it is known."""
    row = db.session.execute(
        select(District.centre_lat, District.centre_lon).where(District.id == district_id)
    ).one_or_none()
    return LatLon(row[0], row[1]) if row and row[0] is not None and row[1] is not None else None


def shifts_ahead(point_id: int, *, at: datetime) -> int:
    """How many shifts are still to come at a point."""
    count = db.session.scalar(
        select(func.count(Shift.id)).where(
            Shift.point_id == point_id,
            Shift.ends_at > at,
            Shift.state.in_([ShiftState.PLANNED, ShiftState.PUBLISHED]),
        )
    )
    return count or 0
