"""Moving a city (搬迁): every row of one database into another, empty one, and both compared afterwards.

For the day on which a city outgrows SQLite. Nothing is made anew: numbers, seals, signatures and
ciphertext are carried as they are, so that certificates, codes and sessions stay good. While it moves
nobody can write in the old place; what fails leaves the new one empty.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from volunteer.models.base import Base
from volunteer.models.ledger import LedgerHead
from volunteer.models.people import Account

BATCH = 2_000
"""Rows that are carried at once."""

_MADE_BY_THE_SCHEMA = (LedgerHead.__tablename__,)
"""Tables that are not empty in an empty city."""


class RelocationError(Exception):
    """The city could not be moved; the message says why, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was carried."""

    tables: int
    rows: int


def move_city(
    source: Connection, target: Connection, *, say: Callable[[str], None] = lambda _: None
) -> Moved:
    """Carry every row from ``source`` to ``target``, which has the same schema and no city in it.

    Both are in a transaction, which the caller ends: a writing one on SQLite, so that nobody writes in between.
    Raises RelocationError when the target is not empty, a row does not fit there, or what has arrived differs.
    """
    _hold_still(source)
    if target.execute(select(func.count()).select_from(Account.__table__)).scalar_one():
        raise RelocationError("there is a city in that database already; make an empty one for it")
    tables = Base.metadata.sorted_tables
    for table in tables:
        if table.name in _MADE_BY_THE_SCHEMA:
            target.execute(table.delete())
    rows = 0
    for table in tables:
        carried = _carry(table, source, target)
        rows += carried
        say(f"{table.name}: {carried}")
    for table in tables:
        if _digest(table, source) != _digest(table, target):
            raise RelocationError(f"{table.name} did not arrive as it was; nothing was moved")
    _go_on_counting(tables, target)
    return Moved(len(tables), rows)


def _hold_still(source: Connection) -> None:
    """Let nobody write in the old place until the transaction ends (SQLite: it holds the lock already)."""
    if source.dialect.name == "postgresql":
        names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
        source.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))


def _own(table: Table) -> list[Column[Any]]:
    """Columns that name a row of the same table."""
    return [key.parent for key in table.foreign_keys if key.column.table is table]


def _batches(table: Table, source: Connection) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in the order of their key."""
    wish = select(table).order_by(*table.primary_key.columns)
    with source.execute(wish, execution_options={"yield_per": BATCH}) as found:
        for part in found.partitions():
            yield [dict(row._mapping) for row in part]


def _carry(table: Table, source: Connection, target: Connection) -> int:
    """Copy a table; a row that names a later one of its own table is told so when that one is there."""
    own, later, count = _own(table), [], 0
    for rows in _batches(table, source):
        for row in rows:
            ahead = {c.name: row[c.name] for c in own if (row[c.name] or 0) > row["id"]}
            if ahead:
                later.append((row["id"], ahead))
                row.update(dict.fromkeys(ahead))
        _put(table, rows, target)
        count += len(rows)
    for key, ahead in later:
        target.execute(update(table).where(table.c.id == key).values(ahead))
    return count


def _put(table: Table, rows: list[dict[str, Any]], target: Connection) -> None:
    """Insert rows; the first that does not fit is named."""
    try:
        with target.begin_nested():
            target.execute(insert(table), rows)
    except (DBAPIError, ValueError):
        for row in rows:
            try:
                with target.begin_nested():
                    target.execute(insert(table), [row])
            except (DBAPIError, ValueError) as fault:
                key = ", ".join(f"{c.name} {row[c.name]}" for c in table.primary_key.columns)
                reason = str(getattr(fault, "orig", fault)).splitlines()[0]
                raise RelocationError(
                    f"{table.name}, {key} does not fit into that database: {reason}"
                ) from fault
        raise


def _plain(value: Any) -> Any:
    """A value as both databases say it alike."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if not isinstance(value, (int, float, str, list, dict, type(None))) else value


def _digest(table: Table, connection: Connection) -> str:
    """A digest over all rows in the order of their key."""
    total = hashlib.sha256()
    for rows in _batches(table, connection):
        for row in rows:
            said = [_plain(value) for value in row.values()]
            total.update(json.dumps(said, ensure_ascii=False, sort_keys=True).encode() + b"\n")
    return total.hexdigest()


def _go_on_counting(tables: Sequence[Table], target: Connection) -> None:
    """Let PostgreSQL number new rows after the ones that were carried."""
    if target.dialect.name != "postgresql":
        return
    for table in tables:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = target.execute(
            select(func.pg_get_serial_sequence(table.name, column.name))
        ).scalar()
        newest = target.execute(select(func.max(column))).scalar()
        if sequence and newest:
            target.execute(select(func.setval(sequence, newest)))
