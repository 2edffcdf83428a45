"""Doors of volunteer/views/admin/units.py."""

from datetime import date
from typing import Any

from tests.builders import City, a_community, a_tie, a_unit
from tests.house.doors import OFFICES, READERS, Door
from volunteer.domain.terms import UnitLevel
from volunteer.models.people import Unit

DISTRICT = frozenset({"district_admin"})
OTHERS = frozenset({"other_organizer"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """The unit, one of another district, and a tie that can be ended."""
    stranger = a_unit(district_id=city.other_district.id, level=UnitLevel.DISTRICT)
    tie = a_tie(unit, a_community(city.district), since=date(2026, 2, 1))
    return {"unit": unit.id, "stranger": stranger.id, "tie": tie.id}


def _post(endpoint: str, address: str) -> Door:
    return Door(f"units.{endpoint}", f"/city/units/{address}", OFFICES, "POST")


DOORS = [
    Door("units.listing", "/city/units/", READERS | OTHERS),
    Door("units.new", "/city/units/new", OFFICES),
    _post("create", "new"),
    Door("units.show", "/city/units/{unit}", READERS, strangers=OTHERS),
    Door("units.edit", "/city/units/{unit}/edit", OFFICES),
    Door("units.edit", "/city/units/{stranger}/edit", OFFICES - DISTRICT, strangers=DISTRICT),
    _post("save", "{unit}/edit"),
    _post("tie", "{unit}/ties"),
    _post("untie", "ties/{tie}/end"),
    _post("close", "{unit}/close"),
    Door(
        "units.close",
        "/city/units/{stranger}/close",
        OFFICES - DISTRICT,
        "POST",
        strangers=DISTRICT,
    ),
    _post("reopen", "{unit}/reopen"),
]
