"""Ways to mend a published week, side by side; what is taken becomes a draft."""

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.builders import (
    a_city,
    a_shift,
    a_volunteer,
    an_activity,
    an_assignment,
    available,
    sign_in,
)
from volunteer.domain.terms import AssignmentState
from volunteer.domain.timekeeping import local_date, now, week_of
from volunteer.models.base import db
from volunteer.models.journal import Message
from volunteer.models.rosters import DraftRoster, DraftSeat


class Week:
    """Wang Jia stands early; only he could come late, and only Wang Yi could take his place."""

    def __init__(self, app: Flask) -> None:
        app.config["WTF_CSRF_ENABLED"] = False
        self.city = a_city()
        self.monday: date = week_of(local_date(now())) + timedelta(days=7)
        activity = an_activity(self.city.unit, starts_on=self.monday, ends_on=self.monday)
        wants = {"min_heads": 1, "target_heads": 1, "max_heads": 1, "is_open": False}
        self.early = a_shift(activity, self.city.point, on=self.monday, **wants)
        self.late = a_shift(
            activity,
            self.city.point,
            on=self.monday,
            start="18:00",
            end="19:00",
            priority=1,
            **wants,
        )
        self.jia = a_volunteer(self.city.unit, "王甲", max_shifts_per_day=1)
        self.yi = a_volunteer(self.city.unit, "王乙")
        available(self.jia)
        available(self.yi, start="07:00", end="09:00")
        available(self.city.volunteer, start="12:00", end="12:30")
        an_assignment(self.early, self.jia, state=AssignmentState.ACCEPTED)
        db.session.commit()
        self.client: FlaskClient = sign_in(app, self.city.organizer)
        self.scope = f"unit:{self.city.unit.id}"

    def page(self, **asked: object) -> str:
        answer = self.client.get("/rosters/mend", query_string={"week": self.monday, **asked})
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def take(self, kind: str, **more: object) -> int:
        form = {"week": self.monday, "scope": self.scope, "moves": "3", "kind": kind, **more}
        answer = self.client.post("/rosters/mend", data=form)
        if answer.status_code == 302:
            assert "/planning/drafts/" in answer.headers["Location"]
        return answer.status_code


@pytest.fixture
def week(app: Flask) -> Week:
    return Week(app)


def test_a_move_that_wins_a_head_is_offered_with_its_price_and_names(week: Week) -> None:
    assert "补位方案" in week.page()
    html = week.page(scope=week.scope, moves=3)
    assert "调动 1 人" in html
    assert "比只补缺口多补 1 人" in html
    assert "没有空闲的人能补上" in html
    assert html.count("采用为草案") == 1
    assert "王甲" in html
    assert "王乙" in html


def test_what_is_taken_becomes_a_draft_and_nobody_is_told(week: Week) -> None:
    assert week.take("moves") == 302
    db.session.rollback()
    draft = db.session.scalars(select(DraftRoster)).one()
    seats = set(db.session.execute(select(DraftSeat.shift_id, DraftSeat.volunteer_id)))
    assert seats == {(week.late.id, week.jia.id), (week.early.id, week.yi.id)}
    assert draft.base == [[week.early.id, week.jia.id, "accepted"]]
    told = select(func.count()).select_from(Message).where(Message.volunteer_id == week.jia.id)
    assert db.session.scalar(told) == 0
    assert week.client.get(f"/planning/drafts/{draft.id}").status_code == 200


def test_a_free_person_is_called_up_before_anybody_is_moved(week: Week) -> None:
    third = a_volunteer(week.city.unit, "王丙")
    available(third)
    db.session.commit()
    html = week.page(scope=week.scope)
    assert "只补缺口" in html
    assert "已通知的人都不动" in html
    assert "王丙" in html
    assert "调动 1 人" not in html
    assert week.take("moves") == 409
    assert week.take("refill") == 302


def test_where_nothing_is_missing_it_says_so(week: Week) -> None:
    an_assignment(week.late, a_volunteer(week.city.unit), state=AssignmentState.ACCEPTED)
    db.session.commit()
    assert "这个范围内的班次都够人" in week.page(scope=week.scope)
    assert week.take("refill") == 409


@pytest.mark.parametrize("wrong", [{"week": "nonsense"}, {"scope": ""}, {"scope": "unit:x"}])
def test_what_cannot_be_asked_is_refused(week: Week, wrong: dict[str, str]) -> None:
    assert week.take("refill", **wrong) == 422
