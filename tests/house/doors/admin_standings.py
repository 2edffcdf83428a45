"""Doors of volunteer/views/admin/standings.py."""

from typing import Any

from tests.builders import City
from tests.house.doors import EVERYONE, READERS, SIGNED_IN, Door
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """The addresses name no object of a unit."""
    return {}


EXPORTERS = READERS | {"other_organizer"}

DOORS = [
    Door("standings.overview", "/standings", SIGNED_IN),
    Door("standings.export", "/standings/export/xlsx", EXPORTERS, "POST"),
    Door("standings.public", "/public", EVERYONE),
]
