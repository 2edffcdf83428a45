"""Kinds of service and skills (服务类型、资质), as their pages show them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ActivityState, VolunteerState
from volunteer.models.activities import Activity, ActivityKind
from volunteer.models.base import db
from volunteer.models.people import Qualification, Skill, Volunteer


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind with how many activities of it are under way."""

    kind: ActivityKind
    activities: int


def kinds_listed() -> list[KindLine]:
    """All kinds, those in use first, by name."""
    under_way = (
        select(func.count())
        .select_from(Activity)
        .where(
            Activity.kind_id == ActivityKind.id,
            Activity.state.in_([ActivityState.DRAFT, ActivityState.PUBLISHED]),
        )
        .correlate(ActivityKind)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(ActivityKind, under_way).order_by(ActivityKind.is_active.desc(), ActivityKind.name)
    )
    return [KindLine(row[0], int(row[1])) for row in rows]


def kind_for(kind_id: int) -> ActivityKind:
    """One kind, in use or not. Kinds are common ground: whoever may see kinds sees all.

    Raises Refused ``not_found`` (404).
    """
    kind = db.session.get(ActivityKind, kind_id)
    if kind is None:
        raise Refused("not_found", "没有找到这个服务类型。", "请从列表重新进入。", status=404)
    return kind


@dataclass(frozen=True, slots=True)
class SkillLine:
    """One skill with how many hold it now, and of those how many lose it within 60 days."""

    skill: Skill
    holders: int
    expiring: int
    kinds: tuple[str, ...]


def skills_listed(*, on: date, soon: date) -> list[SkillLine]:
    """All skills with their holders; ``soon`` is the last day that counts as about to expire."""
    holds: Any = [
        Qualification.skill_id == Skill.id,
        Volunteer.id == Qualification.volunteer_id,
        Volunteer.state == VolunteerState.ACTIVE,
        or_(Qualification.expires_on.is_(None), Qualification.expires_on >= on),
    ]

    def count(*more: Any) -> Any:
        return (
            select(func.count())
            .select_from(Qualification, Volunteer)
            .where(*holds, *more)
            .correlate(Skill)
            .scalar_subquery()
        )

    rows = db.session.execute(
        select(Skill, count(), count(Qualification.expires_on <= soon)).order_by(
            Skill.is_active.desc(), Skill.name
        )
    ).all()
    asked: dict[str, list[str]] = {}
    for name, codes in db.session.execute(
        select(ActivityKind.name, ActivityKind.required_skills).where(ActivityKind.is_active)
    ):
        for code in codes:
            asked.setdefault(code, []).append(name)
    return [
        SkillLine(row[0], int(row[1]), int(row[2]), tuple(asked.get(row[0].code, ())))
        for row in rows
    ]


def skill_for(skill_id: int) -> Skill:
    """One skill, in use or not.

    Raises Refused ``not_found`` (404).
    """
    skill = db.session.get(Skill, skill_id)
    if skill is None:
        raise Refused("not_found", "没有找到这项资质。", "请从列表重新进入。", status=404)
    return skill
