"""Doors of volunteer/views/admin/places.py."""

from datetime import date
from typing import Any

from tests.builders import City, a_point
from tests.house.doors import OFFICES, SIGNED_IN, Door
from volunteer.models.base import db
from volunteer.models.people import PointContract, Unit

DISTRICT = frozenset({"district_admin"})
KEEPERS = OFFICES | {"organizer"}


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A point of the own district for which the unit answers, and one of the other district."""
    point, stranger = a_point(city.district), a_point(city.other_district)
    contract = PointContract(unit_id=unit.id, point_id=point.id, since_on=date(2026, 1, 1))
    db.session.add(contract)
    db.session.flush()
    return {"point": point.id, "stranger": stranger.id, "contract": contract.id}


def _post(endpoint: str, address: str) -> Door:
    return Door(f"places.{endpoint}", f"/city/points/{address}", OFFICES, "POST")


DOORS = [
    Door("places.listing", "/city/points/", SIGNED_IN),
    Door("places.new", "/city/points/new", OFFICES),
    _post("create", "new"),
    Door("places.show", "/city/points/{point}", SIGNED_IN),
    Door("places.edit", "/city/points/{point}/edit", OFFICES),
    Door("places.edit", "/city/points/{stranger}/edit", OFFICES - DISTRICT, strangers=DISTRICT),
    _post("save", "{point}/edit"),
    _post("retire", "{point}/retire"),
    _post("bring_back", "{point}/return"),
    _post("contract", "{point}/contracts"),
    _post("finish", "contracts/{contract}/end"),
    Door(
        "places.retire",
        "/city/points/{stranger}/retire",
        OFFICES - DISTRICT,
        "POST",
        strangers=DISTRICT,
    ),
    Door(
        "places.poster",
        "/city/points/{point}/poster",
        KEEPERS,
        strangers=frozenset({"other_organizer"}),
    ),
    _post("renew", "{point}/poster/renew"),
]
