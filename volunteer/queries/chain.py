"""Verifying the ledger (台账校验): the rows as they lie in the database, judged against their seals."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from sqlalchemy import select, text

from volunteer.domain.chain import Head, Report, Row, verify_chain
from volunteer.domain.ledger import FIELDS, GENESIS, SEPARATOR
from volunteer.models.base import db
from volunteer.models.ledger import LedgerHead

BATCH = 5_000

# The database writes the sealed bytes of a row itself: half the time of doing it here, and a value of a
# wrong shape becomes other bytes instead of an error.
_INSTANT = {
    "sqlite": "replace(posted_at, ' ', 'T') || 'Z'",
    "postgresql": """to_char(posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\\:MI\\:SS.US"Z"')""",
}
_DAY = {"sqlite": "service_on", "postgresql": "to_char(service_on, 'YYYY-MM-DD')"}


def _line_of(dialect: str) -> str:
    """The SQL of a row's sealed bytes."""
    special = {"posted_at": _INSTANT[dialect], "service_on": _DAY[dialect]}
    parts = [special.get(name, name) for name in FIELDS]
    if dialect == "sqlite":
        return f"printf('{SEPARATOR.join(['%s'] * len(parts))}', {', '.join(parts)})"
    return f"concat({', chr(31), '.join(parts)})"


class _OutOfOrder(Exception):
    """A row lies before one of a lower number: somebody moved or renumbered it."""


def ledger_rows(*, first: int | None = None, last: int | None = None) -> Iterator[Row]:
    """Stream the entries by number with the bytes that their columns give; a few thousand in memory.

    From number ``first`` to number ``last``, both included; all of them without.
    """
    bounds, values = [], {}
    if first is not None:
        bounds.append("seq >= :first")
        values["first"] = first
    if last is not None:
        bounds.append("seq <= :last")
        values["last"] = last
    where = f" WHERE {' AND '.join(bounds)}" if bounds else ""
    found = db.session.execute(
        text(_statement(where, order="seq, id")), values, execution_options={"yield_per": BATCH}
    )
    for part in found.partitions():
        for seq, words, previous, mark in part:
            yield Row(seq, words.encode(), bytes(previous), bytes(mark))


def _statement(where: str, order: str) -> str:
    line = _line_of(db.session.get_bind().dialect.name)
    return f"SELECT seq, {line}, previous_seal, seal FROM ledger_entry{where} ORDER BY {order}"


def _as_they_lie() -> Iterator[tuple[int, bytes, bytes, bytes]]:
    """Stream all rows of an SQLite file in the order in which they lie there, from the driver itself.

    Entries are only ever added, so that this is the order of their numbers, and reading costs half.

    Raises
    ------
    _OutOfOrder
        Where it is not, because somebody touched them.
    """
    cursor: Any = db.session.connection().connection.cursor()
    before = 0
    try:
        cursor.execute(_statement("", order="id"))
        while part := cursor.fetchmany(BATCH):
            for seq, words, previous, mark in part:
                if not isinstance(seq, int) or seq <= before:
                    raise _OutOfOrder
                before = seq
                yield seq, words.encode(), bytes(previous), bytes(mark)
    finally:
        cursor.close()


def verify_ledger() -> Report:
    """Whether the ledger is what was written; each fault names its row. Reads all, changes nothing."""
    head = db.session.execute(select(LedgerHead.seq, LedgerHead.seal)).one()
    witness = Head(head[0], bytes(head[1]) if head[0] else GENESIS)
    if db.session.get_bind().dialect.name == "sqlite":
        with suppress(_OutOfOrder):
            return verify_chain(_as_they_lie(), witness)
    return verify_chain(ledger_rows(), witness)
