"""Doors of volunteer/views/organizer/stars.py and volunteer/views/me/recognition.py."""

from typing import Any

from tests.builders import City
from tests.house.doors import DESK, OFFICES, READERS, Door
from tests.recognition import a_grant
from volunteer.models.people import Unit

OTHER = frozenset({"other_organizer"})
ME = frozenset({"volunteer_account"})
STRANGER = frozenset({"other_volunteer_account"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A grant to the unit's volunteer, being published."""
    return {"star": a_grant(city.volunteer).id}


DOORS = [
    Door("stars.listing", "/stars?state=waiting", READERS | OTHER),
    Door("stars.decide", "/stars/decide", DESK | OTHER, "POST"),
    Door(
        "stars.withdraw",
        "/stars/{star}/withdraw",
        OFFICES,
        "POST",
        strangers=OTHER,
        form={"reason": "核实有误"},
    ),
    Door("recognition.show", "/me/recognition", ME | STRANGER),
    Door("recognition.roll", "/me/recognition/honours", ME | STRANGER),
    Door("recognition.announcements", "/me/recognition/announced", ME | STRANGER),
    Door(
        "recognition.object_to",
        "/me/recognition/announced/{star}/object",
        ME,
        "POST",
        strangers=STRANGER,
        form={"words": "这个人没有来过"},
    ),
]
