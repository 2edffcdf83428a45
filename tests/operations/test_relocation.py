"""A city moves from one database to the other kind, and goes on there as if nothing had happened."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import OperationalError

from tests.builders import MONDAY, a_city, a_unit, a_volunteer
from tests.conftest import KEY, demo_settings
from tests.faults.conftest import bare
from tests.records import a_record
from volunteer.app import create_app
from volunteer.models.base import Base, db
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import LedgerEntry
from volunteer.models.people import Account, Unit, Volunteer
from volunteer.operations import relocation
from volunteer.queries.verification import are_numbers_readable, verify_all

KEYS = {"field_keys": [KEY], "index_key": KEY, "signing_key": KEY}


@pytest.fixture
def elsewhere(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database of the other kind."""
    if database.startswith("postgresql"):
        yield f"sqlite:///{tmp_path / 'moved.sqlite'}"
        return
    yield from _a_postgres(request)


def _a_postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    server = request.getfixturevalue("postgres_server")
    name = f"moved_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _move(app: Flask, address: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["move-to", address])
    db.session.remove()
    return done.exit_code, done.output


def _as_engine(address: str) -> Any:
    return create_engine(address.replace("postgresql://", "postgresql+psycopg://"))


def _accounts_at(address: str) -> int:
    engine = _as_engine(address)
    with engine.connect() as connection:
        found = connection.execute(select(func.count()).select_from(Account)).scalar_one()
    engine.dispose()
    return int(found)


def _a_city_that_lived() -> dict[str, Any]:
    city = a_city()
    first = a_unit()
    successor = a_unit()
    first.is_active, first.successor_unit_id = False, successor.id  # names a later row
    for _ in range(5):
        a_record(city.unit, city.volunteer, on=MONDAY)
    other = a_volunteer(city.unit, name="欧阳·买买提")
    city.volunteer.merged_into_id = other.id
    db.session.commit()
    return {"first": first.id, "successor": successor.id, "volunteer": city.volunteer.id}


def test_everything_arrives_and_goes_on(app: Flask, elsewhere: str, tmp_path: Path) -> None:
    known = _a_city_that_lived()
    last = db.session.scalar(select(func.max(AuditEntry.id))) or 0
    people = db.session.scalars(select(Volunteer.name).order_by(Volunteer.id)).all()
    code, said = _move(app, elsewhere)
    assert code == 0, said
    assert "5 ledger entries there are sound." in said
    address = elsewhere.replace("postgresql://", "postgresql+psycopg://")
    with bare(tmp_path / "other", address, KEYS):
        assert verify_all().is_sound
        assert are_numbers_readable()
        assert db.session.scalars(select(Volunteer.name).order_by(Volunteer.id)).all() == people
        assert db.session.get_one(Unit, known["first"]).successor_unit_id == known["successor"]
        moved = db.session.get_one(Volunteer, known["volunteer"])
        assert moved.merged_into_id is not None
        a_record(db.session.get_one(Unit, moved.unit_id), moved, on=MONDAY)
        db.session.commit()
        assert verify_all().chain.count == 6
        assert (db.session.scalar(select(func.max(AuditEntry.id))) or 0) >= last
        assert db.session.scalar(select(func.max(LedgerEntry.seq))) == 6


def test_a_place_with_a_city_is_left_alone(app: Flask, elsewhere: str) -> None:
    _a_city_that_lived()
    assert _move(app, elsewhere)[0] == 0
    before = _accounts_at(elsewhere)
    code, said = _move(app, elsewhere)
    assert code == 1
    assert "there is a city in that database already" in said
    assert _accounts_at(elsewhere) == before


def test_what_does_not_arrive_as_it_was_leaves_the_new_place_empty(
    app: Flask, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _a_city_that_lived()
    put = relocation._put

    def careless(table: Any, rows: list[dict[str, Any]], target: Any) -> None:
        if table.name == "volunteer":
            rows = [{**row, "name": "张三"} for row in rows]
        put(table, rows, target)

    monkeypatch.setattr(relocation, "_put", careless)
    code, said = _move(app, elsewhere)
    assert code == 1
    assert "volunteer did not arrive as it was" in said
    assert _accounts_at(elsewhere) == 0


def test_a_row_that_does_not_fit_is_named(app: Flask, elsewhere: str) -> None:
    if not elsewhere.startswith("postgresql"):
        _a_city_that_lived()
        code, said = _move(app, "postgresql://nobody@127.0.0.1:1/nowhere")
        assert code == 1
        assert "127.0.0.1" in said
        return
    city = a_city()
    db.session.commit()
    with db.engine.begin() as connection:  # SQLite keeps no limit of a text
        connection.execute(
            text("UPDATE unit SET name = :long WHERE id = :id"),
            {"long": "长" * 81, "id": city.unit.id},
        )
    code, said = _move(app, elsewhere)
    assert code == 1
    assert f"unit, id {city.unit.id} does not fit" in said
    assert _accounts_at(elsewhere) == 0


def test_nobody_writes_while_it_moves(
    app: Flask, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _a_city_that_lived()
    held: list[str] = []
    digest = relocation._digest

    def look(table: Any, connection: Any) -> str:
        if table.name == "account" and not held:
            held.append(_try_to_write())
        return digest(table, connection)

    monkeypatch.setattr(relocation, "_digest", look)
    code, said = _move(app, elsewhere)
    assert code == 0, said
    assert held == ["refused"]


def _try_to_write() -> str:
    change = "UPDATE account SET name = 'x'"
    try:
        if db.engine.dialect.name == "sqlite":
            with closing(sqlite3.connect(db.engine.url.database or "", timeout=0.1)) as file:
                file.execute(change)
        else:
            with db.engine.connect() as connection:
                connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
                connection.execute(text(change))
    except (sqlite3.OperationalError, OperationalError):
        return "refused"
    return "written"


def _said(app: Flask) -> list[str]:
    """The words of the public page, without what is made anew for each visitor."""
    page = app.test_client().get("/public").text
    return re.findall(r">\s*([^<>]*[\u4e00-\u9fff0-9][^<>]*)<", page)


def test_the_demo_city_moves_and_is_served_from_its_new_place(
    demo_app: Flask, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    places = _a_postgres(request)
    address = next(places)
    with demo_app.app_context():
        tables = Base.metadata.sorted_tables
        rows = sum(
            db.session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        )
        code, said = _move(demo_app, address)
    assert code == 0, said
    assert said.startswith(f"{rows} rows of {len(tables)} tables are there")
    there = create_app(
        demo_settings(tmp_path).model_copy(
            update={"database_url": address.replace("postgresql://", "postgresql+psycopg://")}
        )
    )
    assert _said(there) == _said(demo_app)
    with there.app_context():
        db.session.remove()
        db.engine.dispose()
    next(places, None)
