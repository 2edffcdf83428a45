"""JSON over HTTPS to a service outside, with bounded time and size (对外接口的传输)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 8.0
MOST_BYTES = 256 * 1024
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Unreachable(Exception):
    """No usable answer: no connection, no time left, or not JSON. `wait_seconds` is what was asked for.

    Its text names the host only: addresses of such services carry keys.
    """

    def __init__(self, host: str, reason: str, wait_seconds: int = 0) -> None:
        super().__init__(f"{host}: {reason}")
        self.reason = reason
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Answer:
    """The status and the JSON object of an answer."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """Follow nothing: a key must not be carried to another host."""


_OPENER = urllib.request.build_opener(_NoRedirect)


def checked_base(url: str) -> str:
    """The base address without its last slash; plain http is allowed to this machine only.

    Raises `ValueError` for anything else.
    """
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not parts.hostname:
        raise ValueError("the address of a service outside must begin with https://")
    return url.rstrip("/")


def get_json(url: str) -> Answer:
    """Ask for a JSON object. Raises `Unreachable`."""
    return _exchange(urllib.request.Request(url))


def post_json(url: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    """Send JSON bytes and read a JSON object. Raises `Unreachable`."""
    head = {"Content-Type": "application/json; charset=utf-8"} | dict(headers or {})
    return _exchange(urllib.request.Request(url, data=body, headers=head, method="POST"))


def as_json(value: Mapping[str, Any]) -> bytes:
    """The bytes of a JSON object, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _exchange(request: urllib.request.Request) -> Answer:
    host = urlsplit(request.full_url).netloc
    try:
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as response:
            status, raw = response.status, response.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as told:
        with told:
            if told.code == 429 or told.code >= 500:
                raise Unreachable(host, f"http {told.code}", _seconds(told.headers)) from None
            status, raw = told.code, told.read(MOST_BYTES + 1)
    except (OSError, HTTPException) as broken:
        raise Unreachable(host, type(broken).__name__) from None
    try:
        body = json.loads(raw) if len(raw) <= MOST_BYTES else None
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Unreachable(host, f"http {status} without a json object")
    return Answer(status, body)


def _seconds(headers: Message) -> int:
    told = headers.get("Retry-After", "")
    return min(int(told), 24 * 3600) if told.isascii() and told.isdigit() else 0
