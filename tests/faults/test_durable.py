"""F8: a commit is on the disk when it returns: read back on every connection of the pool, refused where it is not."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from volunteer.models.base import NotDurable, db

SETTINGS = ("synchronous", "journal_mode", "foreign_keys")


def _weak(engine: Engine, most: int) -> list[Any]:
    """The settings of connections that promise less, with as many open at once as the pool gives."""
    found = []
    with ExitStack() as stack:
        for _ in range(most):
            connection = stack.enter_context(engine.connect())
            if engine.dialect.name == "sqlite":
                said = tuple(
                    connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in SETTINGS
                )
                found += [said] if said != (2, "wal", 1) else []
            else:
                said = connection.exec_driver_sql("SHOW synchronous_commit").scalar()
                found += [said] if said != "on" else []
    return found


def test_every_connection_of_the_pool_commits_to_the_disk(app: Flask) -> None:
    pool: Any = db.engine.pool
    assert _weak(db.engine, pool.size() + pool._max_overflow) == []


def test_a_connection_that_promises_less_is_found_out(app: Flask, database: str) -> None:
    """The harness can fail: an engine that nobody tuned, on a database whose default is weak."""
    engine = create_engine(database)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
        else:
            name = connection.exec_driver_sql("SELECT current_database()").scalar()
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit TO off")
            connection.commit()
    if engine.dialect.name == "postgresql":
        engine.dispose()
    assert _weak(engine, 1)
    engine.dispose()


def test_the_default_of_the_server_does_not_matter(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        assert sqlite3.sqlite_version_info >= (3, 35)
        return
    name = db.session.scalar(text("SELECT current_database()"))
    db.session.execute(text(f"ALTER DATABASE {name} SET synchronous_commit TO off"))
    db.session.commit()
    db.session.remove()
    db.engine.dispose()
    assert _weak(db.engine, 2) == []


@contextmanager
def _without_fsync(server: str) -> Iterator[None]:
    def say(words: str) -> None:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM {words}")  # type: ignore[arg-type]
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("SELECT pg_sleep(0.3)")

    say("SET fsync TO off")
    try:
        yield
    finally:
        say("RESET fsync")


def test_a_server_without_fsync_is_refused(
    app: Flask, database: str, request: pytest.FixtureRequest
) -> None:
    if db.engine.dialect.name == "sqlite":
        raw = db.engine.raw_connection()
        raw.cursor().execute("PRAGMA synchronous=OFF")
        raw.close()
        assert _weak(db.engine, 1), "it went back into the pool, and is found there"
        db.engine.dispose()
        assert _weak(db.engine, 1) == [], "a new connection does not inherit it"
        return
    db.session.remove()
    db.engine.dispose()
    server = request.getfixturevalue("postgres_server")
    with _without_fsync(server), pytest.raises(NotDurable, match="fsync"):
        db.engine.connect()
    with db.engine.connect():
        pass
