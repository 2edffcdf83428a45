"""Doors of volunteer/views/organizer/shift_cancelling.py."""

from typing import Any

from tests.builders import City, a_shift, an_activity
from tests.house.doors import DESK, Door
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A live shift of the unit."""
    return {"shift": a_shift(an_activity(unit), city.point).id}


OTHER = frozenset({"other_organizer"})

DOORS = [
    # An actor who does not reach the shift sees a page without it: nothing tells that it exists.
    Door("shift_cancelling.choose", "/shifts/cancel?shift={shift}", DESK | OTHER),
    Door("shift_cancelling.cancel", "/shifts/cancel", DESK | OTHER, "POST"),
]
