"""Putting many rows into the ledger past the operations, as fast as the database takes them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text

from volunteer.models.base import db


def put_entries(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows to the ledger through the driver, and commit."""
    raw = db.engine.raw_connection()
    names = ", ".join(columns)
    try:
        if db.engine.dialect.name == "sqlite":
            marks = ", ".join("?" for _ in columns)
            cursor = raw.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(f"INSERT INTO ledger_entry ({names}) VALUES ({marks})", rows)
        else:
            with raw.cursor().copy(f"COPY ledger_entry ({names}) FROM STDIN") as copy:  # type: ignore[attr-defined]
                for row in rows:
                    copy.write_row(row)
        raw.commit()
    finally:
        raw.close()


def analyze() -> None:
    """Let PostgreSQL know what there is."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
