"""What can be chosen in forms (选项): kinds, units, points, skills, people to lead."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.terms import PointKind, VolunteerState
from volunteer.models.activities import ActivityKind
from volunteer.models.base import db
from volunteer.models.people import PointContract, Skill, Tie, Unit, Volunteer
from volunteer.models.places import CheckPoint, District
from volunteer.queries.scope import visible


def kinds_to_choose() -> list[ActivityKind]:
    """Kinds of service in use, by name."""
    return list(
        db.session.scalars(
            select(ActivityKind).where(ActivityKind.is_active).order_by(ActivityKind.name)
        )
    )


def kind_of(kind_id: int) -> ActivityKind | None:
    """One kind of service, in use or not."""
    return db.session.get(ActivityKind, kind_id)


def units_to_organize(actor: Actor) -> list[tuple[int, str]]:
    """Units for which the actor may make activities, the own unit first."""
    statement: Any = select(Unit.id, Unit.name).where(Unit.is_active)
    statement = visible(statement, actor, Act.MANAGE_ACTIVITIES, unit=Unit.id)
    rows = db.session.execute(statement.order_by(Unit.id != (actor.unit_id or 0), Unit.name))
    return [(row[0], row[1]) for row in rows]


def units_to_invite() -> list[tuple[int, str]]:
    """All units in use, for joint organizers and quotas; the names of units are no secret."""
    rows = db.session.execute(select(Unit.id, Unit.name).where(Unit.is_active).order_by(Unit.name))
    return [(row[0], row[1]) for row in rows]


def districts_to_choose() -> list[tuple[int, str]]:
    """All districts."""
    rows = db.session.execute(select(District.id, District.name).order_by(District.id))
    return [(row[0], row[1]) for row in rows]


def skills_to_choose() -> list[Skill]:
    """Skills in use, by name."""
    return list(db.session.scalars(select(Skill).where(Skill.is_active).order_by(Skill.name)))


def point_names(point_ids: Iterable[int]) -> dict[int, str]:
    """Names of these points, as far as they are in use."""
    wanted = sorted(set(point_ids))
    rows = db.session.execute(
        select(CheckPoint.id, CheckPoint.name).where(
            CheckPoint.id.in_(wanted), CheckPoint.retired_on.is_(None)
        )
    )
    return {row[0]: row[1] for row in rows}


def place_name(point_id: int) -> str:
    """The name of a point, in use or not."""
    return db.session.scalar(select(CheckPoint.name).where(CheckPoint.id == point_id)) or ""


@dataclass(frozen=True, slots=True)
class PointChoice:
    """A point to choose; ``bond`` says why it stands first: 责任点位, 联点社区, or nothing."""

    id: int
    name: str
    kind: PointKind
    district_name: str
    address: str
    bond: str


def points_to_choose(
    unit_id: int,
    *,
    on: date,
    district_id: int | None = None,
    kind: PointKind | None = None,
    words: str = "",
    always: Iterable[int] = (),
) -> list[PointChoice]:
    """Points in use that fit, those of the unit first: contracted, then in tied communities.

    ``always`` are points that stay in the list though they do not fit (they are already chosen).
    """
    contracted = select(PointContract.point_id).where(
        PointContract.unit_id == unit_id,
        PointContract.since_on <= on,
        or_(PointContract.until_on.is_(None), PointContract.until_on >= on),
    )
    tied = select(Tie.community_id).where(
        Tie.unit_id == unit_id,
        Tie.since_on <= on,
        or_(Tie.until_on.is_(None), Tie.until_on >= on),
    )
    rank = case((CheckPoint.id.in_(contracted), 0), (CheckPoint.community_id.in_(tied), 1), else_=2)
    fits: list[ColumnElement[bool]] = [CheckPoint.retired_on.is_(None)]
    if district_id is not None:
        fits.append(CheckPoint.district_id == district_id)
    if kind is not None:
        fits.append(CheckPoint.kind == kind)
    if words:
        like = f"%{_escaped(words)}%"
        fits.append(
            or_(CheckPoint.name.like(like, escape="\\"), CheckPoint.address.like(like, escape="\\"))
        )
    statement = (
        select(CheckPoint, District.name, rank.label("rank"))
        .join(District, District.id == CheckPoint.district_id)
        .where(or_(and_(*fits), CheckPoint.id.in_(sorted(set(always)))))
        .order_by("rank", CheckPoint.priority, District.id, CheckPoint.name)
        .limit(600)
    )
    bonds = {0: "责任点位", 1: "联点社区", 2: ""}
    return [
        PointChoice(p.id, p.name, p.kind, district, p.address, bonds[level])
        for p, district, level in db.session.execute(statement)
    ]


def people_found(actor: Actor, words: str, *, most: int = 12) -> list[tuple[str, str, str]]:
    """People within reach by name, number or pinyin initials, as (number, name, unit)."""
    words = words.strip()
    if not words:
        return []
    rows = db.session.execute(_people(actor, words).limit(most))
    return [(row[0].number, row[0].name, row[1]) for row in rows]


def people_named(actor: Actor, words: str) -> list[tuple[int, str, str, str]]:
    """Who exactly is meant: one by number, else all of that very name, as (id, number, name, unit)."""
    statement = _people(actor, words).where(
        or_(Volunteer.number == words.strip().upper(), Volunteer.name == words.strip())
    )
    rows = db.session.execute(statement.limit(6))
    return [(row[0].id, row[0].number, row[0].name, row[1]) for row in rows]


def _people(actor: Actor, words: str) -> Any:
    like = f"{_escaped(words.strip())}%"
    statement: Any = (
        select(Volunteer, Unit.name)
        .join(Unit, Unit.id == Volunteer.unit_id)
        .where(
            Volunteer.state == VolunteerState.ACTIVE,
            or_(
                Volunteer.name.like(f"%{like}", escape="\\"),
                Volunteer.number.like(like.upper(), escape="\\"),
                Volunteer.pinyin.like(like.lower(), escape="\\"),
            ),
        )
    )
    statement = visible(statement, actor, Act.VIEW_PEOPLE, unit=Volunteer.unit_id)
    return statement.order_by(Volunteer.name, Volunteer.number)


def like_words(words: str) -> str:
    """A LIKE pattern (escape character ``\\``) that finds the words anywhere."""
    return f"%{_escaped(words.strip())}%"


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
