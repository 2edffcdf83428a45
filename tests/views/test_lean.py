"""The short way through Flask answers as the long one does: the same seals, the same no."""

import time

import pytest
from flask import Flask, Response, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, generate_csrf
from itsdangerous import BadSignature

from tests.conftest import FreshClient
from volunteer.app import csrf
from volunteer.web.lean import Answer, Sessions

DATA = {"_user_id": "x" * 43, "_fresh": True, "n": 7, "words": "值班"}


def test_cookies_are_sealed_byte_for_byte_as_flask_seals_them(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_790_000_000.0)
    own, flasks = (
        kind.get_signing_serializer(app) for kind in (Sessions(), SecureCookieSessionInterface())
    )
    assert own is not None
    assert flasks is not None
    sealed = own.dumps(DATA)
    assert sealed == flasks.dumps(DATA)
    assert own.loads(flasks.dumps(DATA), max_age=60) == DATA
    for broken in (sealed[:-1] + ("A" if sealed[-1] != "A" else "B"), "x" + sealed, sealed[:20]):
        with pytest.raises(BadSignature):
            own.loads(broken)
    monkeypatch.setattr(time, "time", lambda: 1_790_000_100.0)
    with pytest.raises(BadSignature):
        own.loads(sealed, max_age=60)


def test_a_cookie_of_another_secret_is_nobodys(app: Flask) -> None:
    sessions = Sessions()
    before = sessions.get_signing_serializer(app)
    assert before is not None
    sealed = before.dumps(DATA)
    app.secret_key = "another secret, as after a change"
    after = sessions.get_signing_serializer(app)
    assert after is not None
    with pytest.raises(BadSignature):
        after.loads(sealed)
    app.config["SECRET_KEY_FALLBACKS"] = [app.config["SECRET_KEY"]]
    app.secret_key = "yet another"
    again = sessions.get_signing_serializer(app)
    assert again is not None
    assert type(again) is not type(after)  # old secrets are Flask's own affair


def _asked(app: Flask, token: str, *, raw: str, secure: bool = False, referrer: str = "") -> None:
    headers = {"Referer": referrer} if referrer else {}
    base = "https://city.example" if secure else "http://city.example"
    with app.test_request_context(
        "/sign-in", base_url=base, method="POST", data={"csrf_token": token}, headers=headers
    ):
        session["csrf_token"] = raw
        csrf.protect()


@pytest.fixture
def pair(app: Flask) -> tuple[str, str]:
    """A token and what the session keeps of it."""
    with app.test_request_context():
        token = generate_csrf()
        return token, session["csrf_token"]


def test_a_right_token_passes(app: Flask, pair: tuple[str, str]) -> None:
    token, raw = pair
    _asked(app, token, raw=raw)
    _asked(app, token, raw=raw, secure=True, referrer="https://city.example/c/abc")


@pytest.mark.parametrize("change", ["none", "cut", "swapped", "foreign session"])
def test_a_wrong_token_is_refused(app: Flask, pair: tuple[str, str], change: str) -> None:
    token, raw = pair
    sent = {"none": "", "cut": token[:-2], "swapped": token[::-1]}.get(change, token)
    with pytest.raises(CSRFError):
        _asked(app, sent, raw=raw if change != "foreign session" else "0" * 40)


@pytest.mark.parametrize(
    "referrer",
    ["", "https://evil.example/", "https://city.example.evil.example/", "http://city.example/"],
)
def test_over_https_the_page_it_came_from_is_asked_too(
    app: Flask, pair: tuple[str, str], referrer: str
) -> None:
    token, raw = pair
    with pytest.raises(CSRFError):
        _asked(app, token, raw=raw, secure=True, referrer=referrer)


def test_answers_are_the_same_whole_or_in_parts(app: Flask) -> None:
    ended: list[str] = []
    made: dict[str, Response] = {
        "whole": Answer("字" * 3),
        "parts": Answer(iter(["字", "字字"])),
        "empty": Answer("", status=204),
    }
    noted = Answer("字" * 3)
    noted.call_on_close(lambda: ended.append("noted"))
    made["noted"] = noted
    app.test_client_class = FreshClient
    for name, answer in made.items():
        app.add_url_rule(f"/lean/{name}", name, lambda answer=answer: answer)
        app.view_functions[name]._door = "open"  # type: ignore[attr-defined]
    client = app.test_client()
    for name in ("whole", "parts", "noted"):
        with client.get(f"/lean/{name}") as answer:
            assert answer.get_data(as_text=True) == "字字字"
    assert ended == ["noted"]
    assert client.get("/lean/empty").data == b""
    assert client.head("/lean/whole").data == b""
