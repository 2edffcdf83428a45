"""Doors of volunteer/views/organizer/shift_series.py."""

from typing import Any

from tests.builders import NOW, City, a_shift, an_activity
from tests.house.doors import DESK, Door
from volunteer.domain.terms import ShiftState
from volunteer.models.activities import ShiftBatch
from volunteer.models.base import db
from volunteer.models.people import Unit


def things(city: City, unit: Unit) -> dict[str, Any]:
    """An activity of the unit with a batch of one shift."""
    activity = an_activity(unit)
    batch = ShiftBatch(activity_id=activity.id, wanted=WANTED, created_at=NOW, created_by_id=1)
    db.session.add(batch)
    db.session.flush()
    a_shift(activity, city.point, state=ShiftState.PLANNED, batch_id=batch.id)
    return {"activity": activity.id, "batch": batch.id}


WANTED = {
    "made": 1,
    "series": {
        "first_on": "2026-11-23",
        "last_on": "2026-11-23",
        "slots": [["07:30", "08:30"]],
        "point_ids": [],
    },
    "terms": {
        "min_heads": 2,
        "target_heads": 3,
        "max_heads": 4,
        "min_age": 18,
        "max_age": 65,
        "is_open": True,
    },
}
OTHER = frozenset({"other_organizer"})

DOORS = [
    Door("shift_series.compose", "/activities/{activity}/shifts/new", DESK, strangers=OTHER),
    Door(
        "shift_series.preview",
        "/activities/{activity}/shifts/preview",
        DESK,
        "POST",
        strangers=OTHER,
    ),
    Door("shift_series.create", "/activities/{activity}/shifts", DESK, "POST", strangers=OTHER),
    Door("shift_series.undo", "/shift-batches/{batch}/undo", DESK, "POST", strangers=OTHER),
]
