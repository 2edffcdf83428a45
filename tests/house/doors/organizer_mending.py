"""Doors of volunteer/views/organizer/mending.py."""

from datetime import timedelta
from typing import Any

from tests.builders import MONDAY, City, a_shift, a_volunteer, an_activity, an_assignment, available
from tests.house.doors import DESK, Door
from volunteer.models.people import Unit

ON = MONDAY + timedelta(weeks=523)


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A published shift of the unit years ahead that lacks somebody, and who could come."""
    activity = an_activity(unit, starts_on=ON, ends_on=ON)
    shift = a_shift(activity, city.point, on=ON)
    an_assignment(shift, a_volunteer(unit))
    for _ in range(2):
        available(a_volunteer(unit))
    return {"unit": unit.id}


OTHER = frozenset({"other_organizer"})
DOORS = [
    Door("mending.ways", f"/rosters/mend?week={ON}&scope=unit:{{unit}}", DESK, strangers=OTHER),
    Door("mending.take", "/rosters/mend", DESK | OTHER, "POST"),
]
