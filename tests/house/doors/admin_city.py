"""Doors of volunteer/views/admin/city.py, search.py and guide.py."""

from typing import Any

from tests.builders import City
from tests.house.doors import EVERYONE, OFFICES, READERS, Door
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """No object is named by these addresses."""
    return {}


DOORS = [
    Door("city.overview", "/city/", OFFICES | {"auditor"}),
    Door("search.results", "/search?q=wf", READERS | {"other_organizer"}),
    Door("guide.help", "/help", EVERYONE),
]
