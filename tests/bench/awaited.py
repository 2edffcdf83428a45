"""A city in which many are awaited now, and the taps that they make."""

import secrets
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, inspect, text

from tests.bench.clients import post
from tests.builders import a_city, a_shift, a_volunteer, an_account, an_activity, an_assignment
from volunteer.domain.terms import StampKind
from volunteer.domain.timekeeping import local_date, now
from volunteer.domain.token import rotating_code
from volunteer.models.base import db
from volunteer.models.people import DeviceSession
from volunteer.operations.passwords import hash_password
from volunteer.queries.accounts import digest_of

SHIFTS = 40
PEOPLE = 60_000
PASSWORD = "a good long phrase"


@dataclass(frozen=True, slots=True)
class Tap:
    """One person at one shift, with a browser that is signed in."""

    cookie: str
    csrf: str
    shift_id: int
    secret: bytes


def _copies(row: Any, each: list[dict[str, Any]]) -> None:
    """Add rows like one that a builder made; ``each`` says what differs."""
    columns = [c.key for c in inspect(type(row)).column_attrs]
    like = {name: getattr(row, name) for name in columns}
    db.session.execute(insert(type(row)), [{**like, **differs} for differs in each])


def prepare(app: Flask) -> list[Tap]:
    """A city in which many are awaited now, each signed in on a phone; returns their taps in a fair order."""
    at = now()
    city = a_city()
    activity = an_activity(city.unit, starts_on=local_date(at), ends_on=local_date(at))
    began, ends = at - timedelta(minutes=4), at + timedelta(hours=2)
    shifts = [
        a_shift(
            activity,
            city.point,
            starts_at=began,
            ends_at=ends,
            service_on=local_date(at),
            corner=f"角{n}",
            max_heads=PEOPLE,
        )
        for n in range(SHIFTS)
    ]
    person = a_volunteer(city.unit, phone_cipher=None, phone_index=None)
    account, seat = an_account(volunteer=person), an_assignment(shifts[0], person)
    account.password_hash = hash_password(PASSWORD)
    tokens = [secrets.token_urlsafe(32) for _ in range(PEOPLE)]
    device = DeviceSession(
        account_id=account.id,
        token_hash=digest_of(secrets.token_urlsafe(8)),
        session_version=account.session_version,
        label="bench",
        created_at=at,
        last_seen_at=at,
        expires_at=at + timedelta(days=30),
    )
    db.session.add(device)
    db.session.flush()
    every = range(1, PEOPLE + 1)
    _copies(
        person,
        [
            {
                "id": person.id + n,
                "number": f"B{n:07}",
                "personal_secret": secrets.token_bytes(32),
            }
            for n in every
        ],
    )
    _copies(
        account,
        [
            {"id": account.id + n, "login": f"bench{n}", "volunteer_id": person.id + n}
            for n in every
        ],
    )
    _copies(
        seat,
        [
            {
                "id": seat.id + n,
                "volunteer_id": person.id + n,
                "shift_id": shifts[n % SHIFTS].id,
            }
            for n in every
        ],
    )
    _copies(
        device,
        [
            {
                "id": device.id + n,
                "account_id": account.id + n,
                "token_hash": digest_of(tokens[n - 1]),
            }
            for n in every
        ],
    )
    if db.engine.dialect.name == "postgresql":  # the copies brought their own numbers
        for table in ("volunteer", "account", "assignment", "device_session"):
            db.session.execute(
                text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
            )
    db.session.commit()
    seal = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    with app.test_request_context():
        form_token = generate_csrf()
        raw = session["csrf_token"]
    return [
        Tap(
            cookie=seal.dumps({"_user_id": tokens[n - 1], "_fresh": True, "csrf_token": raw}),
            csrf=form_token,
            shift_id=shifts[n % SHIFTS].id,
            secret=city.point.secret,
        )
        for n in every
    ]


class Crowd:
    """Those who have not checked in yet, each once."""

    def __init__(self, taps: list[Tap]) -> None:
        self._left = deque(taps)

    def next_request(self, place: str) -> bytes | None:
        """One tap of one more person."""
        return request_of(self._left.popleft(), place) if self._left else None

    @contextmanager
    def ready(self, place: str, most: int) -> Iterator[Callable[[], bytes | None]]:
        """What gives requests that were made before the clock runs; who was not asked for comes back.

        Sealing a code is the phone's and the screen's work, and must not take a core from the server.
        """
        taps = [self._left.popleft() for _ in range(min(most, len(self._left)))]
        requests = deque([request_of(tap, place) for tap in taps])
        yield lambda: requests.popleft() if requests else self.next_request(place)
        self._left.extendleft(reversed(taps[len(taps) - len(requests) :]))


def request_of(tap: Tap, place: str) -> bytes:
    """The bytes of a tap on the code of this moment."""
    code = rotating_code(tap.secret, tap.shift_id, StampKind.IN, now())
    body = urlencode({"csrf_token": tap.csrf, "nonce": secrets.token_urlsafe(16)})
    return post(f"/{place}/{code}", body, tap.cookie)
