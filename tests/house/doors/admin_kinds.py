"""Doors of volunteer/views/admin/kinds.py and skills.py."""

from typing import Any

from tests.builders import City, a_kind, a_skill
from tests.house.doors import CITY, SIGNED_IN, Door
from volunteer.models.people import Skill, Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A kind and a skill, common to the whole city."""
    kind = a_kind()
    skill: Skill = a_skill(f"skill{kind.id}", f"资质{kind.id}")
    return {"kind": kind.id, "skill": skill.id}


DOORS = [
    Door("kinds.listing", "/city/kinds/", SIGNED_IN),
    Door("kinds.new", "/city/kinds/new", CITY),
    Door("kinds.create", "/city/kinds/new", CITY, "POST"),
    Door("kinds.show", "/city/kinds/{kind}", SIGNED_IN),
    Door("kinds.edit", "/city/kinds/{kind}/edit", CITY),
    Door("kinds.save", "/city/kinds/{kind}/edit", CITY, "POST"),
    Door("kinds.retire", "/city/kinds/{kind}/retire", CITY, "POST"),
    Door("kinds.bring_back", "/city/kinds/{kind}/return", CITY, "POST"),
    Door("skills.listing", "/city/skills/", SIGNED_IN),
    Door("skills.create", "/city/skills/", CITY, "POST"),
    Door("skills.edit", "/city/skills/{skill}/edit", CITY),
    Door("skills.save", "/city/skills/{skill}/edit", CITY, "POST"),
]
