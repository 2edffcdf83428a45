"""Doors of volunteer/views/organizer/people_acts.py and person_card.py."""

from typing import Any

from sqlalchemy import select

from tests.builders import NOW, City, a_skill, a_volunteer, an_account
from tests.house.doors import DESK, OFFICES, Door
from volunteer.models.base import db
from volunteer.models.people import Apart, Qualification, Skill, Unit

OTHERS = frozenset({"other_organizer"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A volunteer of the unit with a login, a skill and somebody to keep away from."""
    person, other = a_volunteer(unit), a_volunteer(unit)
    an_account(volunteer=person)
    person.card_issue = 1
    skill = db.session.scalar(select(Skill)) or a_skill()
    held = Qualification(volunteer_id=person.id, skill_id=skill.id, confirmed_at=NOW)
    pair = Apart(first_id=person.id, second_id=other.id, unit_id=unit.id)
    db.session.add_all([held, pair])
    db.session.flush()
    return {"person": person.id, "held": held.id, "pair": pair.id}


def _act(endpoint: str, path: str, form: dict[str, str] | None = None) -> Door:
    return Door(
        f"people_acts.{endpoint}",
        f"/people/{{person}}/{path}",
        DESK,
        "POST",
        strangers=OTHERS,
        form=form or {},
    )


DOORS = [
    _act("confirm", "skills"),
    _act("remove", "skills/{held}/remove", {"reason": "证书过期"}),
    _act("pause", "pause"),
    _act("resume", "resume"),
    _act("leave", "leave", {"reason": "调离本市"}),
    _act("come_back", "return"),
    Door(
        "people_acts.reopen",
        "/people/{person}/reopen",
        OFFICES,
        "POST",
        form={"reason": "本人误操作"},
    ),
    _act("move", "move"),
    _act("part", "apart"),
    _act("lift", "apart/{pair}/lift"),
    _act("guardian", "guardian", {"reason": "档案柜三号"}),
    Door("people_acts.merging", "/people/{person}/merge", DESK, strangers=OTHERS),
    _act("merge", "merge"),
    Door("people_acts.week", "/people/{person}/week/0", DESK, strangers=OTHERS),
    _act("save_week", "week/0", {"early": "can"}),
    _act("appoint", "organizer"),
    _act("dismiss", "organizer/end", {"reason": "岗位调整"}),
    _act("password", "password"),
    _act("end_sessions", "sessions/end"),
    Door("person_card.show", "/people/{person}/card", DESK, strangers=OTHERS),
    Door("person_card.paper", "/people/{person}/card/paper", DESK, strangers=OTHERS),
    Door("person_card.issue", "/people/{person}/card/issue", DESK, "POST", strangers=OTHERS),
    Door("person_card.void", "/people/{person}/card/void", DESK, "POST", strangers=OTHERS),
]
