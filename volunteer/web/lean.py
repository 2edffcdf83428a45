"""Flask without what it does anew for every request (精简的请求路径): same sessions, same tokens, same answers.

Seals are made and checked byte for byte as itsdangerous does, with keys that are derived once and by one call of
OpenSSL. An answer that is whole is handed to the server whole, not as a thing to be iterated.
"""

import hmac
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.signer import SigningAlgorithm

Function = TypeVar("Function", bound=Callable[..., Any])
CSRF_SALT = "wtf-csrf-token"


class _Sha1(SigningAlgorithm):
    """HMAC-SHA1 in one call."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha1")


class _Signer(TimestampSigner):
    """Derives each key once."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.algorithm = _Sha1()
        self._derived: dict[Any, bytes] = {}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        known = self._derived.get(secret_key)
        if known is None:
            known = self._derived[secret_key] = super().derive_key(secret_key)
        return known


class _Serializer(URLSafeTimedSerializer):
    """Keeps its signer; it has no state that a request could change."""

    default_signer = _Signer

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._kept = cast(TimestampSigner, super().make_signer())

    def make_signer(self, salt: str | bytes | None = None) -> TimestampSigner:
        return self._kept if salt is None else cast(TimestampSigner, super().make_signer(salt))

    def iter_unsigners(self, salt: str | bytes | None = None) -> Iterator[TimestampSigner]:
        yield self.make_signer(salt)


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookies; the serializer is made once for each secret."""

    def __init__(self) -> None:
        self._made: tuple[Any, _Serializer] | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs the cookies."""
        plain = app.secret_key, app.config["SECRET_KEY_FALLBACKS"]
        if plain[0] is None or plain[1]:
            return super().get_signing_serializer(app)
        if self._made is None or self._made[0] != plain[0]:
            made = _Serializer(
                plain[0],
                salt=self.salt,
                serializer=self.serializer,
                signer_kwargs={"key_derivation": self.key_derivation},
            )
            self._made = plain[0], made
        return self._made[1]


class Csrf(CSRFProtect):
    """Flask-WTF's protection: what is right passes at once, whatever is not goes its way, which says no."""

    def __init__(self) -> None:
        super().__init__()
        self._made: tuple[Any, _Serializer] | None = None

    def protect(self, apply_exemptions: bool = False) -> None:
        """Let a request pass, or abort it."""
        if self._is_right():
            g.csrf_valid = True
        else:
            super().protect(apply_exemptions)

    def _is_right(self) -> bool:
        kept = session.get("csrf_token")
        sent = request.form.get("csrf_token") if request.method == "POST" and kept else None
        if not sent or not kept:
            return False
        if request.is_secure and not (request.referrer or "").startswith(
            f"https://{request.host}/"
        ):
            return False
        try:
            token = self._serializer().loads(
                sent, max_age=current_app.config["WTF_CSRF_TIME_LIMIT"]
            )
        except BadData:
            return False
        return isinstance(token, str) and hmac.compare_digest(kept, token)

    def _serializer(self) -> _Serializer:
        secret = current_app.secret_key
        if self._made is None or self._made[0] != secret:
            self._made = secret, _Serializer(secret, salt=CSRF_SALT)
        return self._made[1]


class Answer(Response):
    """An answer; one that is whole goes to the server as a list, which granian sends without asking again."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        is_whole = self.is_sequence and not self._on_close and not self.direct_passthrough
        if not is_whole or environ["REQUEST_METHOD"] == "HEAD" or not 200 <= self.status_code < 600:
            return super().__call__(environ, start_response)
        if self.status_code in (204, 304):
            return super().__call__(environ, start_response)
        headers = self.get_wsgi_headers(environ).to_wsgi_list()
        start_response(self.status, headers)
        return list(self.iter_encoded())


class Application(Flask):
    """Flask with the classes of this room. No view is a coroutine, so none is asked whether it is."""

    response_class = Answer

    def ensure_sync(self, func: Function) -> Function:
        """Return the function as it is."""
        return func
