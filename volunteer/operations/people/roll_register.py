"""What the register knows of the people in a roll (名册比对): read in a few statements, however many they are."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, scope_of
from volunteer.models.base import db
from volunteer.models.cipher import blind
from volunteer.models.people import Qualification, Skill, Unit, Volunteer
from volunteer.models.places import Community
from volunteer.operations.people.roll_rows import Register
from volunteer.queries.people.rolls import RollPerson
from volunteer.queries.policy import current_policy

CHUNK = 400


def register_for(actor: Actor, unit: Unit, rows: list[RollPerson]) -> Register:
    """What the register knows of the people in the rows, in a few statements however many they are."""
    scope = scope_of(actor, Act.IMPORT_ROLL)
    by_number: dict[bytes, tuple[Volunteer, Unit]] = {}
    for part in parts([blind("id", row.id_number) for row in rows if row.id_number]):
        for person, home in db.session.execute(
            select(Volunteer, Unit)
            .join(Unit, Unit.id == Volunteer.unit_id)
            .where(Volunteer.id_index.in_(part))
        ):
            by_number[person.id_index or b""] = (person, home)
    by_name: dict[tuple[int, str, bytes], list[Volunteer]] = defaultdict(list)
    units = {row.unit_id for row in rows}
    for part in parts([blind("phone", row.phone) for row in rows if row.phone]):
        for person in db.session.scalars(
            select(Volunteer).where(
                Volunteer.phone_index.in_(part),
                Volunteer.unit_id.in_(units),
                Volunteer.merged_into_id.is_(None),
            )
        ):
            by_name[person.unit_id, person.name, person.phone_index or b""].append(person)
    known = [person.id for person, _ in by_number.values()]
    known += [person.id for group in by_name.values() for person in group]
    return Register(
        units={u.name: u for u in db.session.scalars(select(Unit).where(Unit.is_active))},
        unit=unit,
        communities=tuple(
            (row[0], row[1], row[2])
            for row in db.session.execute(
                select(Community.id, Community.name, Community.district_id)
            )
        ),
        skills={
            row[0]: row[1]
            for row in db.session.execute(select(Skill.name, Skill.id).where(Skill.is_active))
        },
        by_number=by_number,
        by_name=by_name,
        held=held_skills(known),
        reach=scope.unit_ids,
        is_everywhere=scope.everything,
        policy=current_policy(),
    )


def parts(values: list[Any]) -> Iterable[list[Any]]:
    """Values without repetition, in parts that a statement can carry."""
    distinct = sorted(set(values))
    return [distinct[start : start + CHUNK] for start in range(0, len(distinct), CHUNK)]


def held_skills(people: list[int]) -> dict[int, frozenset[int]]:
    """The skills that people hold, expired ones among them."""
    held: dict[int, set[int]] = defaultdict(set)
    for part in parts(people):
        for volunteer_id, skill_id in db.session.execute(
            select(Qualification.volunteer_id, Qualification.skill_id).where(
                Qualification.volunteer_id.in_(part)
            )
        ):
            held[volunteer_id].add(skill_id)
    return {person: frozenset(skills) for person, skills in held.items()}
