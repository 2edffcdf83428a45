"""Doors of volunteer/views/organizer/rosters.py."""

from datetime import timedelta
from typing import Any

from tests.builders import MONDAY, City, a_shift, a_volunteer, an_activity, an_assignment
from tests.house.doors import DESK, READERS, Door
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A published shift of the unit years ahead, with one of its people seated and one not."""
    on = MONDAY + timedelta(weeks=521)
    activity = an_activity(unit, starts_on=on, ends_on=on)
    shift = a_shift(activity, city.point, on=on)
    seated = a_volunteer(unit)
    an_assignment(shift, seated)
    return {"shift": shift.id, "seated": seated.id, "free": a_volunteer(unit).id}


OTHER = frozenset({"other_organizer"})

DOORS = [
    Door("rosters.board", "/rosters", READERS | OTHER),
    Door("rosters.trouble", "/rosters/trouble", DESK | OTHER),
    Door("rosters.shift", "/rosters/shifts/{shift}", READERS, strangers=OTHER),
    Door("rosters.candidates", "/rosters/shifts/{shift}/candidates", DESK, strangers=OTHER),
    Door("rosters.offer", "/rosters/shifts/{shift}/offer/{free}", DESK, "POST", strangers=OTHER),
    Door("rosters.add", "/rosters/shifts/{shift}/add", DESK, "POST", strangers=OTHER),
    Door(
        "rosters.release",
        "/rosters/shifts/{shift}/release/{seated}",
        DESK,
        "POST",
        strangers=OTHER,
        form={"reason": "人手已够"},
    ),
    Door(
        "rosters.pin",
        "/rosters/shifts/{shift}/pin/{seated}",
        DESK,
        "POST",
        strangers=OTHER,
        form={"verdict": "must"},
    ),
    Door("rosters.person", "/rosters/people/{free}", READERS, strangers=OTHER),
]
