"""The ground of all tables: naming, instants in UTC, and the unit of work (事务)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, String, event
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import Session as OtherSession
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of every table."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

_writing: ContextVar[bool] = ContextVar("volunteer_writing", default=False)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Only aware datetimes go in; aware UTC comes out on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database; pass an aware one")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Coded(TypeDecorator[Any]):
    """A word of :mod:`volunteer.domain.terms`, stored as its value (VARCHAR) with a CHECK beside it."""

    impl = String(24)
    cache_ok = True

    def __init__(self, enum: type[Enum]) -> None:
        super().__init__()
        self.enum = enum
        self._words = {
            str(word.value): word for word in enum
        }  # calling an enum costs ten times more

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(self.enum(value).value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Enum | None:
        return None if value is None else self._words[value]


@contextmanager
def writing() -> Iterator[None]:
    """Mark what follows as a writer: on SQLite its transactions take the write lock at once.

    A deferred transaction that reads and then writes fails with "locked" under concurrency, whatever
    the timeout; BEGIN IMMEDIATE waits its turn instead.
    """
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One transaction of one edge (request, command, job step): commit on success, else roll back."""
    with writing():
        db.session.rollback()  # leave any read snapshot: the writer must see the newest state
        try:
            yield
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


@contextmanager
def reading_from(engine: Engine) -> Iterator[None]:
    """Let every query read another database for a while, such as a copy that is to be checked."""
    db.session.remove()
    db.session.registry.set(OtherSession(bind=engine))  # type: ignore[arg-type]
    try:
        yield
    finally:
        db.session.remove()


class NotDurable(Exception):
    """The database would say "done" before it has written; the message says what to change."""


def _tune_postgres(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO on")  # whatever the default of the server is
            cursor.execute("SHOW fsync")
            said = cursor.fetchone()
        connection.commit()
        if said != ("on",):
            raise NotDurable("PostgreSQL runs with fsync = off: set it to on, and reload")


def tune_engine(engine: Engine) -> None:
    """Prepare each connection for durable commits; on SQLite also WAL, foreign keys and explicit BEGIN."""
    if engine.dialect.name == "postgresql":
        _tune_postgres(engine)
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an acknowledged stamp survives a power cut
            "foreign_keys=ON",
            "busy_timeout=8000",
            "temp_store=MEMORY",
            "cache_size=-32000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
