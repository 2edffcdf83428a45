"""Stars, honours, targets and privacy through the pages, as people use them."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.builders import City, a_city, a_volunteer, an_entry, sign_in
from volunteer.domain.timekeeping import local_date, now
from volunteer.models.base import db
from volunteer.models.journal import Breach
from volunteer.models.people import Volunteer
from volunteer.models.recognition import Award, Honour, StarDecision


@pytest.fixture
def city(app: Flask) -> City:
    app.config["WTF_CSRF_ENABLED"] = False
    return a_city()


def told(answer) -> str:  # type: ignore[no-untyped-def]
    return answer.get_data(as_text=True)


def test_an_office_grants_a_star_and_the_person_sees_it(app: Flask, city: City) -> None:
    today = local_date(now())
    an_entry(city.volunteer, 120 * 60, on=today)
    second = a_volunteer(city.unit, "李四")
    an_entry(second, 100 * 60, on=today)
    desk = sign_in(app, city.district_admin)
    page = told(desk.get("/stars"))
    assert f'value="{city.volunteer.id}:1" checked' not in page, (
        "each star is somebody's decision, none is made by a box left alone"
    )
    assert f'value="{city.volunteer.id}:1" checked' in told(desk.get("/stars?all=1"))
    assert "javascript:" not in told(desk.get("/stars?_scheme=javascript&_external=1&endpoint=x"))
    assert f'value="{city.volunteer.id}:1"' in page
    form = {"person": [f"{city.volunteer.id}:1"], "verdict": "granted", "as_of": today.isoformat()}
    assert desk.post("/stars/decide", data=form).location.endswith("state=public")
    form = {"person": [f"{second.id}:1", "x:y", "7"], "verdict": "held", "reason": ""}
    assert "请写明暂缓的原因" in told(desk.post("/stars/decide", data=form, follow_redirects=True))
    form["reason"] = "服务质量待核实"
    assert "服务质量待核实" in told(desk.post("/stars/decide", data=form, follow_redirects=True))
    rows = db.session.scalars(select(StarDecision).order_by(StarDecision.id)).all()
    assert [(row.volunteer_id, row.verdict.value) for row in rows] == [
        (city.volunteer.id, "granted"),
        (second.id, "held"),
    ]
    mine = told(sign_in(app, city.volunteer_account).get("/me/recognition"))
    assert "一星级志愿者公示中" in mine
    assert "还差" in mine
    shown = told(sign_in(app, city.volunteer_account).get("/me/recognition/announced"))
    assert "王*" in shown
    assert "王芳" not in shown.split("</header>")[-1]


def test_an_organizer_looks_and_does_not_decide(app: Flask, city: City) -> None:
    an_entry(city.volunteer, 120 * 60, on=local_date(now()))
    page = told(sign_in(app, city.organizer).get("/stars"))
    assert "由上级评定" in page
    assert 'type="checkbox"' not in page


def test_a_unit_honours_its_own_and_the_page_keeps_what_was_typed(app: Flask, city: City) -> None:
    desk = sign_in(app, city.organizer)
    form = {"title": "服务之星", "year": "2026", "body": "市医保局", "criteria": "", "unit_id": str(city.unit.id)}  # fmt: skip
    wrong = desk.post("/honours/new", data=form)
    assert wrong.status_code == 422
    assert "服务之星" in told(wrong)
    desk.post("/honours/new", data={**form, "criteria": "守时"})
    honour = db.session.scalars(select(Honour)).one()
    a_volunteer(city.unit, "同名")
    a_volunteer(city.unit, "同名")
    db.session.commit()
    give = f"/honours/{honour.id}/awards"
    for who, words in (("没有此人", "没有找到这个人"), ("同名", "有几个同名的人")):
        no = desk.post(give, data={"who": who, "citation": "风雨无阻"})
        assert no.status_code == 422
        assert words in told(no)
        assert "风雨无阻" in told(no)
    desk.post(give, data={"who": "王芳", "citation": "风雨无阻"})
    award = db.session.scalars(select(Award)).one()
    assert "风雨无阻" in told(sign_in(app, city.volunteer_account).get("/me/recognition"))
    desk.post(f"/honours/awards/{award.id}/withdraw", data={"reason": "重复"})
    assert "风雨无阻" not in told(sign_in(app, city.volunteer_account).get("/me/recognition"))


def test_a_unit_sets_its_target_and_nobody_outside_sees_its_people(app: Flask, city: City) -> None:
    desk = sign_in(app, city.organizer)
    assert desk.get("/targets").location.endswith(f"/targets/{city.unit.id}")
    address = f"/targets/{city.unit.id}"
    assert desk.post(address, data={"person_hours": "9999"}).status_code == 422
    assert desk.post(address, data={"person_hours": "30"}).status_code == 302
    assert "每人每年 30 小时" in told(desk.get(address))
    assert "王芳" in told(desk.get(address))
    everyone = told(sign_in(app, city.city_admin).get("/targets"))
    assert "市医保局" in everyone
    assert "王芳" not in everyone.split("</header>")[-1]
    assert "30.0 小时" in told(sign_in(app, city.volunteer_account).get("/me/record"))
    assert (
        "2026 年目标" in told(sign_in(app, city.volunteer_account).get("/me")) or now().year != 2026
    )


def test_a_breach_is_written_down_handled_and_closed(app: Flask, city: City) -> None:
    office = sign_in(app, city.city_admin)
    form = {"title": "花名册外传", "found_at": "2026-01-05T09:30", "kinds": "姓名、电话", "affected": "40", "cause": "误发"}  # fmt: skip
    assert office.post("/city/privacy/breaches/new", data={**form, "kinds": ""}).status_code == 422
    office.post("/city/privacy/breaches/new", data=form)
    row = db.session.scalars(select(Breach)).one()
    assert row.found_at.isoformat() == "2026-01-05T01:30:00+00:00"
    page = f"/city/privacy/breaches/{row.id}"
    assert told(office.get(page)).count("已超时限") == 3
    no = office.post(f"{page}/steps", data={"step": "close", "words": "处理完毕"})
    assert no.status_code == 422
    assert "不能结案" in told(no)
    for step in ("remedy", "authority"):
        office.post(f"{page}/steps", data={"step": step, "whom": "市网信办", "words": "已经处理"})
    words = "花名册中的姓名和电话被误发，请警惕陌生来电。"
    answer = office.post(f"{page}/tell", data={"message": words}, follow_redirects=True)
    assert "已通知 2 人" in told(answer)
    office.post(f"{page}/steps", data={"step": "close", "words": "处理完毕"})
    assert "已结案" in told(office.get(page))
    assert "处置中" not in told(office.get(page))


def test_letting_a_guard_in_is_seen_with_its_reason(app: Flask, city: City) -> None:
    office = sign_in(app, city.city_admin)
    address = "/city/privacy/guards/personal_boards"
    office.post(f"{address}/let-in", data={"reason": "市文明委二〇二六年第九号文件"})
    assert "第九号文件" in told(sign_in(app, city.auditor).get("/city/privacy/"))
    office.post(f"{address}/keep-away")
    assert "第九号文件" not in told(office.get("/city/privacy/"))
    assert office.post("/city/privacy/guards/nothing/let-in").status_code == 404


def test_leaving_says_what_goes_and_what_stays_and_an_office_undoes_it(
    app: Flask, city: City
) -> None:
    me = sign_in(app, city.volunteer_account)
    page = told(me.get("/me/profile/leave"))
    assert "15 天内" in page
    assert "保存 10 年" in page
    me.post("/me/profile/leave", data={"sure": "y"})
    assert me.get("/me").status_code == 302
    person = db.session.get(Volunteer, city.volunteer.id)
    assert person is not None
    db.session.refresh(person)
    assert person.left_at is not None
    office = sign_in(app, city.district_admin)
    assert "恢复账号" in told(office.get(f"/people/{person.id}"))
    assert "恢复账号" not in told(sign_in(app, city.organizer).get(f"/people/{person.id}"))
    done = office.post(
        f"/people/{person.id}/reopen", data={"reason": "误操作"}, follow_redirects=True
    )
    assert "账号已恢复" in told(done)
