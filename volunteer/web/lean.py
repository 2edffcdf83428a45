"""Flask without what it does anew for every request (精简的请求路径): same sessions, same tokens, same answers.

What comes as nearly always is done in a few steps; whatever does not goes Flask's own way. An answer that is whole is
handed to the server whole, not as a thing to be iterated.
"""

import hmac
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl

from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_compress import Compress
from flask_wtf import CSRFProtect
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Response as AnyResponse

from volunteer.web.seals import Seal

Function = TypeVar("Function", bound=Callable[..., Any])
CSRF_SALT = "wtf-csrf-token"
SMALL = 64 * 1024
"""Bytes of a form that is read in one go."""
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9/_-]*")


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookies; the serializer is made once for each secret."""

    def __init__(self) -> None:
        self._made: tuple[Any, Seal] | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs the cookies."""
        plain = app.secret_key, app.config["SECRET_KEY_FALLBACKS"]
        if plain[0] is None or plain[1]:
            return super().get_signing_serializer(app)
        if self._made is None or self._made[0] != plain[0]:
            made = Seal(
                plain[0],
                salt=self.salt,
                serializer=self.serializer,
                signer_kwargs={"key_derivation": self.key_derivation},
                untagged=self.serializer._untag_scan,
            )
            self._made = plain[0], made
        return self._made[1]

    def save_session(self, app: Flask, session: SessionMixin, response: AnyResponse) -> None:
        """Write the cookie where it changed; where it was only read, say that the answer depends on it."""
        if session.modified or "Vary" in response.headers or self.should_set_cookie(app, session):
            super().save_session(app, session, cast(Response, response))
        elif session.accessed:
            response.headers.add("Vary", "Cookie")


class Csrf(CSRFProtect):
    """Flask-WTF's protection: what is right passes at once, whatever is not goes its way, which says no."""

    def __init__(self) -> None:
        super().__init__()
        self._made: tuple[Any, Seal] | None = None

    def protect(self, apply_exemptions: bool = False) -> None:
        """Let a request pass, or abort it."""
        if self._is_right():
            g.csrf_valid = True
        else:
            super().protect(apply_exemptions)

    def _is_right(self) -> bool:
        asked: Request = request._get_current_object()  # type: ignore[attr-defined]
        kept = session.get("csrf_token") if asked.method == "POST" else None
        sent = asked.form.get("csrf_token") if kept else None
        if not sent or not kept:
            return False
        if asked.is_secure and not (asked.referrer or "").startswith(f"https://{asked.host}/"):
            return False
        try:
            token = self._serializer().loads(
                sent, max_age=current_app.config["WTF_CSRF_TIME_LIMIT"]
            )
        except BadData:
            return False
        return isinstance(token, str) and hmac.compare_digest(kept, token)

    def _serializer(self) -> Seal:
        secret = current_app.secret_key
        if self._made is None or self._made[0] != secret:
            self._made = secret, Seal(secret, salt=CSRF_SALT)
        return self._made[1]


class Packing(Compress):
    """Flask-Compress, which has nothing to do with an answer that is not a page."""

    def after_request(self, response: Response | None) -> Response:
        """Pack what is worth it."""
        if response is not None and not 200 <= response.status_code < 300:
            return response
        return super().after_request(response)


class Asked(Request):
    """A request; a small form is read and taken apart in one go."""

    def _load_form_data(self) -> None:
        if "form" not in self.__dict__ and self.mimetype == "application/x-www-form-urlencoded":
            length = self.content_length
            if length is not None and length <= min(SMALL, self.max_content_length or SMALL):
                body = getattr(self, "_cached_data", None)
                if body is None:
                    body = _whole(self.environ["wsgi.input"], length)
                self.__dict__["form"] = ImmutableMultiDict(_pairs(body))
                self.__dict__["files"] = ImmutableMultiDict()
                return
        super()._load_form_data()


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """Names and values; none, as for werkzeug, where the bytes are no text."""
    with suppress(UnicodeDecodeError):
        return parse_qsl(body.decode(), keep_blank_values=True, errors="werkzeug.url_quote")
    return []


def _whole(stream: Any, length: int) -> bytes:
    body: bytes = stream.read(length) if length else b""
    while len(body) < length:
        more: bytes = stream.read(length - len(body))
        if not more:
            raise ClientDisconnected
        body += more
    return body


class Answer(Response):
    """An answer; one that is whole goes to the server as a list, which granian sends without asking again."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        is_whole = self.is_sequence and not self._on_close and not self.direct_passthrough
        status = self.status_code
        if not is_whole or environ["REQUEST_METHOD"] == "HEAD" or not 200 <= status < 600:
            return super().__call__(environ, start_response)
        if status in (204, 304):
            return super().__call__(environ, start_response)
        body = list(self.iter_encoded())
        found = {name.lower(): value for name, value in self.headers}
        if "content-location" in found or not PLAIN_ADDRESS.fullmatch(found.get("location", "")):
            headers = self.get_wsgi_headers(environ).to_wsgi_list()
        else:
            headers = list(self.headers)
            if "content-length" not in found:
                headers.append(("Content-Length", str(sum(map(len, body)))))
        start_response(self.status, headers)
        return body


class Application(Flask):
    """Flask with the classes of this room. No view is a coroutine, so none is asked whether it is."""

    request_class = Asked
    response_class = Answer

    def ensure_sync(self, func: Function) -> Function:
        """Return the function as it is."""
        return func
