"""Doors of volunteer/views/admin/areas.py."""

from typing import Any

from tests.builders import City, a_community
from tests.house.doors import OFFICES, SIGNED_IN, Door
from volunteer.models.people import Unit

DISTRICT = frozenset({"district_admin"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A bare community of the own district, one of the other, and the districts themselves."""
    return {
        "district": city.district.id,
        "other": city.other_district.id,
        "community": a_community(city.district).id,
        "stranger": a_community(city.other_district).id,
    }


DOORS = [
    Door("areas.listing", "/city/areas/", SIGNED_IN),
    Door("areas.district", "/city/areas/districts/{district}", SIGNED_IN),
    Door("areas.community", "/city/areas/communities/{community}", SIGNED_IN),
    Door("areas.create", "/city/areas/community/new/{district}", OFFICES, "POST"),
    Door(
        "areas.create",
        "/city/areas/community/new/{other}",
        OFFICES - DISTRICT,
        "POST",
        strangers=DISTRICT,
        form={"names": "新社区"},
    ),
    Door("areas.edit", "/city/areas/community/{community}/edit", OFFICES),
    Door(
        "areas.edit",
        "/city/areas/community/{stranger}/edit",
        OFFICES - DISTRICT,
        strangers=DISTRICT,
    ),
    Door("areas.save", "/city/areas/community/{community}/edit", OFFICES, "POST"),
    Door("areas.delete", "/city/areas/community/{community}/delete", OFFICES, "POST"),
    Door(
        "areas.delete",
        "/city/areas/community/{stranger}/delete",
        OFFICES - DISTRICT,
        "POST",
        strangers=DISTRICT,
    ),
]
