"""The way in: real passwords, fresh sessions, no way out of the house, CSRF everywhere."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import a_city, an_account, sign_in
from volunteer.domain.terms import Role
from volunteer.models.base import db
from volunteer.operations.passwords import hash_password
from volunteer.views.signin import safe_next

PASSWORD = "三江口的春天 2026"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    an_account(Role.AUDITOR, login="shenji", password_hash=hash_password(PASSWORD))
    db.session.commit()
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def _try(
    client: FlaskClient, password: str = PASSWORD, name: str = "shenji", **query: str
) -> object:
    return client.post("/sign-in", data={"name": name, "password": password}, query_string=query)


def test_the_right_password_opens_a_fresh_session(client: FlaskClient) -> None:
    with client.session_transaction() as before:
        before["planted"] = "by an attacker"
    response = _try(client, next="/account/devices")
    assert response.status_code == 302
    assert response.headers["Location"] == "/account/devices"
    with client.session_transaction() as after:
        assert "planted" not in after
        assert len(after["_user_id"]) > 30
    assert client.get("/account/devices").status_code == 200


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(client: FlaskClient) -> None:
    response = _try(client, "不对的密码")
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "账号或密码不对" in page
    assert 'value="shenji"' in page
    assert "不对的密码" not in page


def test_unknown_names_are_answered_the_same(client: FlaskClient) -> None:
    known, unknown = _try(client, "wrong"), _try(client, "wrong", name="nobody")
    assert known.status_code == unknown.status_code == 422
    strip = str.maketrans("", "", "")
    assert ("账号或密码不对" in known.get_data(as_text=True).translate(strip)) is True
    assert "账号或密码不对" in unknown.get_data(as_text=True)


def test_the_eleventh_try_is_refused_before_the_password_is_looked_at(client: FlaskClient) -> None:
    for _ in range(10):
        _try(client, "wrong")
    response = _try(client, PASSWORD)
    assert response.status_code == 429
    assert "15 分钟" in response.get_data(as_text=True)


def test_an_old_cookie_is_worth_nothing_after_sign_out(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = sign_in(app, an_account(Role.AUDITOR))
    with client.session_transaction() as cookie:
        stolen = cookie["_user_id"]
    client.post("/sign-out")
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie["_user_id"] = stolen
    assert thief.get("/account/devices").status_code == 302


def test_a_first_password_leads_to_a_new_one_and_nowhere_else(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    account = an_account(
        Role.AUDITOR, password_hash=hash_password(PASSWORD), must_change_password=True
    )
    client = sign_in(app, account)
    assert client.get("/account/devices").headers["Location"] == "/account/password"
    answer = client.post(
        "/account/password",
        data={"current": PASSWORD, "password": "资江水长流 88", "again": "资江水长流 88"},
    )
    assert answer.status_code == 302
    assert client.get("/account/devices").status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/account/elder", "/account/language"])
def test_a_post_without_a_token_is_refused(app: Flask, path: str) -> None:
    response = app.test_client().post(path, data={"name": "x", "password": "y"})
    assert response.status_code == 400
    assert "页面已过期" in response.get_data(as_text=True)


EVIL = [
    "//evil.cn", "///evil.cn", "////evil.cn", "/\\evil.cn", "\\\\evil.cn", "\\/evil.cn", "https://evil.cn",
    "http:evil.cn", "https:evil.cn", "HTTPS://EVIL.CN", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
    "ftp://evil.cn", "evil.cn", "www.evil.cn", "@evil.cn", "?x=//evil.cn", "#//evil.cn", "", " ", " /ok", "\t//evil.cn",
    "/\t/evil.cn", "/\n/evil.cn", "/\r/evil.cn", "/\x00/evil.cn", "/\x7f/evil.cn", "/\x1f//evil.cn", "/ok\r\nLocation: x",
    "/ok\nSet-Cookie: a=b", "/a\\..\\evil", "/\\\\evil.cn", "/\\/evil.cn", "//evil.cn/%2f..", "//evil.cn\\@x",
    "https://localhost@evil.cn", "https://evil.cn#localhost", "//localhost@evil.cn", "mailto:a@evil.cn", "tel:1",
    "file:///etc/passwd", "blob:x", "vbscript:x", "view-source:x", "//[::1]", "//127.0.0.1", "//2130706433", "///", "////",
    "/\\\t/evil.cn", "\u2028//evil.cn",
]  # fmt: skip


@pytest.mark.parametrize("target", EVIL)
def test_no_address_leads_out_of_the_house(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert safe_next(target) == "/"


@pytest.mark.parametrize("target", ["/c/abc?x=1", "/me", "/%2f%2fevil.cn", "/路口"])
def test_own_addresses_pass(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert safe_next(target) == target


def test_every_answer_carries_the_headers(app: Flask) -> None:
    city = a_city()
    for response in (
        app.test_client().get("/sign-in"),
        app.test_client().get("/no-such-page"),
        sign_in(app, city.organizer).get("/account/devices"),
    ):
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert len(response.headers["X-Request-ID"]) == 12


def test_an_error_page_tells_the_request_number_and_no_secrets(app: Flask) -> None:
    response = app.test_client().get("/no-such-page")
    page = response.get_data(as_text=True)
    assert response.status_code == 404
    assert response.headers["X-Request-ID"] in page
    assert "Traceback" not in page
