"""The migrations build exactly the models, and can be walked back."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from tests.operations.test_make_ups import Case
from volunteer import migrations
from volunteer.domain.terms import AssignmentState
from volunteer.domain.timekeeping import now
from volunteer.models import Base
from volunteer.models.base import db
from volunteer.models.rosters import Assignment
from volunteer.models.tickets import MakeUp, MakeUpEvent


def test_there_is_one_head() -> None:
    scripts = ScriptDirectory.from_config(migrations.alembic_config())
    assert len(scripts.get_heads()) == 1


def test_the_newest_schema_is_what_the_models_say(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def test_down_to_nothing_and_up_again(app: Flask) -> None:
    with db.engine.connect() as connection:
        migrations.downgrade(connection, "base")
        connection.commit()
        left = set(inspect(connection).get_table_names()) - {"alembic_version"}
        assert left == set()
        connection.rollback()
        migrations.upgrade(connection)
        connection.commit()
        assert connection.execute(text("SELECT seq FROM ledger_head")).scalar_one() == 0


def test_a_city_of_the_first_version_keeps_all_it_has(app: Flask) -> None:
    with db.engine.connect() as connection:
        migrations.downgrade(connection, "base")
        migrations.upgrade(connection, "0001")
        connection.commit()
        assert "wechat_bond" not in inspect(connection).get_table_names()
        first = Base.metadata.tables["account"]
        connection.execute(insert(first).values(login="chen", name="陈静", created_at=now()))
        connection.commit()
        migrations.upgrade(connection)
        connection.commit()
        assert connection.execute(select(first.c.name)).scalars().all() == ["陈静"]
        assert "wechat_bond" in inspect(connection).get_table_names()


def _rows() -> dict[str, list[Any]]:
    """Every row of every table, as the database has it."""
    return {
        name: [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key))]
        for name, table in Base.metadata.tables.items()
    }


def test_a_city_with_requests_goes_down_to_the_first_schema_and_up_again(app: Flask) -> None:
    """The upgrade from the released schema keeps every row, and what refers to the table built anew."""
    case = Case()
    row = case.seen(case.ask_for())
    with_seat, number = row.id, row.assignment_id
    db.session.commit()
    before = _rows()
    db.session.remove()
    with db.engine.connect() as connection:
        migrations.downgrade(connection, "0001")
        connection.commit()
        columns = {column["name"] for column in inspect(connection).get_columns("volunteer")}
        assert "card_issue" not in columns
        connection.rollback()
        migrations.upgrade(connection)
        connection.commit()
    after = _rows()
    assert after == before
    assert db.session.scalars(select(MakeUpEvent)).all()
    kept = db.session.get(MakeUp, with_seat)
    assert kept is not None
    assert kept.assignment_id == number
    checks = inspect(db.engine).get_check_constraints("make_up")
    assert "ck_make_up_times" in {check["name"] for check in checks}
    uniques = inspect(db.engine).get_unique_constraints("make_up")
    assert [unique["column_names"] for unique in uniques] == [["live_seat_id"]]
    kept.went_at = kept.came_at
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_going_back_gives_a_request_without_a_seat_one_that_nobody_answered(app: Flask) -> None:
    case = Case()
    row = case.seen(case.ask_for())
    row.assignment_id = row.live_seat_id = None
    row.volunteer_id = case.city.other_volunteer.id
    db.session.commit()
    number, person = row.id, row.volunteer_id
    db.session.remove()
    with db.engine.connect() as connection:
        migrations.downgrade(connection, "0002")
        migrations.upgrade(connection)
        connection.commit()
    kept = db.session.get(MakeUp, number)
    assert kept is not None
    made = db.session.get(Assignment, kept.assignment_id)
    assert made is not None
    assert (made.volunteer_id, made.state, made.source) == (
        person,
        AssignmentState.EXPIRED,
        "make_up",
    )


def test_a_migration_that_loses_a_reference_is_taken_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    Case()
    db.session.remove()

    def broken(*_: Any) -> None:
        connection.exec_driver_sql("DELETE FROM check_point")

    monkeypatch.setattr(migrations.command, "upgrade", broken)
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            with pytest.raises(IntegrityError):
                migrations.upgrade(connection)
            return
        with pytest.raises(migrations.Dangling):
            migrations.upgrade(connection)
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM check_point")).scalar()
