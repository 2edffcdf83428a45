"""The board, drafts and reasons in English: no Chinese sentence is left but the names that people gave."""

import html
import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import String, Text, select

from tests.builders import a_skill, a_volunteer, an_assignment
from tests.views.test_rosters import Desk, seat_of
from volunteer.domain.terms import AssignmentState, ShiftState
from volunteer.domain.timekeeping import now
from volunteer.models.activities import ShiftSkill
from volunteer.models.base import Base, db
from volunteer.models.people import Qualification

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
NOT_SHOWN = re.compile(
    r'<meta name="words"[^>]*>|<script.*?</script>|<span class="person-face.*?</span>', re.DOTALL
)


def names_given() -> list[str]:
    """Every Chinese text that stands in the data, the longest first."""
    found: set[str] = set()
    for table in Base.metadata.tables.values():
        columns = [c for c in table.columns if isinstance(c.type, String | Text)]
        for row in db.session.execute(select(*columns)) if columns else ():
            found |= {value for value in row if isinstance(value, str) and CHINESE.search(value)}
    db.session.rollback()
    return sorted(found, key=len, reverse=True)


def chinese_left(page: str) -> list[str]:
    """What is still Chinese on a page, the data aside."""
    told = html.unescape(NOT_SHOWN.sub("", page)).replace("中文</button>", "")
    for name in names_given():
        told = told.replace(name, "")
    return CHINESE.findall(told)


@pytest.fixture
def desk(app: Flask) -> Desk:
    """A desk in English, with a skill that a shift asks for and one person has."""
    made = Desk(app)
    skill = a_skill("first_aid", "急救")
    db.session.add_all(
        [
            ShiftSkill(shift_id=made.shifts[0].id, skill_id=skill.id, count=1),
            Qualification(volunteer_id=made.people[0].id, skill_id=skill.id, confirmed_at=now()),
        ]
    )
    db.session.commit()
    made.client.post("/account/language", data={"language": "en"})
    return made


def test_a_draft_says_everything_in_english(desk: Desk) -> None:
    draft = desk.draft()
    seat = seat_of(draft)
    here = f"/planning/drafts/{draft.id}"
    for address in (
        here,
        f"{here}?view=changed",
        f"{here}/shifts/{desk.shifts[0].id}",
        f"{here}/shifts/{desk.shifts[1].id}",
        f"{here}/people/{seat.volunteer_id}?from={seat.shift_id}",
        f"{here}/publish",
        f"{here}/load",
        f"/planning/runs/{draft.run_id}",
        "/planning",
        f"/planning/drafts?week={desk.monday}",
    ):
        assert chinese_left(desk.page(address)) == [], address


def test_a_move_by_hand_is_judged_done_and_refused_in_english(desk: Desk) -> None:
    draft = desk.draft()
    seat = seat_of(draft)
    old = a_volunteer(desk.city.unit, "李大爷", birth_year=1940)
    db.session.commit()
    old_id = old.id
    review = desk.client.get(
        f"/planning/drafts/{draft.id}/review?seat={seat.volunteer_id}-{seat.shift_id}"
    )
    words = [target["words"] for target in review.get_json()["targets"].values()]
    assert words
    assert all(words)
    move: dict[str, Any] = {"seat": f"{seat.volunteer_id}-{seat.shift_id}", "from": seat.shift_id}
    done = desk.client.post(
        f"/planning/drafts/{draft.id}/move",
        data={**move, "to": 0},
        headers={"HX-Request": "true"},
    )
    toast = json.loads(done.headers["HX-Trigger"])["toast"]["text"]
    assert "taken off" in toast
    refused = desk.client.post(
        f"/planning/drafts/{draft.id}/move",
        data={"seat": f"{old_id}", "from": 0, "to": desk.shifts[0].id},
    )
    assert refused.status_code == 422
    assert "not between 18 and 65" in refused.text
    assert chinese_left(json.dumps(words, ensure_ascii=False) + toast + refused.text) == []


def test_repair_and_one_persons_week_speak_english(desk: Desk) -> None:
    shift, who = desk.shifts[0], desk.people[0]
    shift.state = ShiftState.PUBLISHED
    shift.service_on = desk.monday
    an_assignment(shift, who, state=AssignmentState.ACCEPTED)
    db.session.commit()
    shift_id, who_id = shift.id, who.id
    candidates = desk.page(f"/rosters/shifts/{shift_id}/candidates")
    week = desk.page(f"/rosters/people/{who_id}?week={desk.monday}")
    assert "holds “急救”" in week
    mend = desk.page(f"/rosters/mend?week={desk.monday}&scope={desk.scope()}")
    trouble = desk.page("/rosters/trouble")
    board = desk.page(f"/rosters?week={desk.monday}")
    for page in (candidates, week, mend, trouble, board):
        assert chinese_left(page) == []
