"""Doors of volunteer/views/organizer/roster_papers.py."""

from typing import Any

from tests.builders import City
from tests.house.doors import DESK, READERS, Door
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """Papers show what the account reaches; no object is named."""
    return {}


READ = READERS | {"other_organizer"}

DOORS = [
    Door("roster_papers.matrix", "/rosters/print/matrix", READ),
    Door("roster_papers.table", "/rosters/print/table?inner=1", READ),
    Door("roster_papers.inner_table", "/rosters/print/inner", DESK | {"other_organizer"}, "POST"),
    Door("roster_papers.export", "/rosters/export", READ, "POST"),
]
