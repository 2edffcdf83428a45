"""Doors of volunteer/views/organizer/home.py."""

from typing import Any

from tests.builders import City
from tests.house.doors import SIGNED_IN, Door
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """Nothing is named by this address."""
    return {}


READING = SIGNED_IN - {"volunteer_account", "other_volunteer_account"}

DOORS = [Door("organizer_home.home", "/desk", READING)]
