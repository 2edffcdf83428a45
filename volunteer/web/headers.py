"""Headers of every answer (安全响应头): nothing foreign loads, nothing personal is cached."""

import os

from flask import Flask, g, request
from werkzeug.wrappers import Response

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
"""No view has a say in these."""
SECURE = ("Strict-Transport-Security", "max-age=31536000")


def _name_request() -> None:
    g.request_id = os.urandom(6).hex()


def _static_lives() -> str:
    return (
        "public, max-age=31536000, immutable" if request.args.get("v") else "public, max-age=3600"
    )


def install(app: Flask, *, is_secure: bool) -> None:
    """Name each request and set the headers."""
    always = (*ALWAYS, SECURE) if is_secure else ALWAYS
    ours = {name.lower() for name, _ in always} | {"x-request-id"}

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        present = {name.lower() for name, _ in headers}
        for name in present & ours:
            headers.remove(name)
        headers.add("X-Request-ID", g.get("request_id", ""))
        headers.extend(always)
        if "content-security-policy" not in present:
            headers.add("Content-Security-Policy", CSP)
        if request.endpoint == "static":
            headers["Cache-Control"] = _static_lives()
        elif "cache-control" not in present:
            headers.add("Cache-Control", "no-store")
        return response

    app.before_request(_name_request)
