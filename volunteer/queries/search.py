"""Finding things (全站查找): people, units, points and activities by name, number or pinyin initials."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from volunteer.domain.access import Act, Actor, holds
from volunteer.domain.terms import ActivityState, VolunteerState
from volunteer.domain.timekeeping import day_words
from volunteer.models.activities import Activity
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint, District
from volunteer.queries.choices import like_words
from volunteer.queries.scope import visible

MOST = 12
"""Hits of each sort that are shown; one more is read, to say that there are more."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its number, name, and what tells it from its like."""

    id: int
    name: str
    more: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, by sort; ``cut`` names the sorts of which there are more."""

    people: tuple[Hit, ...]
    units: tuple[Hit, ...]
    points: tuple[Hit, ...]
    activities: tuple[Hit, ...]
    cut: frozenset[str]

    @property
    def total(self) -> int:
        """How many hits are shown."""
        return len(self.people) + len(self.units) + len(self.points) + len(self.activities)


def found_for(actor: Actor, words: str) -> Found:
    """Search within the actor's reach; four statements at most, none for empty words."""
    words = words.strip()[:60]
    if not words:
        return Found((), (), (), (), frozenset())
    sorts = {
        "people": _people(actor, words) if holds(actor, Act.VIEW_PEOPLE) else [],
        "units": _units(actor, words) if holds(actor, Act.VIEW_UNITS) else [],
        "points": _points(actor, words),
        "activities": _activities(actor, words) if holds(actor, Act.VIEW_ACTIVITIES) else [],
    }
    cut = frozenset(name for name, hits in sorts.items() if len(hits) > MOST)
    return Found(**{name: tuple(hits[:MOST]) for name, hits in sorts.items()}, cut=cut)


def _matches(words: str, *columns: Any, initials: Any) -> Any:
    like = like_words(words)
    clauses = [column.like(like, escape="\\") for column in columns]
    if words.isascii():
        clauses.append(initials.like(like.lower().removeprefix("%"), escape="\\"))
    return or_(*clauses)


def _people(actor: Actor, words: str) -> list[Hit]:
    statement: Any = (
        select(Volunteer, Unit.name)
        .join(Unit, Unit.id == Volunteer.unit_id)
        .where(
            or_(
                _matches(words, Volunteer.name, initials=Volunteer.pinyin),
                Volunteer.number == words.upper(),
            )
        )
    )
    statement = visible(statement, actor, Act.VIEW_PEOPLE, unit=Volunteer.unit_id)
    rows = db.session.execute(
        statement.order_by(
            Volunteer.name != words, Volunteer.state != VolunteerState.ACTIVE, Volunteer.name
        ).limit(MOST + 1)
    )
    return [
        Hit(row.id, row.name, f"{unit} · {row.number}", "" if row.state is VolunteerState.ACTIVE
            else row.state.label)
        for row, unit in rows
    ]  # fmt: skip


def _units(actor: Actor, words: str) -> list[Hit]:
    statement: Any = select(Unit).where(
        or_(
            _matches(words, Unit.name, Unit.full_name, initials=Unit.pinyin),
            Unit.credit_code == words.upper(),
        )
    )
    statement = visible(statement, actor, Act.VIEW_UNITS, unit=Unit.id, district=Unit.district_id)
    rows = db.session.scalars(statement.order_by(Unit.is_active.desc(), Unit.name).limit(MOST + 1))
    return [
        Hit(
            row.id,
            row.name,
            row.full_name if row.full_name != row.name else row.level.label,
            "" if row.is_active else "已停用",
        )
        for row in rows
    ]


def _points(actor: Actor, words: str) -> list[Hit]:
    statement: Any = (
        select(CheckPoint, District.name)
        .join(District, District.id == CheckPoint.district_id)
        .where(_matches(words, CheckPoint.name, CheckPoint.address, initials=CheckPoint.pinyin))
    )
    statement = visible(statement, actor, Act.VIEW_PLACES, district=CheckPoint.district_id)
    rows = db.session.execute(
        statement.order_by(CheckPoint.retired_on.is_not(None), CheckPoint.name).limit(MOST + 1)
    )
    return [
        Hit(
            row.id,
            row.name,
            f"{row.kind.label} · {district}",
            "已停用" if row.retired_on else "",
        )
        for row, district in rows
    ]


def _activities(actor: Actor, words: str) -> list[Hit]:
    statement: Any = (
        select(Activity, Unit.name)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(_matches(words, Activity.title, initials=Activity.pinyin))
    )
    statement = visible(statement, actor, Act.VIEW_ACTIVITIES, unit=Activity.unit_id)
    rows = db.session.execute(
        statement.order_by(Activity.starts_on.desc(), Activity.id.desc()).limit(MOST + 1)
    )
    return [
        Hit(
            row.id,
            row.title,
            f"{unit} · {day_words(row.starts_on)}起",
            "" if row.state is ActivityState.PUBLISHED else row.state.label,
        )
        for row, unit in rows
    ]
