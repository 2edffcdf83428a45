"""What must never be is refused by the database itself, on both databases."""

import secrets
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.builders import NOW, a_shift, a_unit, a_volunteer, an_assignment
from volunteer.domain.terms import Grade, StampKind, Way
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.ledger import APPEND_ONLY
from volunteer.operations.journal import note


def _stamp(assignment: Any, **given: Any) -> CheckIn:
    values: dict[str, Any] = {
        "assignment_id": assignment.id,
        "shift_id": assignment.shift_id,
        "volunteer_id": assignment.volunteer_id,
        "kind": StampKind.IN,
        "at": NOW,
        "received_at": NOW,
        "way": Way.ROTATING_CODE,
        "grade": Grade.A,
        "nonce": secrets.token_hex(8),
        "by_account_id": 1,
    }
    return CheckIn(**{**values, **given})


def test_one_seat_per_person_and_shift(app: Flask) -> None:
    shift, volunteer = a_shift(), a_volunteer()
    an_assignment(shift, volunteer)
    with pytest.raises(IntegrityError):
        an_assignment(shift, volunteer)
    db.session.rollback()


def test_one_check_in_per_seat_and_round(app: Flask) -> None:
    seat = an_assignment(a_shift(), a_volunteer())
    db.session.add(_stamp(seat))
    db.session.flush()
    db.session.add(_stamp(seat))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_one_stamp_per_nonce(app: Flask) -> None:
    shift = a_shift()
    first, second = an_assignment(shift, a_volunteer()), an_assignment(shift, a_volunteer())
    db.session.add(_stamp(first, nonce="same"))
    db.session.flush()
    db.session.add(_stamp(second, nonce="same"))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_a_shift_ends_after_it_starts(app: Flask) -> None:
    with pytest.raises(IntegrityError):
        a_shift(start="08:30", end="07:30")
    db.session.rollback()


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_stamps_and_audit_lines_cannot_be_changed_by_sql(app: Flask, verb: str) -> None:
    seat = an_assignment(a_shift(), a_volunteer())
    db.session.add(_stamp(seat))
    note(None, "test", a_unit(), "一条日志", at=NOW)
    db.session.commit()
    for table in ("check_in", "audit_entry"):
        column = {"check_in": "late_minutes = 5", "audit_entry": "sentence = 'x'"}[table]
        statement = f"UPDATE {table} SET {column}" if verb == "UPDATE" else f"DELETE FROM {table}"
        with pytest.raises(DBAPIError, match="append only"):
            db.session.execute(text(statement))
        db.session.rollback()


def test_every_table_of_the_record_is_guarded(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        rows = db.session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        names = {row[0] for row in rows}
        wanted = {f"{table}_no_{verb}" for table in APPEND_ONLY for verb in ("update", "delete")}
    else:
        rows = db.session.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
        names = {row[0] for row in rows}
        wanted = {f"{table}_append_only" for table in APPEND_ONLY}
    assert wanted <= names


def test_every_connection_commits_durably(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        assert db.session.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
        return
    for _ in range(5):
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
