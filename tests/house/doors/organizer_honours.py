"""Doors of volunteer/views/organizer/honours.py and volunteer/views/organizer/targets.py."""

import itertools
from datetime import date
from typing import Any

from tests.builders import NOW, City
from tests.house.doors import DESK, READERS, Door
from volunteer.domain.terms import AwardVerdict
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.models.recognition import Award, Honour

OTHER = frozenset({"other_organizer"})
_serial = itertools.count(1)


def things(city: City, unit: Unit) -> dict[str, Any]:
    """An honour of the unit, given to its volunteer."""
    honour = Honour(
        title=f"优秀志愿者第{next(_serial)}批",
        year=2026,
        body=unit.name,
        criteria="服务突出",
        unit_id=unit.id,
        made_at=NOW,
    )
    db.session.add(honour)
    db.session.flush()
    award = Award(
        honour_id=honour.id,
        volunteer_id=city.volunteer.id,
        unit_id=unit.id,
        verdict=AwardVerdict.GRANTED,
        citation="风雨无阻",
        public_until=date(2026, 11, 30),
        decided_at=NOW,
    )
    db.session.add(award)
    db.session.flush()
    return {"honour": honour.id, "award": award.id, "unit": unit.id}


DOORS = [
    Door("honours.listing", "/honours", READERS | OTHER),
    Door("honours.new", "/honours/new", DESK | OTHER),
    Door("honours.save", "/honours/new", DESK | OTHER, "POST"),
    Door("honours.show", "/honours/{honour}", READERS, strangers=OTHER),
    Door("honours.give", "/honours/{honour}/awards", DESK, "POST", strangers=OTHER),
    Door(
        "honours.withdraw",
        "/honours/awards/{award}/withdraw",
        DESK,
        "POST",
        strangers=OTHER,
        form={"reason": "事迹不实"},
    ),
    Door("targets.overview", "/targets", READERS | OTHER),
    Door("targets.unit", "/targets/{unit}", READERS, strangers=OTHER),
    Door("targets.save", "/targets/{unit}", DESK, "POST", strangers=OTHER),
]
