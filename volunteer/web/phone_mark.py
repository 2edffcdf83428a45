"""Which phone this is (手机标记): a random cookie that stays when one person signs out and another signs in.

Only its digest is kept, with the session, and it is compared for nothing but one phone that checks in for
several people. It names nobody and leaves with the browser's data.
"""

import hashlib
import secrets

from flask import after_this_request, current_app, request
from werkzeug.wrappers import Response

COOKIE = "phone"
LASTS = 400 * 86400
LENGTH = 32


def phone_mark() -> bytes:
    """The digest of this phone's mark; a phone without one gets one with the answer to this request."""
    known = request.cookies.get(COOKIE, "")
    if not (LENGTH <= len(known) <= 2 * LENGTH and known.isascii()):
        known = secrets.token_urlsafe(LENGTH)

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            COOKIE,
            known,
            max_age=LASTS,
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SETTINGS"].is_secure,
            path="/",
        )
        return response

    return hashlib.sha256(known.encode()).digest()
