"""Doors of volunteer/views/organizer/hours.py."""

from typing import Any

from tests.builders import City
from tests.house.doors import DESK, READERS, Door
from tests.house.doors.me_home import things as duty_things
from volunteer.models.people import Unit

OTHERS = frozenset({"other_organizer"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A record of the unit with waiting minutes."""
    return duty_things(city, unit)


def act(name: str, **form: str) -> Door:
    """One act on a record: the desk of the unit may, another unit's does not find it."""
    return Door(
        f"hours.{name}", f"/hours/{{record}}/{name}", DESK, "POST", strangers=OTHERS, form=form
    )


DOORS = [
    Door("hours.records", "/hours", READERS | OTHERS),
    Door("hours.due", "/hours/due", READERS | OTHERS),
    Door("hours.record", "/hours/{record}", READERS, strangers=OTHERS),
    act("correct", came="07:30", went="08:30", reason="核对属实"),
    act("void", reason="扫错了人"),
    act("approve"),
    act("refuse", reason="没有依据"),
]
