"""Objections and make-up hours through the pages: forms kept, refusals told, broken rules in the audit."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.builders import a_city, sign_in
from tests.house.doors.tickets import ANSWER, CLAIM, SAID, things
from volunteer.domain.terms import MakeUpState, TicketState
from volunteer.domain.timekeeping import local_date, now
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.tickets import MakeUp, RecordConfirmation, RegisterObjection, Ticket


class Pages:
    """Everybody signed in, and the things of the table of doors."""

    def __init__(self, app: Flask) -> None:
        app.config["WTF_CSRF_ENABLED"] = False
        self.city = a_city()
        self.ids = things(self.city, self.city.unit)
        db.session.commit()
        self.me = sign_in(app, self.city.volunteer_account)
        self.desk = sign_in(app, self.city.organizer)
        self.district = sign_in(app, self.city.district_admin)
        self.visitor = app.test_client()

    def path(self, text: str) -> str:
        return text.format(**self.ids)


@pytest.fixture
def pages(app: Flask) -> Pages:
    return Pages(app)


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_an_objection_with_a_fault_keeps_what_was_typed(pages: Pages) -> None:
    place = pages.path("/me/tickets/new?record={record}")
    answer = pages.me.post(place, data={**SAID, "came": "08:30", "went": "07:30"})
    assert answer.status_code == 422
    assert "我确实在现场" in text_of(answer)
    assert "签退时间要晚于签到时间" in text_of(answer)
    answer = pages.me.post(place, data=SAID)
    assert answer.status_code == 302
    assert "待办理" in text_of(pages.me.get(answer.headers["Location"]))
    assert "已经提出过申诉" in text_of(pages.me.get(place))


def test_the_second_answer_is_a_409(pages: Pages) -> None:
    place = pages.path("/tickets/{ticket}/uphold")
    assert pages.desk.post(place, data={**ANSWER, "answer": ""}).status_code == 422
    assert pages.desk.post(place, data={**ANSWER, "version": "9"}).status_code == 409
    assert pages.desk.post(place, data=ANSWER).status_code == 302
    again = pages.district.post(pages.path("/tickets/{ticket}/refuse"), data=ANSWER)
    assert again.status_code == 409
    assert "已经办完" in text_of(again)
    db.session.rollback()
    ticket = db.session.get(Ticket, pages.ids["ticket"])
    assert ticket is not None
    assert ticket.state is TicketState.UPHELD
    assert "看更正后的记录" in text_of(pages.me.get(pages.path("/me/tickets/{ticket}")))


def test_deadlines_are_said_in_words(pages: Pages) -> None:
    ticket = db.session.get(Ticket, pages.ids["ticket"])
    assert ticket is not None
    assert "今天到期" in text_of(pages.desk.get("/tickets"))
    ticket.due_on = local_date(now()) - timedelta(days=30)
    db.session.commit()
    shown = text_of(pages.desk.get("/tickets?stand=late"))
    assert "已超期" in shown
    assert "个工作日" in shown
    assert "已超期" in text_of(pages.desk.get("/desk"))
    ticket.due_on = local_date(now()) + timedelta(days=30)
    db.session.commit()
    assert "还剩" in text_of(pages.desk.get("/tickets"))


def test_a_broken_rule_of_make_up_is_in_the_audit(pages: Pages) -> None:
    shift = db.session.get(Shift, pages.ids["missing"])
    assert shift is not None
    shift.service_on = shift.service_on - timedelta(days=30)
    db.session.commit()
    answer = pages.me.post(pages.path("/me/make-ups/new/{missing}"), data=CLAIM)
    assert answer.status_code == 403
    assert "已经过期" in text_of(answer)
    db.session.rollback()
    line = db.session.scalars(
        select(AuditEntry).where(AuditEntry.act == "make_up_refused:out_of_window")
    ).one()
    assert line.account_id == pages.city.volunteer_account.id
    assert db.session.scalars(select(MakeUp.id).where(MakeUp.shift_id == shift.id)).all() == []


def test_the_desk_takes_up_and_the_unit_cannot_review(pages: Pages) -> None:
    assert pages.desk.post(pages.path("/make-ups/{asked}/endorse")).status_code == 302
    approve = pages.path("/make-ups/{review}/approve")
    _move(pages.ids["review"])
    assert pages.desk.post(approve, data={"version": "1"}).status_code == 403
    assert pages.district.post(approve, data={"version": "1"}).status_code == 302
    db.session.rollback()
    row = db.session.get(MakeUp, pages.ids["review"])
    assert row is not None
    assert row.state is MakeUpState.ANNOUNCED


def _move(make_up_id: int) -> None:
    """To another day: at the same time there are other records."""
    row = db.session.get(MakeUp, make_up_id)
    assert row is not None
    row.came_at -= timedelta(days=40)
    row.went_at -= timedelta(days=40)
    db.session.commit()


def test_a_refusal_of_make_up_needs_its_reason(pages: Pages) -> None:
    place = pages.path("/make-ups/{review}/refuse")
    answer = pages.district.post(place, data={"version": "1", "reason": ""})
    assert answer.status_code == 422
    assert "请写明理由" in text_of(answer)


def test_the_register_shows_no_full_name_and_takes_objections_from_anybody(pages: Pages) -> None:
    shown = text_of(pages.visitor.get("/register"))
    assert "王*" in shown
    assert "王芳" not in shown
    assert "手机没电，一直在北口" not in shown
    place = pages.path("/register/{announced}")
    assert pages.visitor.post(place, data={"words": ""}).status_code == 422
    answer = pages.visitor.post(place, data={"words": "那天没有看到这个人", "contact": "李四"})
    assert answer.status_code == 302
    assert "有异议，核查中" in text_of(pages.visitor.get("/register"))
    db.session.rollback()
    kept = db.session.scalars(select(RegisterObjection)).one()
    assert "李四".encode() not in (kept.contact_cipher or b"")


def test_who_vouches_says_yes_or_no_once(pages: Pages) -> None:
    place = pages.path("/me/make-ups/{witness}/not-seen")
    wanted = pages.path("/me/make-ups/{witness}/witness")
    assert f'href="{wanted}"' in pages.me.get("/me").get_data(as_text=True), "the home page asks"
    assert pages.me.post(place, data={"words": "没看到"}).status_code == 302
    assert "您已经说过了" in text_of(pages.me.get(pages.path("/me/make-ups/{witness}/witness")))
    assert pages.me.post(place).status_code == 409
    assert f'href="{wanted}"' not in pages.me.get("/me").get_data(as_text=True)


def test_the_recap_takes_one_tap(pages: Pages) -> None:
    place = pages.path("/me/recap/{month}")
    assert "这些对吗" in text_of(pages.me.get(place))
    assert pages.me.post(pages.path("/me/recap/records/{record}/confirm")).status_code == 302
    assert "没问题" in text_of(pages.me.get(place))
    assert pages.me.post(f"{place}/confirm").status_code == 302
    db.session.rollback()
    assert db.session.scalars(select(RecordConfirmation.record_id)).all()
    assert pages.me.get("/me/recap/nonsense").status_code == 404
    assert pages.me.get("/me/recap").status_code == 302


def test_lists_bear_nonsense_in_the_address(pages: Pages) -> None:
    for place in ("/tickets", "/make-ups", "/recording", "/register"):
        found = pages.desk.get(f"{place}?stand=nonsense&q=%25&page=x&level=y")
        assert found.status_code == 200
