"""People on the pages: masked until a reason is given, kept through errors, imported and invited to the end."""

import io
import json
import re

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.builders import City, a_city, a_kind, a_volunteer, sign_in
from volunteer.domain.terms import VolunteerState
from volunteer.models.activities import Wish
from volunteer.models.base import db
from volunteer.models.cipher import blind, encrypt
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Account, Availability, Consent, Volunteer

NUMBER = "430502198506150011"


@pytest.fixture
def city(app: Flask) -> City:
    app.config["WTF_CSRF_ENABLED"] = False
    return a_city()


@pytest.fixture
def desk(app: Flask, city: City) -> FlaskClient:
    return sign_in(app, city.organizer)


@pytest.fixture
def phone(app: Flask, city: City) -> FlaskClient:
    return sign_in(app, city.volunteer_account)


def text_of(response: object) -> str:
    return response.get_data(as_text=True)  # type: ignore[attr-defined]


def test_a_number_is_shown_once_for_a_reason(desk: FlaskClient, city: City) -> None:
    city.volunteer.id_cipher, city.volunteer.id_index = encrypt(NUMBER), blind("id", NUMBER)
    db.session.commit()
    address = f"/people/{city.volunteer.id}"
    assert NUMBER not in text_of(desk.get(address))
    refusal = desk.post(f"{address}/reveal", data={"part": "number", "reason": "看"})
    assert refusal.status_code == 422
    assert NUMBER not in text_of(refusal)
    shown = desk.post(f"{address}/reveal", data={"part": "number", "reason": "核对保险名单"})
    assert NUMBER in text_of(shown)
    assert shown.headers["Cache-Control"] == "no-store"
    assert NUMBER not in text_of(desk.get(address))
    db.session.rollback()
    assert db.session.scalars(
        select(AuditEntry.reason).where(AuditEntry.act == "reveal_identity")
    ).all() == ["核对保险名单"]


def test_a_minor_is_opened_with_a_reason(desk: FlaskClient, city: City) -> None:
    child = a_volunteer(city.unit, "欧阳小明", birth_year=2011)
    db.session.commit()
    address = f"/people/{child.id}"
    assert "欧阳小明" not in text_of(desk.get("/people"))
    assert "欧阳小明" not in text_of(desk.get(address))
    assert desk.get(f"{address}/edit").status_code == 302
    desk.post("/people/minors", data={"reason": "暑期活动选人", "person": str(child.id)})
    assert "欧阳小明" in text_of(desk.get(address))
    assert "欧阳小明" in text_of(desk.get("/people"))


def test_what_was_typed_survives_an_error(desk: FlaskClient, city: City) -> None:
    answer = desk.post(
        "/people/new",
        data={
            "name": "买买提•艾山",
            "phone": "123",
            "unit_id": str(city.unit.id),
            "max_hours_per_week": "4",
            "max_shifts_per_day": "1",
        },
    )
    assert answer.status_code == 422
    assert "买买提•艾山" in text_of(answer)
    assert "电话号码不正确" in text_of(answer)


def test_nobody_registers_into_a_unit_out_of_reach(desk: FlaskClient, city: City) -> None:
    answer = desk.post(
        "/people/new",
        data={
            "name": "某人",
            "phone": "19907390001",
            "unit_id": str(city.other_unit.id),
            "max_hours_per_week": "4",
            "max_shifts_per_day": "1",
        },
    )
    assert answer.status_code == 422
    assert db.session.scalar(select(Volunteer.id).where(Volunteer.name == "某人")) is None


