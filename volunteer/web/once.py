"""Once only (一次提交一次结果): a form that was sent twice acts once, and both get the same answer.

A form carries a key (``once``; programs send ``Idempotency-Key``). The key is claimed in the same transaction
as the act, and the answer is kept with it: so both are there, or neither. Who comes a moment later waits for
the first and gets its answer; after a restart, too. A refusal is not kept: the next try may succeed.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

from flask import make_response, request, session
from markupsafe import Markup
from sqlalchemy import delete, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.domain.words import N_
from volunteer.models.base import db
from volunteer.models.journal import KeptAnswer
from volunteer.web.guard import actor_or_none

FIELD, HEADER = "once", "Idempotency-Key"
LONGEST_KEY = 255
LARGEST_BODY = 256 * 1024
"""A longer answer is a file; it is made again, not kept."""
WAIT = "5s"
"""How long PostgreSQL waits for another request with the same key."""


def field() -> Markup:
    """The hidden field of a form that creates something; what was sent comes back with the faults."""
    key = request.form.get(FIELD) or secrets.token_urlsafe(16)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, key)


def key_sent() -> str:
    """The key of this request, or nothing. Raises Refused ``bad_key``."""
    key = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if len(key) > LONGEST_KEY:
        raise Refused("bad_key", N_("这个页面不完整。"), N_("请重新打开页面再试。"), status=422)
    return key


def answer_once(key: str, act: Callable[[], Response]) -> Response:
    """Let the act happen and keep its answer, or give the answer that was kept. Commits, or rolls back.

    Raises Refused ``used_key`` (422) when the key came with other contents before, ``in_flight`` (409)
    when the first request is still being worked on.
    """
    digest, contents = _digest(key), _contents()
    known = db.session.get(KeptAnswer, digest)
    if known is None and not _claim(digest, contents, at=now()):
        known = db.session.get(KeptAnswer, digest, populate_existing=True)
    if known is not None:
        return _again(known, contents)
    response = act()
    if response.status_code >= 400:
        db.session.rollback()
        return response
    _keep(digest, response)
    db.session.commit()
    return response


def _digest(key: str) -> bytes:
    actor = actor_or_none()
    who = actor.account_id if actor else 0
    return hashlib.sha256(f"{who}\0{request.endpoint}\0{key}".encode()).digest()


def _contents() -> bytes:
    """A digest of all that was sent, but the token of the session and the key itself."""
    found = hashlib.sha256(request.full_path.encode())
    for name in sorted(set(request.form) - {"csrf_token", FIELD}):
        for value in request.form.getlist(name):
            found.update(f"\0{name}\0{value}".encode())
    for name in sorted(request.files):
        for sent in request.files.getlist(name):
            found.update(f"\0{name}\0{sent.filename}\0".encode())
            found.update(_file_digest(sent))
    return found.digest()


def _file_digest(sent: FileStorage) -> bytes:
    digest = hashlib.file_digest(sent.stream, "sha256").digest()  # type: ignore[arg-type]
    sent.stream.seek(0)
    return digest


def _claim(digest: bytes, contents: bytes, *, at: datetime) -> bool:
    """Write the key down before the work; False when another request did so first.

    On PostgreSQL that waits for the other to end, some seconds at most; on SQLite a writer is alone.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text(f"SET LOCAL lock_timeout = '{WAIT}'"))
    try:
        with db.session.begin_nested():
            db.session.add(KeptAnswer(digest=digest, contents=contents, created_at=at))
            db.session.flush()
    except IntegrityError:
        return False
    except OperationalError as error:
        if "lock" not in str(error).lower():
            raise
        raise Refused(
            "in_flight",
            N_("上一次提交还在处理。"),
            N_("请稍等几秒，再刷新页面查看结果。"),
            status=409,
        ) from None
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL lock_timeout = DEFAULT"))
    return True


def _keep(digest: bytes, response: Response) -> None:
    body = b"" if response.is_streamed else response.get_data()
    if response.is_streamed or len(body) > LARGEST_BODY:
        db.session.execute(delete(KeptAnswer).where(KeptAnswer.digest == digest))
        return
    db.session.execute(
        update(KeptAnswer)
        .where(KeptAnswer.digest == digest)
        .values(
            status=response.status_code,
            location=response.headers.get("Location", ""),
            content_type=response.headers.get("Content-Type", ""),
            body=body,
            flashes=[list(pair) for pair in session.get("_flashes", [])],
        )
    )


def _again(known: KeptAnswer, contents: bytes) -> Response:
    kept = (known.status, known.location, known.content_type, bytes(known.body), known.flashes)
    is_same = bytes(known.contents) == contents
    db.session.rollback()
    if not is_same:
        raise Refused(
            "used_key",
            N_("这个页面已经提交过，内容与上次不同。"),
            N_("上次提交的已经生效。要再办一次，请重新打开页面填写。"),
            status=422,
        )
    status, location, content_type, body, flashes = kept
    response = make_response(body, status)
    response.headers["Content-Type"] = content_type
    if location:
        response.headers["Location"] = location
    if flashes:
        session["_flashes"] = [tuple(pair) for pair in flashes]
    return response
