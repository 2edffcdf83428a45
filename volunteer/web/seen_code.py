"""Which code this device opened, and when (扫码凭据): so that signing in first does not make it too old.

A cookie of this browser alone, signed and short-lived: an address that is forwarded to somebody else does
not carry it, and a screenshot of half a minute ago stays worthless.
"""

from datetime import UTC, datetime

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

COOKIE = "scan"
LASTS = 180


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="seen-code")


def keep_seen(response: Response, code: str) -> Response:
    """Remember on this device that the code was fresh when it was opened."""
    settings = current_app.config["SETTINGS"]
    response.set_cookie(
        COOKIE,
        str(_signer().dumps(code)),
        max_age=LASTS,
        httponly=True,
        samesite="Lax",
        secure=settings.is_secure,
        path="/",
    )
    return response


def seen_at(code: str) -> datetime | None:
    """When this device opened the code fresh, if it did within the last three minutes."""
    kept = request.cookies.get(COOKIE, "")
    try:
        text, signed = _signer().loads(kept, max_age=LASTS, return_timestamp=True)
    except BadSignature:
        return None
    return signed.astimezone(UTC) if text == code else None