def a_file(*rows: tuple[str, ...]) -> tuple[io.BytesIO, str]:
    book = openpyxl.Workbook()
    for row in (("姓名", "手机号", "身份证号"), *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream, "花名册.xlsx"


def test_a_roll_from_template_to_invited_person(app: Flask, desk: FlaskClient, city: City) -> None:
    assert desk.get("/people/rolls/template.xlsx").data[:2] == b"PK"
    bad = desk.post(
        "/people/rolls",
        data={"file": a_file(("张建国", "19907390001", "430502198506150012"))},
    )
    preview = text_of(desk.get(bad.headers["Location"]))
    assert "C2" in preview
    assert "校验位" in preview
    assert "确认导入" not in preview
    report = desk.get(bad.headers["Location"] + "/faults.xlsx").data
    sheet = openpyxl.load_workbook(io.BytesIO(report)).worksheets[1]
    assert [cell.value for cell in sheet[2]][:4] == ["C2", 2, "张建国", "身份证号"]
    desk.post(bad.headers["Location"] + "/confirm")
    assert db.session.scalar(select(Volunteer.id).where(Volunteer.name == "张建国")) is None

    good = desk.post("/people/rolls", data={"file": a_file(("张建国", "19907390001", NUMBER))})
    desk.post(good.headers["Location"] + "/confirm")
    db.session.rollback()
    person = db.session.scalars(select(Volunteer).where(Volunteer.name == "张建国")).one()
    assert person.state is VolunteerState.AWAITING_CONSENT

    made = text_of(desk.post(f"/people/{person.id}/invite"))
    path = re.search(r"/join/[\w-]{24}", made)
    assert path is not None
    visitor = app.test_client()
    page = text_of(visitor.get(path[0]))
    assert "张*国" in page
    assert "张建国" not in page
    assert "19907390001" not in page
    refusal = visitor.post(path[0], data={"digits": "0001"})
    assert refusal.status_code == 422
    assert "账号与排班" in text_of(refusal)
    entered = visitor.post(
        path[0],
        data={
            "digits": "0001",
            "consents": ["account", "location"],
            "password": "三江口的春天2026",
            "again": "三江口的春天2026",
        },
    )
    assert entered.status_code == 302
    assert "张建国" in text_of(visitor.get("/me/profile"))
    with visitor.session_transaction() as cookie:
        assert cookie.permanent
    db.session.rollback()
    assert person.state is VolunteerState.ACTIVE
    account = db.session.scalars(select(Account).where(Account.volunteer_id == person.id)).one()
    assert account.password_hash is not None
    assert visitor.get(path[0]).status_code == 410


def test_a_file_that_is_no_roll_is_refused_in_words(desk: FlaskClient) -> None:
    answer = desk.post("/people/rolls", data={"file": (io.BytesIO(b"%PDF-1.7"), "花名册.pdf")})
    assert answer.status_code == 422
    assert "这不是电子表格文件" in text_of(answer)
    assert desk.post("/people/rolls", data={}).status_code == 422


def test_guessing_figures_is_slow(app: Flask, desk: FlaskClient, city: City) -> None:
    person = a_volunteer(city.unit, "待确认", state=VolunteerState.AWAITING_CONSENT)
    db.session.commit()
    made = text_of(desk.post(f"/people/{person.id}/invite"))
    path = re.search(r"/join/[\w-]{24}", made)
    assert path is not None
    visitor = app.test_client()
    answers = [
        text_of(visitor.post(path[0], data={"digits": f"{n:04d}", "consents": ["account"]}))
        for n in range(9000, 9011)
    ]
    assert "末四位不对" in answers[0]
    assert "15 分钟" in answers[-1]


def test_a_unknown_link_says_what_to_do(app: Flask, city: City) -> None:
    answer = app.test_client().get("/join/nothing-like-this-exists")
    assert answer.status_code == 404
    assert "向组织者再要一个" in text_of(answer)


def test_the_sheet_shows_a_code_for_everybody_who_waits(desk: FlaskClient, city: City) -> None:
    for number in range(3):
        a_volunteer(city.unit, f"待确认{number}", state=VolunteerState.AWAITING_CONSENT)
    db.session.commit()
    paper = text_of(desk.post("/people/links/sheet"))
    assert paper.count("<svg") == 3
    assert "****" not in paper, "the figures that prove the person do not stand beside the link"
    assert len(set(re.findall(r"/join/[\w-]{24}", paper))) == 3
    again = text_of(desk.post("/people/links/sheet"))
    assert set(re.findall(r"/join/[\w-]{24}", again)) == set(re.findall(r"/join/[\w-]{24}", paper))


def test_the_volunteer_keeps_the_own_week_wishes_and_consents(
    phone: FlaskClient, city: City
) -> None:
    kind = a_kind()
    db.session.commit()
    phone.post("/me/profile/availability/0", data={"early": "can", "copy_to": ["1", "2"]})
    phone.post("/me/profile/wishes", data={f"kind-{kind.id}": "0"})
    phone.post("/me/profile/consents/location/give")
    db.session.rollback()
    assert sorted(db.session.scalars(select(Availability.weekday))) == [0, 1, 2]
    assert db.session.scalars(select(Wish.cost)).all() == [0]
    assert db.session.scalars(select(Consent.withdrawn_at)).all() == [None]
    phone.post("/me/profile/consents/location/withdraw")
    db.session.rollback()
    assert db.session.scalars(select(Consent.withdrawn_at)).one() is not None
    refusal = phone.post(
        "/me/profile/availability/except", data={"first_on": "2020-01-01", "level": "cannot"}
    )
    assert refusal.status_code == 422
    assert "日期不能早于今天" in text_of(refusal)


def test_large_type_follows_the_person_to_the_next_phone(
    app: Flask, phone: FlaskClient, city: City
) -> None:
    phone.post("/me/profile/large-type")
    assert 'class="elder"' in text_of(phone.get("/me/profile"))
    assert 'class="elder"' in text_of(sign_in(app, city.volunteer_account).get("/me/profile"))


def test_a_copy_of_the_own_data_leaves_a_line(phone: FlaskClient, city: City) -> None:
    copied = phone.post("/me/profile/copy.json")
    assert "attachment" in copied.headers["Content-Disposition"]
    assert json.loads(copied.data)["基本资料"][0]["姓名"] == "王芳"
    book = openpyxl.load_workbook(io.BytesIO(phone.post("/me/profile/copy.xlsx").data))
    assert "基本资料" in book.sheetnames
    db.session.rollback()
    acts = db.session.scalars(select(AuditEntry.act)).all()
    assert acts.count("copy_own_data") == 2


def test_who_leaves_is_signed_out_for_good(phone: FlaskClient, city: City) -> None:
    assert phone.post("/me/profile/leave", data={}).status_code == 422
    assert phone.post("/me/profile/leave", data={"sure": "y"}).status_code == 302
    assert "/sign-in" in phone.get("/me/profile").headers["Location"]


def test_all_that_is_wrong_with_a_person_is_said_at_once(desk: FlaskClient, city: City) -> None:
    answer = desk.post(
        "/people/new",
        data={
            "unit_id": str(city.unit.id),
            "name": "123",
            "phone": "12345",
            "birth_year": "1850",
            "max_hours_per_week": "4",
            "max_shifts_per_day": "1",
        },
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert "有 3 处需要修改" in page
    for sentence in ("姓名中没有文字。", "电话号码不正确。", "请填写 1900 至 2100 之间的整数。"):
        assert sentence in page
