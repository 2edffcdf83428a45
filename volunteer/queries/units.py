"""Units (单位): the tree, and all that hangs on one of them."""

from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any

from sqlalchemy import String, and_, cast, exists, func, literal, or_, select

from volunteer.domain.access import Act, Actor, may
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    ActivityState,
    Role,
    ShiftState,
    UnitKind,
    UnitLevel,
    VolunteerState,
)
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry
from volunteer.models.people import Account, PointContract, RoleGrant, Tie, Unit, Volunteer
from volunteer.models.places import CheckPoint, Community, District
from volunteer.queries.choices import like_words
from volunteer.queries.ledger import counted_natures
from volunteer.queries.points import state_on
from volunteer.queries.policy import current_policy
from volunteer.queries.scope import visible

PAGE = 50
DEEPEST = 12
"""Levels of the tree that are shown; nothing real comes near it."""


@dataclass(frozen=True, slots=True)
class UnitFilter:
    """How the list is narrowed. ``lack`` is organizer or people; ``state`` is active, closed or all."""

    words: str = ""
    district_id: int | None = None
    level: UnitLevel | None = None
    kind: UnitKind | None = None
    lack: str = ""
    state: str = "active"


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit in the tree; ``depth`` counts from 0, ``above`` names its parent."""

    id: int
    name: str
    depth: int
    above: str
    level: UnitLevel
    kind: UnitKind
    district_name: str
    people: int
    organizers: int
    ties: int
    points: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class UnitPage:
    """One page of units in the order of the tree."""

    rows: tuple[UnitLine, ...]
    total: int
    page: int
    pages: int


def _tree() -> Any:
    """Each unit with its depth and a text by which the tree sorts."""
    own = func.substr(Unit.pinyin + literal("~") + Unit.name, 1, 60)
    roots = select(
        Unit.id.label("id"),
        literal(0).label("depth"),
        cast(own, String(1200)).label("path"),
    ).where(Unit.parent_id.is_(None))
    tree = roots.cte("tree", recursive=True)
    below = select(
        Unit.id,
        tree.c.depth + 1,
        cast(tree.c.path + literal("/") + own, String(1200)),
    ).where(Unit.parent_id == tree.c.id, tree.c.depth < DEEPEST)
    return tree.union_all(below)


def organizes(unit_column: Any) -> Any:
    """The clause that a live role makes an enabled account an organizer of exactly this unit."""
    return and_(
        RoleGrant.account_id == Account.id,
        RoleGrant.unit_id == unit_column,
        RoleGrant.role == Role.ORGANIZER,
        RoleGrant.revoked_at.is_(None),
        ~Account.is_disabled,
    )


def _holds(table: Any, on: date) -> Any:
    return and_(
        table.unit_id == Unit.id,
        table.since_on <= on,
        or_(table.until_on.is_(None), table.until_on >= on),
    )


def _narrowed(statement: Any, wanted: UnitFilter) -> Any:
    if wanted.words:
        like = like_words(wanted.words)
        statement = statement.where(
            or_(
                Unit.name.like(like, escape="\\"),
                Unit.full_name.like(like, escape="\\"),
                Unit.pinyin.like(like.lower().removeprefix("%"), escape="\\"),
                Unit.credit_code == wanted.words.strip().upper(),
            )
        )
    for column, value in (
        (Unit.district_id, wanted.district_id),
        (Unit.level, wanted.level),
        (Unit.kind, wanted.kind),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.state != "all":
        statement = statement.where(Unit.is_active == (wanted.state != "closed"))
    if wanted.lack == "organizer":
        statement = statement.where(~exists().where(organizes(Unit.id)))
    elif wanted.lack == "people":
        active = and_(Volunteer.unit_id == Unit.id, Volunteer.state == VolunteerState.ACTIVE)
        statement = statement.where(~exists().where(active))
    return statement


def units_listed(actor: Actor, wanted: UnitFilter, *, on: date, page: int = 1) -> UnitPage:
    """Units within reach in the order of the tree; two statements however many rows."""
    base: Any = select(Unit.id)
    base = visible(base, actor, Act.VIEW_UNITS, unit=Unit.id, district=Unit.district_id)
    base = _narrowed(base, wanted)
    total = db.session.scalar(select(func.count()).select_from(base.subquery())) or 0
    pages = max(1, ceil(total / PAGE))
    page = min(max(1, page), pages)
    tree = _tree()
    above = select(Unit.id, Unit.name).subquery("above")
    counts = (
        _count(Volunteer, and_(Volunteer.unit_id == Unit.id, Volunteer.state == VolunteerState.ACTIVE)),
        select(func.count(func.distinct(Account.id)))
        .select_from(RoleGrant, Account)
        .where(organizes(Unit.id))
        .correlate(Unit)
        .scalar_subquery(),
        _count(Tie, _holds(Tie, on)),
        _count(PointContract, _holds(PointContract, on)),
    )  # fmt: skip
    rows = db.session.execute(
        base.with_only_columns(Unit, tree.c.depth, above.c.name, District.name, *counts)
        .join(tree, tree.c.id == Unit.id)
        .outerjoin(above, above.c.id == Unit.parent_id)
        .outerjoin(District, District.id == Unit.district_id)
        .order_by(tree.c.path, Unit.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    lines = tuple(
        UnitLine(
            row[0].id, row[0].name, int(row[1]), row[2] or "", row[0].level, row[0].kind,
            row[3] or "", int(row[4]), int(row[5]), int(row[6]), int(row[7]), row[0].is_active,
        )
        for row in rows
    )  # fmt: skip
    return UnitPage(lines, total, page, pages)


def _count(table: Any, clause: Any) -> Any:
    return select(func.count()).select_from(table).where(clause).correlate(Unit).scalar_subquery()


def unit_for(actor: Actor, unit_id: int, *, act: Act = Act.VIEW_UNITS) -> Unit:
    """One unit within reach of this act.

    Raises Refused ``not_found`` (404).
    """
    statement: Any = select(Unit).where(Unit.id == unit_id)
    statement = visible(statement, actor, act, unit=Unit.id, district=Unit.district_id)
    unit = db.session.scalar(statement)
    if unit is None:
        raise Refused("not_found", "没有找到这个单位。", "请从列表重新进入。", status=404)
    found: Unit = unit
    return found


def may_keep(actor: Actor, unit: Unit) -> bool:
    """Whether the actor maintains this unit: the city office any, a district office those of its district."""
    if unit.district_id is None:
        return may(actor, Act.MANAGE_UNITS, unit_id=unit.id)
    return may(actor, Act.MANAGE_UNITS, district_id=unit.district_id)


@dataclass(frozen=True, slots=True)
class DatedLine:
    """A tie or a contract of a unit: with what, from when to when; ``state`` is now, coming or over."""

    id: int
    target_id: int
    name: str
    since_on: date
    until_on: date | None
    state: str


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """All that the page of a unit shows; ``minutes`` is volunteer time of this year by the ledger."""

    unit: Unit
    district_name: str
    trail: tuple[tuple[int, str], ...]
    children: tuple[tuple[int, str, bool], ...]
    guiding: tuple[int, str] | None
    successor: tuple[int, str] | None
    people: dict[VolunteerState, int]
    organizers: tuple[tuple[int, str, str], ...]
    ties: tuple[DatedLine, ...]
    points: tuple[DatedLine, ...]
    activities: int
    shifts_ahead: int
    minutes: int
    may_manage: bool


def unit_sheet(actor: Actor, unit_id: int, *, on: date, at: datetime) -> UnitSheet:
    """A unit with its place in the tree, people, ties, points, activities and hours of the year.

    Raises Refused ``not_found`` (404).
    """
    unit = unit_for(actor, unit_id)
    people = db.session.execute(
        select(Volunteer.state, func.count())
        .where(Volunteer.unit_id == unit_id)
        .group_by(Volunteer.state)
    )
    children = db.session.execute(
        select(Unit.id, Unit.name, Unit.is_active)
        .where(Unit.parent_id == unit_id)
        .order_by(Unit.is_active.desc(), Unit.pinyin)
    )
    minutes = db.session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.minutes), 0)).where(
            LedgerEntry.unit_id == unit_id,
            LedgerEntry.nature.in_(counted_natures(current_policy())),
            LedgerEntry.service_on.between(date(on.year, 1, 1), on),
        )
    )
    trail = trail_of(unit.parent_id)
    names = _names({unit.guiding_unit_id, unit.successor_unit_id} - {None})
    return UnitSheet(
        unit=unit,
        district_name=db.session.scalar(
            select(District.name).where(District.id == unit.district_id)
        )
        or "",
        trail=tuple(trail),
        children=tuple((row[0], row[1], row[2]) for row in children),
        guiding=_named(unit.guiding_unit_id, names),
        successor=_named(unit.successor_unit_id, names),
        people={row[0]: int(row[1]) for row in people},
        organizers=tuple(organizers_of(unit_id)),
        ties=ties_of(unit_id, on=on),
        points=points_of(unit_id, on=on),
        activities=_activities(unit_id),
        shifts_ahead=shifts_ahead(unit_id, at=at),
        minutes=int(minutes or 0),
        may_manage=may_keep(actor, unit),
    )


def _named(unit_id: int | None, names: dict[int, str]) -> tuple[int, str] | None:
    return None if unit_id is None else (unit_id, names[unit_id])


def _names(ids: Any) -> dict[int, str]:
    rows = db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(sorted(ids))))
    return {row[0]: row[1] for row in rows}


def trail_of(unit_id: int | None) -> list[tuple[int, str]]:
    """The units from the top of the tree down to this one; a ring made by mistake is cut."""
    trail: list[tuple[int, str]] = []
    seen: set[int] = set()
    while unit_id is not None and unit_id not in seen:
        seen.add(unit_id)
        row = db.session.execute(
            select(Unit.id, Unit.name, Unit.parent_id).where(Unit.id == unit_id)
        ).one()
        trail.insert(0, (row[0], row[1]))
        unit_id = row[2]
    return trail


def organizers_of(unit_id: int) -> list[tuple[int, str, str]]:
    """The accounts that organize exactly this unit, as (number, name, login)."""
    rows = db.session.execute(
        select(Account.id, Account.name, Account.login)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(organizes(unit_id))
        .order_by(Account.name)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def ties_of(unit_id: int, *, on: date) -> tuple[DatedLine, ...]:
    """The communities a unit is or was tied to, newest first."""
    rows = db.session.execute(
        select(Tie, Community.name, District.name)
        .join(Community, Community.id == Tie.community_id)
        .join(District, District.id == Community.district_id)
        .where(Tie.unit_id == unit_id)
        .order_by(Tie.since_on.desc(), Tie.id.desc())
    )
    return tuple(
        DatedLine(
            tie.id,
            tie.community_id,
            f"{district} · {community}",
            tie.since_on,
            tie.until_on,
            state_on(tie.since_on, tie.until_on, on),
        )
        for tie, community, district in rows
    )


def points_of(unit_id: int, *, on: date) -> tuple[DatedLine, ...]:
    """The points a unit answers or answered for, newest first."""
    rows = db.session.execute(
        select(PointContract, CheckPoint.name)
        .join(CheckPoint, CheckPoint.id == PointContract.point_id)
        .where(PointContract.unit_id == unit_id)
        .order_by(PointContract.since_on.desc(), CheckPoint.name)
    )
    return tuple(
        DatedLine(
            row.id,
            row.point_id,
            name,
            row.since_on,
            row.until_on,
            state_on(row.since_on, row.until_on, on),
        )
        for row, name in rows
    )


def _activities(unit_id: int) -> int:
    count = db.session.scalar(
        select(func.count()).where(
            Activity.unit_id == unit_id,
            Activity.state.in_([ActivityState.DRAFT, ActivityState.PUBLISHED]),
        )
    )
    return count or 0


def shifts_ahead(unit_id: int, *, at: datetime) -> int:
    """How many shifts of the unit's own activities are still to come."""
    count = db.session.scalar(
        select(func.count(Shift.id))
        .join(Activity, Activity.id == Shift.activity_id)
        .where(
            Activity.unit_id == unit_id,
            Shift.ends_at > at,
            Shift.state.in_([ShiftState.PLANNED, ShiftState.PUBLISHED]),
        )
    )
    return count or 0


def units_to_link(*, besides: int | None = None) -> list[tuple[int, str]]:
    """Units in use that may be a parent, guide or successor; the names of units are no secret."""
    statement = select(Unit.id, Unit.name).where(Unit.is_active)
    if besides is not None:
        statement = statement.where(Unit.id != besides)
    return [(row[0], row[1]) for row in db.session.execute(statement.order_by(Unit.name))]
