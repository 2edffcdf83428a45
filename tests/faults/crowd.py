"""A city in which many people are awaited right now, each signed in on a phone of their own."""

import http.client
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, inspect

from tests.builders import (
    City,
    a_city,
    a_shift,
    a_volunteer,
    an_account,
    an_activity,
    an_assignment,
)
from volunteer.domain.terms import StampKind
from volunteer.domain.timekeeping import local_date, now
from volunteer.domain.token import rotating_code
from volunteer.models.base import db
from volunteer.models.people import Account, DeviceSession
from volunteer.operations.attendance import Touch, declare_failure
from volunteer.queries.accounts import actor_of, digest_of


@dataclass(frozen=True, slots=True)
class Phone:
    """A browser that is signed in: what it sends with each form."""

    cookie: str
    csrf: str

    def post(
        self, line: http.client.HTTPConnection, address: str, **form: str
    ) -> http.client.HTTPResponse:
        """Send a form; the answer has been read to its end."""
        headers = {
            "Cookie": f"session={self.cookie}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        line.request("POST", address, urlencode({"csrf_token": self.csrf, **form}), headers)
        answer = line.getresponse()
        answer.read()
        return answer


@dataclass(frozen=True, slots=True)
class Tap:
    """One person who is about to check in: the phone, the shift, the nonce of the page."""

    phone: Phone
    volunteer_id: int
    shift_id: int
    secret: bytes
    nonce: str

    def send(self, line: http.client.HTTPConnection) -> tuple[int, str]:
        """Check in through the ordinary route; returns the status and where it leads."""
        code = rotating_code(self.secret, self.shift_id, StampKind.IN, now())
        answer = self.phone.post(line, f"/c/{code}", nonce=self.nonce)
        return answer.status, answer.headers.get("Location") or ""


@dataclass(frozen=True, slots=True)
class Crowd:
    """People to check in, and finished shifts that the desk can settle."""

    city: City
    taps: list[Tap]
    desk: Phone
    finished: list[int]


class Phones:
    """Signs accounts in by device sessions, as a browser with a cookie would stand there."""

    def __init__(self, app: Flask) -> None:
        self._seal: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        with app.test_request_context():
            self._csrf = generate_csrf()
            self._raw = session["csrf_token"]

    def of(self, token: str) -> Phone:
        """The phone that holds this token."""
        inside = {"_user_id": token, "_fresh": True, "csrf_token": self._raw}
        return Phone(self._seal.dumps(inside), self._csrf)

    def sign_in(self, account: Account) -> Phone:
        """Sign one account in."""
        token = secrets.token_urlsafe(32)
        db.session.add(_device(account, token))
        db.session.flush()
        return self.of(token)


def _device(account: Account, token: str) -> DeviceSession:
    at = now()
    return DeviceSession(
        account_id=account.id,
        token_hash=digest_of(token),
        session_version=account.session_version,
        label="fault",
        created_at=at,
        last_seen_at=at,
        expires_at=at + timedelta(days=30),
    )


def _copies(row: Any, each: list[dict[str, Any]]) -> None:
    """Add rows like one that a builder made; ``each`` says what differs."""
    columns = [c.key for c in inspect(type(row)).column_attrs]
    like = {name: getattr(row, name) for name in columns}
    db.session.execute(insert(type(row)), [{**like, **differs} for differs in each])


def gather(app: Flask, *, people: int, shifts: int = 8, finished: int = 0) -> Crowd:
    """Make the city; ``finished`` shifts have two people each who were there. Commits."""
    at = now()
    city = a_city()
    first, last = local_date(at - timedelta(days=1)), local_date(at + timedelta(days=1))
    activity = an_activity(city.unit, starts_on=first, ends_on=last)
    phones = Phones(app)
    ended = [_finished(city, activity, number) for number in range(finished)]
    desk = phones.sign_in(city.organizer)
    taps = _people(city, activity, phones, people, shifts) if people else []  # takes numbers: last
    db.session.commit()
    return Crowd(city, taps, desk, ended)


def _finished(city: City, activity: Any, number: int) -> int:
    at = now()
    ends = at - timedelta(hours=1)
    shift = a_shift(
        activity,
        city.point,
        starts_at=ends - timedelta(hours=1),
        ends_at=ends,
        service_on=local_date(ends - timedelta(hours=1)),
        corner=f"旧{number}",
    )
    served = [a_volunteer(city.unit) for _ in range(2)]
    for person in served:
        an_assignment(shift, person)
    declare_failure(
        actor_of(city.organizer, at=at),
        shift_id=shift.id,
        volunteer_ids=[person.id for person in served],
        reason="网络不通，全员到岗",
        touch=Touch(nonce=f"finished-{number:05d}"),
        at=at,
    )
    return shift.id


def _people(city: City, activity: Any, phones: Phones, count: int, shifts: int) -> list[Tap]:
    at = now()
    rows = [
        a_shift(
            activity,
            city.point,
            starts_at=at - timedelta(minutes=4),
            ends_at=at + timedelta(hours=2),
            service_on=local_date(at),
            corner=f"角{number}",
            max_heads=count + 1,
        )
        for number in range(shifts)
    ]
    person = a_volunteer(city.unit, phone_cipher=None, phone_index=None)
    account, seat = an_account(volunteer=person), an_assignment(rows[0], person)
    tokens = [secrets.token_urlsafe(32) for _ in range(count)]
    device = _device(account, secrets.token_urlsafe(8))
    db.session.add(device)
    db.session.flush()
    each = [(n, rows[n % shifts].id, token) for n, token in enumerate(tokens, 1)]
    _copies(
        person,
        [
            {"id": person.id + n, "number": f"F{n:07}", "personal_secret": secrets.token_bytes(32)}
            for n, *_ in each
        ],
    )
    _copies(
        account,
        [
            {"id": account.id + n, "login": f"crowd{n}", "volunteer_id": person.id + n}
            for n, *_ in each
        ],
    )
    _copies(
        seat,
        [
            {"id": seat.id + n, "volunteer_id": person.id + n, "shift_id": shift}
            for n, shift, _ in each
        ],
    )
    _copies(
        device,
        [
            {"id": device.id + n, "account_id": account.id + n, "token_hash": digest_of(token)}
            for n, _, token in each
        ],
    )
    return [
        Tap(phones.of(token), person.id + n, shift, city.point.secret, secrets.token_urlsafe(16))
        for n, shift, token in each
    ]
