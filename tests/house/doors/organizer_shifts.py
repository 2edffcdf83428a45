"""Doors of volunteer/views/organizer/shifts.py."""

from datetime import timedelta
from typing import Any

from tests.builders import MONDAY, City, a_shift, an_activity
from tests.house.doors import DESK, READERS, Door
from volunteer.domain.terms import ShiftState
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A live shift and a called-off one of the unit, at a point of its own district, years ahead."""
    on = MONDAY + timedelta(days=3650)
    activity = an_activity(unit, starts_on=on, ends_on=on)
    point = city.point
    return {
        "shift": a_shift(activity, point, on=on).id,
        "off": a_shift(
            activity, point, on=on, start="17:30", end="18:30", state=ShiftState.CANCELLED
        ).id,
    }


OTHER = frozenset({"other_organizer"})

DOORS = [
    Door("shifts.show", "/shifts/{shift}", READERS, strangers=OTHER),
    Door("shifts.edit", "/shifts/{shift}/edit", DESK, strangers=OTHER),
    Door("shifts.save", "/shifts/{shift}/edit", DESK, "POST", strangers=OTHER),
    Door(
        "shifts.split",
        "/shifts/{shift}/split",
        DESK,
        "POST",
        strangers=OTHER,
        form={"version": "1", "divide_at": "08:00"},
    ),
    Door(
        "shifts.cancel",
        "/shifts/{shift}/cancel",
        DESK,
        "POST",
        strangers=OTHER,
        form={"cause": "weather", "reason": "暴雨"},
    ),
    Door("shifts.restore", "/shifts/{off}/restore", DESK, "POST", strangers=OTHER),
    Door("shifts.people", "/shifts/people?leader=王", DESK | OTHER),
]
