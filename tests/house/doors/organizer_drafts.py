"""Doors of volunteer/views/organizer/drafts.py."""

from datetime import timedelta
from typing import Any

from tests.builders import MONDAY, NOW, City, a_shift, a_volunteer, an_activity
from tests.house.doors import DESK, READERS, Door
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.models.rosters import DraftRoster, DraftSeat


def things(city: City, unit: Unit) -> dict[str, Any]:
    """An open draft of the unit years ahead, with one seat."""
    on = MONDAY + timedelta(weeks=521)
    shift = a_shift(an_activity(unit, starts_on=on, ends_on=on), city.point, on=on)
    who = a_volunteer(unit)
    draft = DraftRoster(week_on=on, unit_id=unit.id, created_at=NOW, base=[])
    db.session.add(draft)
    db.session.flush()
    db.session.add(DraftSeat(draft_id=draft.id, shift_id=shift.id, volunteer_id=who.id))
    db.session.flush()
    return {"draft": draft.id, "shift": shift.id, "who": who.id}


OTHER = frozenset({"other_organizer"})
AT = "/planning/drafts/{draft}"

DOORS = [
    Door("drafts.side_by_side", "/planning/drafts", READERS | OTHER),
    Door("drafts.begin", "/planning/drafts", DESK | OTHER, "POST"),
    Door("drafts.show", AT, READERS, strangers=OTHER),
    Door("drafts.review", AT + "/review?seat={who}-{shift}", DESK, strangers=OTHER),
    Door(
        "drafts.move",
        AT + "/move",
        DESK,
        "POST",
        strangers=OTHER,
        form={"seat": "1-1", "from": "1", "to": "0"},
    ),
    Door(
        "drafts.swap",
        AT + "/swap",
        DESK,
        "POST",
        strangers=OTHER,
        form={"one": "1-1", "other": "2-2"},
    ),
    Door("drafts.undo", AT + "/undo", DESK, "POST", strangers=OTHER),
    Door("drafts.discard", AT + "/discard", DESK, "POST", strangers=OTHER),
    Door("drafts.confirm", AT + "/publish", READERS, strangers=OTHER),
    Door("drafts.publish", AT + "/publish", DESK, "POST", strangers=OTHER, form={"version": "1"}),
    Door("drafts.load", AT + "/load", READERS, strangers=OTHER),
    Door("drafts.shift", AT + "/shifts/{shift}", DESK, strangers=OTHER),
    Door("drafts.person", AT + "/people/{who}?from={shift}", DESK, strangers=OTHER),
]
