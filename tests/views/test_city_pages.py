"""The pages of 城市管理 as a browser meets them: whole stories through forms, errors that keep what was typed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.builders import MONDAY, City, a_city, a_point, sign_in
from volunteer.domain.timekeeping import now
from volunteer.models.base import db
from volunteer.models.campaigns import Campaign, Inspection, KeyPoint
from volunteer.models.cipher import encrypt
from volunteer.models.ledger import ExportLog
from volunteer.models.people import Account, Unit, WeChatBond
from volunteer.models.places import CheckPoint, RuleVersion
from volunteer.operations.passwords import matches


@pytest.fixture
def city(app: Flask) -> City:
    app.config["WTF_CSRF_ENABLED"] = False
    return a_city()


@pytest.fixture
def office(app: Flask, city: City) -> Any:
    return sign_in(app, city.city_admin)


def _words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)))


@pytest.mark.parametrize(
    "address",
    [
        "/city/", "/city/units/", "/city/units/?lack=organizer", "/city/units/new",
        "/city/points/?lack=coordinates", "/city/points/new", "/city/areas/", "/city/kinds/new",
        "/city/skills/", "/city/calendar/2032", "/city/campaigns/", "/city/accounts/?who=all",
        "/city/accounts/new", "/city/settings/", "/city/settings/edit", "/city/oversight/?q=x",
        "/city/oversight/jobs?state=failed", "/city/oversight/messages", "/city/oversight/exports",
        "/search?q=w", "/search", "/help?role=leader",
    ],
)  # fmt: skip
def test_pages_answer_without_a_fault_of_their_own(office: Any, address: str) -> None:
    response = office.get(address)
    assert response.status_code == 200
    assert "不能为空" not in response.get_data(as_text=True), "a filter is not a form to fill in"


def test_the_outbox_says_by_which_ways_messages_leave(
    office: Any, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "微信和短信都没有接通" in _words(office.get("/city/oversight/messages"))
    bond = WeChatBond(
        account_id=city.organizer.id,
        openid_cipher=encrypt("o1"),
        notice_version="1",
        bound_at=now(),
        lost_at=now(),
    )
    db.session.add(bond)
    db.session.commit()
    monkeypatch.setenv("VOLUNTEER_WECHAT_APP_ID", "wx1")
    monkeypatch.setenv("VOLUNTEER_WECHAT_APP_SECRET", "secret")
    monkeypatch.setenv(
        "VOLUNTEER_WECHAT_TEMPLATES", '{"*": {"id": "T", "fields": {"thing1": "title"}}}'
    )
    page = _words(office.get("/city/oversight/messages"))
    assert "微信已接通：1 人已绑定，其中 1 人现在送不到。 短信没有接通。" in page


def test_a_point_is_added_with_what_was_typed_kept_through_an_error(
    office: Any, city: City
) -> None:
    form = {
        "name": "魏源路口", "kind": "crossing", "district_id": str(city.district.id),
        "datum": "wgs84", "lat": "111.468", "lon": "27.238", "radius_metres": "200",
        "priority": "2", "unit_id": str(city.unit.id),
    }  # fmt: skip
    wrong = office.post("/city/points/new", data=form)
    assert wrong.status_code == 422
    assert "填反了" in _words(wrong)
    assert 'value="魏源路口"' in wrong.get_data(as_text=True)
    form |= {"lat": "27.238", "lon": "111.468"}
    assert office.post("/city/points/new", data=form).status_code == 302
    point = db.session.query(CheckPoint).filter_by(name="魏源路口").one()
    page = _words(office.get(f"/city/points/{point.id}"))
    assert "GCJ-02" in page
    assert "市医保局" in page
    poster = office.get(f"/city/points/{point.id}/poster").get_data(as_text=True)
    assert "<svg" in poster


def test_an_account_is_opened_and_its_password_shown_once(office: Any, city: City) -> None:
    made = office.post(
        "/city/accounts/new",
        data={
            "login": "xinren", "name": "新人", "unit_id": str(city.unit.id), "role": "organizer",
            "grant_unit_id": str(city.unit.id),
        },
    )  # fmt: skip
    password = re.search(r'class="digits">([^<]+)<', made.get_data(as_text=True))
    account = db.session.query(Account).filter_by(login="xinren").one()
    assert password is not None
    assert matches(account.password_hash, password[1])
    page = office.get(f"/city/accounts/{account.id}").get_data(as_text=True)
    assert password[1] not in page
    assert "初始密码" in page


def test_the_last_city_admin_is_told_why_not(office: Any, city: City) -> None:
    response = office.post(f"/city/accounts/{city.city_admin.id}/disable", follow_redirects=True)
    assert "不能停用您自己的账号" in _words(response)
    db.session.refresh(city.city_admin)
    assert not city.city_admin.is_disabled


def test_a_stale_unit_page_overwrites_nothing(office: Any, city: City) -> None:
    page = office.get(f"/city/units/{city.unit.id}/edit").get_data(as_text=True)
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page)
    assert seen is not None
    form = {"seen": seen[1], "name": "市医疗保障局", "level": "city", "kind": "agency"}
    assert office.post(f"/city/units/{city.unit.id}/edit", data=form).status_code == 302
    again = office.post(f"/city/units/{city.unit.id}/edit", data={**form, "name": "别名"})
    assert again.status_code == 422
    assert "被别人修改过" in _words(again)
    assert db.session.query(Unit.name).filter_by(id=city.unit.id).scalar() == "市医疗保障局"


def test_rules_are_changed_with_a_day_and_a_reason(office: Any) -> None:
    page = office.get("/city/settings/edit").get_data(as_text=True)
    form = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    del form["training_counts"]  # an unticked box is not sent
    form |= {"hour_step_hundredths": "10", "why": "试行", "opens_before_minutes": "20"}
    wrong = office.post("/city/settings/edit", data={**form, "star_hours": "三百"})
    assert (wrong.status_code, "用逗号隔开的整数" in _words(wrong)) == (422, True)
    assert office.post("/city/settings/edit", data=form).status_code == 302
    row = db.session.query(RuleVersion).one()
    assert row.figures == {"opens_before_minutes": 20}
    assert "试行" in _words(office.get("/city/settings/"))


def test_the_citys_own_words_stand_on_every_page_at_once(app: Flask, office: Any) -> None:
    data = {"city_name": "邵阳市", "support_phone": "0739-5321234"}
    assert office.post("/city/settings/words", data=data).status_code == 302
    assert "0739-5321234" in _words(office.get("/help"))
    assert "0739-5321234" in _words(app.test_client().get("/nowhere"))


def test_a_day_is_set_and_the_year_shows_it(office: Any) -> None:
    day = {"kind": "holiday", "name": "防汛"}
    assert office.post("/city/calendar/day/2026-07-01", data=day).status_code == 302
    assert "防汛" in office.get("/city/calendar/2026").get_data(as_text=True)
    assert "放假安排还没有公布" in _words(office.get("/city/calendar/2032"))
    assert office.get("/city/calendar/day/2026-13-01").status_code == 404


def test_an_auditor_sees_figures_and_no_button_to_change_them(app: Flask, city: City) -> None:
    auditor = sign_in(app, city.auditor)
    page = auditor.get("/city/settings/").get_data(as_text=True)
    assert "提前多久开放签到" in page
    assert "修改规则" not in page
    assert "新增点位" not in auditor.get("/city/points/").get_data(as_text=True)


def test_the_log_is_exported_and_the_export_logged(office: Any) -> None:
    office.post("/city/calendar/day/2026-07-01", data={"kind": "holiday", "name": "防汛"})
    taken = office.post("/city/oversight/export/csv", data={"q": "2026-07-01"})
    assert taken.status_code == 200
    text = taken.get_data().decode("utf-8-sig")
    assert "2026-07-01 设为休息日" in text
    log = db.session.query(ExportLog).one()
    assert (log.subject, log.row_count, log.filter_text) == ("操作日志", 1, "查找：2026-07-01")


def test_inspection_points_are_chosen_by_kind_with_their_effect(office: Any, city: City) -> None:
    campaign = Campaign(name="创文", starts_on=MONDAY, ends_on=MONDAY + timedelta(days=60))
    db.session.add(campaign)
    db.session.flush()
    inspection = Inspection(
        campaign_id=campaign.id, name="国检", badge="国检", starts_on=MONDAY, ends_on=MONDAY
    )
    db.session.add(inspection)
    a_point(city.district)
    db.session.commit()
    address = f"/city/campaigns/inspections/{inspection.id}"
    page = office.get(f"{address}/points?kinds=crossing")
    assert "将新增 2 个迎检点位" in _words(page)
    ids = re.findall(r'name="point_id" value="(\d+)"', page.get_data(as_text=True))
    assert office.post(f"{address}/points", data={"point_id": ids}).status_code == 302
    assert db.session.query(KeyPoint).count() == 2
    assert office.get(f"{address}/bolster?least_heads=999").status_code == 422
    assert "没有可以加强的班次" in _words(office.get(f"{address}/bolster"))


def test_what_is_in_an_area_is_named_when_it_cannot_be_deleted(office: Any, city: City) -> None:
    address = f"/city/areas/community/{city.community.id}"
    assert "不能删除" in _words(office.get(f"{address}/edit"))
    response = office.post(f"{address}/delete", follow_redirects=True)
    assert "1 项联点" in _words(response)
    typed = office.post(
        f"/city/areas/community/new/{city.district.id}", data={"names": "新社区\n人民巷社区"}
    )
    assert typed.status_code == 422
    assert "新社区" in typed.get_data(as_text=True)
