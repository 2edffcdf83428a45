"""Doors of volunteer/views/admin/settings.py."""

import itertools
from datetime import date
from typing import Any

from tests.builders import NOW, City
from tests.house.doors import CITY, Door
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.models.places import RuleVersion

_serial = itertools.count(100)


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A version of the rules that has not come into force."""
    row = RuleVersion(
        version=f"2099.{next(_serial)}",
        effective_on=date(2099, 1, 1),
        figures={},
        why="试",
        made_at=NOW,
    )
    db.session.add(row)
    db.session.flush()
    return {"version": row.id}


DOORS = [
    Door("settings.figures", "/city/settings/", CITY | {"auditor"}),
    Door("settings.edit", "/city/settings/edit", CITY),
    Door("settings.save", "/city/settings/edit", CITY, "POST"),
    Door("settings.withdraw", "/city/settings/versions/{version}/withdraw", CITY, "POST"),
    Door("settings.words", "/city/settings/words", CITY, "POST"),
]
