"""Doors of volunteer/views/organizer/people.py."""

from typing import Any

from tests.builders import City, a_volunteer
from tests.house.doors import DESK, READERS, Door
from volunteer.models.people import Unit

OTHERS = frozenset({"other_organizer"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A volunteer of the unit."""
    return {"person": a_volunteer(unit).id}


DOORS = [
    Door("people.listing", "/people", READERS | OTHERS),
    Door(
        "people.minors",
        "/people/minors",
        READERS | OTHERS,
        "POST",
        form={"reason": "暑期活动选人"},
    ),
    Door("people.show", "/people/{person}", READERS, strangers=OTHERS),
    Door(
        "people.reveal_part",
        "/people/{person}/reveal",
        DESK,
        "POST",
        strangers=OTHERS,
        form={"part": "phone", "reason": "通知临时改期"},
    ),
    Door("people.new", "/people/new", DESK | OTHERS),
    Door("people.create", "/people/new", DESK | OTHERS, "POST"),
    Door("people.edit", "/people/{person}/edit", DESK, strangers=OTHERS),
    Door("people.save", "/people/{person}/edit", DESK, "POST", strangers=OTHERS),
]
