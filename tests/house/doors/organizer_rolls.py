"""Doors of volunteer/views/organizer/rolls.py."""

from typing import Any

from tests.builders import NOW, City
from tests.house.doors import DESK, Door
from volunteer.models.base import db
from volunteer.models.people import RollImport, Unit
from volunteer.queries.people.rolls import packed

OTHERS = frozenset({"other_organizer"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A judged roll of the unit, empty."""
    roll = RollImport(
        unit_id=unit.id,
        file_name="花名册.xlsx",
        rows_cipher=packed([]),
        row_count=0,
        fault_count=0,
        created_by_id=1,
        created_at=NOW,
    )
    db.session.add(roll)
    db.session.flush()
    return {"roll": roll.id}


DOORS = [
    Door("rolls.listing", "/people/rolls", DESK | OTHERS),
    Door("rolls.upload", "/people/rolls", DESK | OTHERS, "POST"),
    Door("rolls.template", "/people/rolls/template.xlsx", DESK | OTHERS),
    Door("rolls.preview", "/people/rolls/{roll}", DESK, strangers=OTHERS),
    Door("rolls.confirm", "/people/rolls/{roll}/confirm", DESK, "POST", strangers=OTHERS),
    Door("rolls.discard", "/people/rolls/{roll}/discard", DESK, "POST", strangers=OTHERS),
    Door("rolls.faults", "/people/rolls/{roll}/faults.xlsx", DESK, strangers=OTHERS),
]
