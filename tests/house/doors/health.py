"""Doors of volunteer/views/health.py."""

from typing import Any

from tests.builders import City
from tests.house.doors import EVERYONE, Door
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """The address names nothing."""
    return {}


DOORS = [Door("health.check", "/health", EVERYONE)]
