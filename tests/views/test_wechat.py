"""Binding WeChat in the browser: out to WeChat's page, back with a code, and nobody else's code."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import a_city, sign_in
from tests.gateways.service import a_service
from tests.gateways.wechat_service import APP_ID, SECRET, WeChat
from volunteer.models.base import db
from volunteer.models.people import WeChatBond

INSIDE = {"User-Agent": "Mozilla/5.0 (Linux; Android 7.0) MicroMessenger/8.0.40"}


@pytest.fixture
def phone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    app.config["WTF_CSRF_ENABLED"] = False
    city = a_city()
    db.session.commit()
    with a_service(WeChat()) as service:
        monkeypatch.setenv("VOLUNTEER_WECHAT_APP_ID", APP_ID)
        monkeypatch.setenv("VOLUNTEER_WECHAT_APP_SECRET", SECRET)
        monkeypatch.setenv("VOLUNTEER_WECHAT_API", service.url)
        yield sign_in(app, city.volunteer_account)


def _begin(phone: FlaskClient) -> tuple[str, dict[str, Any]]:
    away = phone.get("/account/wechat/begin", headers=INSIDE).headers["Location"]
    assert away.startswith("https://open.weixin.qq.com/connect/oauth2/authorize?appid=" + APP_ID)
    asked = parse_qs(urlsplit(away).query)
    assert urlsplit(asked["redirect_uri"][0]).path == "/account/wechat/back"
    return asked["state"][0], asked


def _bonds() -> int:
    db.session.rollback()
    return db.session.query(WeChatBond).count()


def test_bound_by_wechats_own_page_and_ended(phone: FlaskClient) -> None:
    assert "绑定微信" in phone.get("/account/wechat", headers=INSIDE).text
    state, asked = _begin(phone)
    assert asked["scope"] == ["snsapi_base"]
    back = phone.get(
        f"/account/wechat/back?code=good-code&state={state}", follow_redirects=True, headers=INSIDE
    )
    assert "已绑定，通知会同时发到这个微信。" in back.text
    assert _bonds() == 1
    ended = phone.post("/account/wechat/end", follow_redirects=True)
    assert "微信标识已删除" in ended.text
    assert _bonds() == 0


def test_a_foreign_or_used_state_binds_nothing(phone: FlaskClient) -> None:
    wrong = phone.get("/account/wechat/back?code=good-code&state=", follow_redirects=True)
    assert "没有绑定" in wrong.text
    state, _ = _begin(phone)
    assert phone.get("/account/wechat/back?code=good-code&state=别人的").status_code == 302
    phone.get(f"/account/wechat/back?code=good-code&state={state}")
    assert _bonds() == 0, "a state is good for one answer"


def test_who_says_no_to_wechat_is_told_that_nothing_was_bound(phone: FlaskClient) -> None:
    state, _ = _begin(phone)
    page = phone.get(f"/account/wechat/back?state={state}", follow_redirects=True)
    assert "没有绑定：请在微信里重新点“绑定微信”。" in page.text


def test_a_code_that_wechat_does_not_know_is_explained(phone: FlaskClient) -> None:
    state, _ = _begin(phone)
    page = phone.get(f"/account/wechat/back?code=old&state={state}", follow_redirects=True)
    assert "微信没有确认这次授权" in page.text
    assert _bonds() == 0


def test_outside_wechat_the_way_is_told(phone: FlaskClient) -> None:
    page = phone.get("/account/wechat").text
    assert "绑定要在微信里做" in page
    assert "/account/wechat/begin" not in page


def test_without_an_official_account_it_is_said(
    phone: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOLUNTEER_WECHAT_APP_ID", "")
    monkeypatch.setenv("VOLUNTEER_WECHAT_APP_SECRET", "")
    assert "本市还没有接通微信通知" in phone.get("/account/wechat", headers=INSIDE).text
    away = phone.get("/account/wechat/begin", follow_redirects=True)
    assert "本市还没有接通微信通知" in away.text
