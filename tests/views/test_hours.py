"""The desk's records: the story of one, a correction with what was typed kept, what waits for whom."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.builders import a_city, sign_in
from tests.house.doors.me_home import things
from tests.records import a_record
from volunteer.domain.terms import Grade
from volunteer.domain.timekeeping import now
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.queries.accounts import actor_of
from volunteer.queries.records import RecordFilter, records_of


@pytest.fixture
def desk(app: Flask) -> Any:
    app.config["WTF_CSRF_ENABLED"] = False
    city = a_city()
    values = things(city, city.unit)
    db.session.commit()
    client = sign_in(app, city.organizer)
    client.city, client.record = city, values["record"]  # type: ignore[attr-defined]
    return client


def text_of(page: Any) -> str:
    return str(page.get_data(as_text=True))


def test_the_list_sums_what_the_filter_leaves(desk: Any) -> None:
    assert "王芳" in text_of(desk.get("/hours"))
    assert "1.0" in text_of(desk.get("/hours?mark=pending"))
    assert "没有符合条件的记录" in text_of(desk.get("/hours?q=nobody"))
    assert "没有符合条件的记录" in text_of(desk.get("/hours?mark=forced"))
    assert "没有符合条件的记录" in text_of(desk.get("/hours?grade=E&first=2020-01-01"))
    assert desk.get("/hours?first=nonsense&page=x&grade=Z").status_code == 200


def test_an_address_may_say_what_it_likes(desk: Any) -> None:
    """Names that mean something to whoever builds addresses are words like all others."""
    page = desk.get("/hours?endpoint=x&_scheme=javascript&_external=1")
    assert page.status_code == 200
    assert "javascript:" not in text_of(page)


def test_the_sum_of_the_list_is_split_by_grade(desk: Any) -> None:
    an_other = a_record(desk.city.unit, desk.city.volunteer, on=date(2026, 3, 2), grade="C")
    db.session.commit()
    found = records_of(actor_of(desk.city.organizer, at=now()), RecordFilter())
    assert sum(found.by_grade.values()) == found.credited_minutes > 0
    assert found.by_grade[Grade.C] == an_other.credited_minutes
    page = text_of(desk.get("/hours"))
    assert "grade=C" in page
    assert 'aria-label="按证据等级"' in page
    only = records_of(actor_of(desk.city.organizer, at=now()), RecordFilter(grade=Grade.A))
    assert only.by_grade[Grade.C] == 0


def test_a_wrong_correction_keeps_what_was_typed(desk: Any) -> None:
    page = desk.post(
        f"/hours/{desk.record}/correct", data={"came": "08:30", "went": "07:30", "reason": "手误"}
    )
    assert page.status_code == 422
    assert "签退时间要晚于签到时间" in text_of(page)
    assert 'value="手误"' in text_of(page)
    assert desk.post(f"/hours/{desk.record}/correct", data={}).status_code == 422


def test_waiting_minutes_are_approved_from_the_page(desk: Any) -> None:
    assert "20 分钟待复核" in text_of(desk.get(f"/hours/{desk.record}"))
    answer = desk.post(f"/hours/{desk.record}/approve")
    assert answer.status_code == 302
    shown = text_of(desk.get(answer.headers["Location"]))
    assert "现认定 80 分钟" in shown
    assert "第 2 版" in shown
    db.session.rollback()
    assert db.session.scalars(select(LedgerEntry.minutes)).all() == [80]
    assert "已被更正" in text_of(desk.get(f"/hours/{desk.record}"))


def test_a_record_is_taken_away_with_a_reason(desk: Any) -> None:
    assert desk.post(f"/hours/{desk.record}/void", data={"reason": ""}).status_code == 422
    answer = desk.post(f"/hours/{desk.record}/void", data={"reason": "扫错了人"})
    assert answer.status_code == 302
    db.session.rollback()
    newest = db.session.scalars(select(ServiceRecord).order_by(ServiceRecord.id.desc())).first()
    assert newest is not None
    assert newest.credited_minutes == 0


def test_the_person_reads_the_same_arithmetic(app: Flask, desk: Any) -> None:
    phone = sign_in(app, desk.city.volunteer_account)
    text = text_of(phone.get(f"/me/record/{desk.record}"))
    assert "认定 60 分钟" in text
    assert "20 分钟待复核" in text
    assert phone.get(f"/hours/{desk.record}").status_code == 403
