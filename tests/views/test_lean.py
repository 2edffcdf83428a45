"""The short way through Flask answers as the long one does: the same seals, the same no."""

import time
from typing import Any

import pytest
from flask import Flask, Response, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFError, generate_csrf
from itsdangerous import BadData, BadSignature
from werkzeug.test import EnvironBuilder

from tests.conftest import FreshClient
from volunteer.app import csrf
from volunteer.web.lean import Answer, Asked, Sessions

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


@pytest.mark.parametrize("value", [{"_flashes": [("ok", "好")], "at": 3}, {"long": "x" * 400}, {}])
def test_what_flask_sealed_is_opened_as_it_was(app: Flask, value: dict[str, Any]) -> None:
    """Tuples (tagged) and long values (packed) come back, too."""
    own, flasks = (
        kind.get_signing_serializer(app) for kind in (Sessions(), SecureCookieSessionInterface())
    )
    assert own is not None
    assert flasks is not None
    assert own.loads(flasks.dumps(value), max_age=60) == flasks.loads(flasks.dumps(value)) == value


def test_no_seal_that_itsdangerous_refuses_is_opened(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every cut, every changed character and every odd shape gets the same answer from both."""
    own, flasks = (
        kind.get_signing_serializer(app) for kind in (Sessions(), SecureCookieSessionInterface())
    )
    assert own is not None
    assert flasks is not None
    sealed = str(flasks.dumps({"_user_id": "x" * 20}))
    odd = ["", ".", "..", "...", "字.字.字", "a.b", sealed + "=", sealed + ".", f".{sealed}"]
    odd += [sealed[:end] for end in range(len(sealed))]
    odd += [f"{sealed[:n]}{'A' if sealed[n] != 'A' else 'B'}{sealed[n + 1 :]}" for n in range(60)]
    signer = flasks.make_signer()
    odd += [signer.sign(payload).decode() for payload in (b"", b"!!", b"W1td", b".xyz", b"e30")]
    monkeypatch.setattr(time, "time", lambda: 4_000_000_000.0)
    odd.append(str(flasks.dumps({})))
    monkeypatch.undo()
    for text in odd:
        said = []
        for seal in (own, flasks):
            try:
                said.append(("good", seal.loads(text, max_age=60)))
            except BadData as error:
                said.append(("bad", type(error), str(error)))
        assert said[0] == said[1], text


def _form_page(app: Flask) -> Any:
    def echo() -> dict[str, Any]:
        return {name: request.form.getlist(name) for name in request.form}

    app.add_url_rule("/lean/form", "lean_form", echo, methods=["POST"])
    app.view_functions["lean_form"]._door = "open"  # type: ignore[attr-defined]
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = FreshClient
    return app.test_client()


@pytest.mark.parametrize(
    "body",
    ["a=1&a=2&b=&c=%E5%80%BC&d=%FF&=x", "", "a", "a=b;c=d&e=+%2B", "x=" + "y" * 70_000, b"a=\xff"],
)
def test_forms_are_taken_apart_as_werkzeug_does(
    app: Flask, body: str | bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, kind = _form_page(app), "application/x-www-form-urlencoded"
    lean = client.post("/lean/form", data=body, content_type=kind)
    monkeypatch.delattr(Asked, "_load_form_data")
    plain = client.post("/lean/form", data=body, content_type=kind)
    assert (lean.status_code, lean.data) == (plain.status_code, plain.data)
    assert lean.status_code == 200


def test_a_form_that_is_too_long_or_cut_off_is_refused(app: Flask) -> None:
    client, kind = _form_page(app), "application/x-www-form-urlencoded"
    long = client.post("/lean/form", data="x=" + "y" * 6_000_000, content_type=kind)
    assert long.status_code == 413
    cut = {"CONTENT_LENGTH": "50"}
    short = client.post("/lean/form", data="x=y", content_type=kind, environ_overrides=cut)
    assert short.status_code == 400


def test_a_form_that_comes_in_pieces_is_read_whole() -> None:
    class Pieces:
        def __init__(self) -> None:
            self.left = [b"a=", b"12", b"3"]

        def read(self, _size: int) -> bytes:
            return self.left.pop(0) if self.left else b""

    kind = "application/x-www-form-urlencoded"
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": kind, "wsgi.input": Pieces()}
    app = Flask("pieces")
    app.request_class = Asked
    with app.request_context({**EnvironBuilder().get_environ(), **environ, "CONTENT_LENGTH": "5"}):
        assert request.form["a"] == "123"


@pytest.mark.parametrize("where", ["/scan/done/7", "/值班", "/a b?x=1", "//else.example/"])
def test_addresses_are_sent_as_flask_sends_them(app: Flask, where: str) -> None:
    app.add_url_rule("/lean/away", "away", lambda: Answer(status=302, headers={"Location": where}))
    app.view_functions["away"]._door = "open"  # type: ignore[attr-defined]
    app.test_client_class = FreshClient
    said = app.test_client().get("/lean/away")
    plain = Response(status=302, headers={"Location": where})
    assert said.headers["Location"] == plain.get_wsgi_headers({})["Location"]
    assert said.headers.getlist("Content-Length") == ["0"]


def test_an_answer_that_read_the_session_says_so_once(app: Flask) -> None:
    for name, more in (("alone", {}), ("more", {"Vary": "Origin"})):
        view = lambda more=more: Answer(str(session.get("x")), headers=more)  # noqa: E731
        app.add_url_rule(f"/lean/{name}", name, view)
        app.view_functions[name]._door = "open"  # type: ignore[attr-defined]
    app.test_client_class = FreshClient
    for name, said in (("alone", ["accept-encoding", "cookie"]), ("more", ["cookie", "origin"])):
        got = ",".join(app.test_client().get(f"/lean/{name}").headers.getlist("Vary"))
        words = [word.strip().lower() for word in got.split(",")]
        assert set(said) <= set(words)
        assert len(words) == len(set(words))
