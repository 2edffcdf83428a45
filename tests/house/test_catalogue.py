"""The English catalogue says everything that the product says, and nothing else."""

import re

import pytest
from babel.messages.catalog import Catalog, Message
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import a_city, an_account, sign_in
from tools import catalogue
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role
from volunteer.models.base import db
from volunteer.operations.passwords import hash_password
from volunteer.web.navigation import DESK, PHONE, SECTIONS

PLACE = re.compile(r"%\(\w+\)[a-z]|%%|\{\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = re.compile(
    r"[“：: ]?(?:姓名|手机号|补录|创文巩卫|红旗路—宝庆中路口|市医保局|王芳|高德地图|志愿)[”]?"
)
"""Chinese words that stay in English sentences: what a column is called, names given as examples."""


def texts(known: Catalog) -> list[Message]:
    return [message for message in known if message.id]


@pytest.fixture(scope="module")
def known() -> Catalog:
    return catalogue.kept()


def test_every_text_is_in_the_catalogue_and_every_entry_is_still_said(known: Catalog) -> None:
    said = {message.id for message in texts(catalogue.collected())}
    listed = {message.id for message in texts(known)}
    assert said - listed == set(), "run `make catalogue` and translate"
    assert listed - said == set(), "run `make catalogue`"
    assert not known.obsolete


def test_every_entry_has_english_words_with_the_same_places(known: Catalog) -> None:
    for message in texts(known):
        assert message.string, f"no English words for {message.id}"
        assert not message.fuzzy, message.id
        assert sorted(PLACE.findall(message.id)) == sorted(PLACE.findall(message.string)), (
            message.id
        )


def test_english_words_are_english(known: Catalog) -> None:
    for message in texts(known):
        assert not CHINESE.search(NAMES.sub("", message.string)), message.string


def test_the_files_are_what_the_tool_writes(known: Catalog) -> None:
    fresh = catalogue.refreshed(known, known)
    assert catalogue.written(fresh) == (catalogue.PO.read_bytes(), catalogue.MO.read_bytes())


def test_a_refusal_is_a_text_without_a_word_around_it() -> None:
    said = {message.id for message in texts(catalogue.collected())}
    assert "没有找到这个账号。" in said


@pytest.fixture
def english(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/account/language", data={"language": "en"}).status_code == 302
    return client


def _apart_from_the_way_back(page: str) -> str:
    """The page without the words for scripts and without the button that leads back to Chinese."""
    return re.sub(r'<meta name="words"[^>]*>', "", page).replace("中文</button>", "</button>")


def test_the_way_in_speaks_english(english: FlaskClient) -> None:
    page = english.get("/sign-in").text
    assert '<html lang="en"' in page
    assert "Sign in" in page
    assert not CHINESE.findall(_apart_from_the_way_back(page))


def test_a_wrong_password_is_refused_in_english(english: FlaskClient) -> None:
    an_account(Role.AUDITOR, login="shenji", password_hash=hash_password("三江口的春天 2026"))
    db.session.commit()
    answer = english.post("/sign-in", data={"name": "shenji", "password": "wrong"})
    assert "The account or the password is wrong." in answer.text


def test_an_error_page_speaks_english(english: FlaskClient) -> None:
    answer = english.get("/no-such-page", headers={"Accept": "application/json"})
    assert answer.json["error"] == "This page was not found"


@pytest.mark.parametrize("role", [Role.CITY_ADMIN, Role.ORGANIZER, Role.AUDITOR])
def test_navigation_speaks_english(app: Flask, english: FlaskClient, role: Role) -> None:
    city = a_city()
    account = an_account(role, unit=city.unit if role is Role.ORGANIZER else None)
    db.session.commit()
    browser = sign_in(app, account)
    browser.post("/account/language", data={"language": "en"})
    page = browser.get("/", follow_redirects=True).text
    assert "<nav" in page
    for part in re.findall(r"<nav.*?</nav>", page, flags=re.S):
        assert not CHINESE.findall(part)


def test_every_place_has_english_words(app: Flask, known: Catalog) -> None:
    for place in (*DESK, *PHONE, *SECTIONS):
        with app.test_request_context():
            assert known[str(place.label)].string


def test_what_is_not_refused_in_english_is_refused_in_chinese() -> None:
    refused = Refused("late", "签到已于 %(time)s 结束。", values={"time": "08:10"})
    assert refused.sentence == "签到已于 08:10 结束。"
    translated = catalogue.kept()["签到已于 %(time)s 结束。"].string
    assert refused.said(lambda text: translated if "签到" in text else text)[0] == (
        "Check-in closed at 08:10."
    )
