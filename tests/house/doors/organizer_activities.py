"""Doors of volunteer/views/organizer/activities.py."""

from datetime import timedelta
from typing import Any

from tests.builders import City, a_shift, an_activity
from tests.house.doors import DESK, READERS, Door
from volunteer.domain.terms import ActivityState
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A draft and a published activity of the unit, in the far future."""
    draft = an_activity(unit, state=ActivityState.DRAFT)
    published = an_activity(unit)
    for activity in (draft, published):
        activity.starts_on += timedelta(days=3650)
        activity.ends_on += timedelta(days=3650)
    a_shift(draft, city.point, on=draft.starts_on)
    return {"draft": draft.id, "published": published.id, "kind": draft.kind_id, "unit": unit.id}


OTHER = frozenset({"other_organizer"})
VERSION = {"version": "1"}

DOORS = [
    Door("activities.listing", "/activities", READERS | OTHER),
    Door("activities.new", "/activities/new?kind={kind}&unit={unit}", DESK, strangers=OTHER),
    Door("activities.create", "/activities", DESK | OTHER, "POST"),
    Door("activities.show", "/activities/{published}", READERS, strangers=OTHER),
    Door("activities.edit", "/activities/{draft}/edit", DESK, strangers=OTHER),
    Door("activities.save", "/activities/{draft}/edit", DESK, "POST", strangers=OTHER),
    Door("activities.copy", "/activities/{published}/copy", DESK, "POST", strangers=OTHER),
    Door(
        "activities.publish",
        "/activities/{draft}/publish",
        DESK,
        "POST",
        strangers=OTHER,
        form=VERSION,
    ),
    Door(
        "activities.cancel",
        "/activities/{published}/cancel",
        DESK,
        "POST",
        strangers=OTHER,
        form={**VERSION, "reason": "场地停用"},
    ),
    Door(
        "activities.close",
        "/activities/{published}/close",
        DESK,
        "POST",
        strangers=OTHER,
        form=VERSION,
    ),
]
