"""Doors of volunteer/views/admin/calendar.py."""

from typing import Any

from tests.builders import City
from tests.house.doors import CITY, SIGNED_IN, Door
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """The calendar is the whole city's."""
    return {}


DOORS = [
    Door("calendar.year", "/city/calendar/2026", SIGNED_IN),
    Door("calendar.day", "/city/calendar/day/2026-11-24", CITY),
    Door("calendar.save", "/city/calendar/day/2026-11-24", CITY, "POST"),
    Door("calendar.clear", "/city/calendar/day/2026-11-24/clear", CITY, "POST"),
    Door("calendar.seed", "/city/calendar/2026/seed", CITY, "POST"),
]
