"""Verifying the ledger (台账校验): the rows as they lie in the database, judged against their seals."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from secrets import token_bytes
from typing import Any

from sqlalchemy import Engine, select, text

from volunteer.domain.chain import Head, Report, Row, verify_chain
from volunteer.domain.ledger import FIELDS, GENESIS, SEPARATOR
from volunteer.gateways.ledger_blocks import (
    BETWEEN,
    KNOT,
    SPACE,
    Found,
    Reader,
    Task,
    connect,
    read_all,
)
from volunteer.models.base import db
from volunteer.models.ledger import LedgerHead

BATCH = 5_000
BLOCK = 4_000
"""Rows that are hashed at a time."""
WORTH_HELPERS = 100_000
"""Entries from which starting a process costs less than it brings."""

# The database writes the sealed bytes of a row itself: half the time of doing it here, and a value of a
# wrong shape becomes other bytes instead of an error.
_INSTANT = {
    "sqlite": "replace(posted_at, ' ', 'T') || 'Z'",
    "postgresql": """to_char(posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24\\:MI\\:SS.US"Z"')""",
}
_DAY = {"sqlite": "service_on", "postgresql": "to_char(service_on, 'YYYY-MM-DD')"}


# SQLite's printf ends a text at a zero byte: whatever stands behind one was put there.
_HIDES = "instr(CAST(reason AS BLOB), x'00') > 0"


def _line_of(dialect: str) -> str:
    """The SQL of a row's sealed bytes."""
    special = {"posted_at": _INSTANT[dialect], "service_on": _DAY[dialect]}
    if dialect == "sqlite":
        special["reason"] = f"CASE WHEN {_HIDES} THEN hex(reason) ELSE reason END"
        return _printed([special.get(name, name) for name in FIELDS])
    return f"concat({', chr(31), '.join(special.get(name, name) for name in FIELDS)})"


def _printed(parts: list[str], forms: str = SEPARATOR.join(["%s"] * len(FIELDS))) -> str:
    return f"printf('{forms}', {', '.join(parts)})"


def _quick_on_file(offset: int) -> Task:
    """How blocks are read on SQLite: by where rows lie, as they were added in the order of their numbers."""
    knot = token_bytes(KNOT)
    forms = SEPARATOR.join(f"%s{'Z' * (name == 'posted_at')}" for name in FIELDS)
    line = _printed([*FIELDS[:-1], f"replace(reason, ' ', '{SPACE.decode()}')"], forms)
    odd = f"(reason <> '' AND ({_HIDES} OR instr(reason, '{SPACE.decode()}') > 0))"
    block = (
        f"SELECT count(*), sum(seq - id <> :offset OR {odd}),"
        f" CAST(group_concat({line}, '{BETWEEN.decode()}') AS BLOB),"
        f" CAST(group_concat(previous_seal, x'{knot.hex()}') AS BLOB),"
        f" CAST(group_concat(seal, x'{knot.hex()}') AS BLOB)"
        " FROM ledger_entry WHERE id BETWEEN :first AND :last"
    )
    numbers = (
        f"SELECT seq, id, {odd} FROM ledger_entry"  # noqa: S608
        " WHERE id BETWEEN :first AND :last ORDER BY id"
    )
    return Task("", block, numbers, knot.hex(), spaced=True, offset=offset)


def _quick_on_server() -> Task:
    """How blocks are read on PostgreSQL: by their numbers."""
    knot = token_bytes(KNOT).hex()
    instant = _INSTANT["postgresql"].replace("\\", "")
    parts = [
        f"coalesce({name}::text, '')" if name.endswith("_id") else name
        for name in (instant if name == "posted_at" else name for name in FIELDS)
    ]
    block = (
        f"SELECT count(*), 0, convert_to(string_agg(concat_ws(chr(31), {', '.join(parts)}),"
        f" chr({BETWEEN[0]})), 'UTF8'), string_agg(previous_seal, '\\x{knot}'::bytea),"
        f" string_agg(seal, '\\x{knot}'::bytea) FROM (SELECT * FROM ledger_entry"
        " WHERE seq BETWEEN %(first)s AND %(last)s ORDER BY seq, id) AS one"
    )
    return Task("", block, "", knot, spaced=False, offset=0)


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


def verify_ledger(*, helpers: int = 0) -> Report:
    """Whether the ledger is what was written; each fault names its row. Reads all, changes nothing.

    First block by block, which only tells whether all is well; where it is not, row by row, which names what was
    touched. ``helpers`` are processes that read blocks beside this one: they see what is committed, so that a
    caller with open changes has none.
    """
    head = db.session.execute(select(LedgerHead.seq, LedgerHead.seal)).one()
    witness = Head(head[0], bytes(head[1]) if head[0] else GENESIS)
    report = _sound_report(witness, helpers if witness.seq >= WORTH_HELPERS else 0)
    if report is not None:
        return report
    if db.session.get_bind().dialect.name == "sqlite":
        with suppress(_OutOfOrder):
            return verify_chain(_as_they_lie(), witness)
    return verify_chain(ledger_rows(), witness)


def _sound_report(head: Head, helpers: int) -> Report | None:
    """The report of a ledger in which nothing is wrong; None where anything may be."""
    engine = db.session.connection().engine
    is_file = engine.dialect.name == "sqlite"
    place = "id" if is_file else "seq"
    lowest, highest, ahead = db.session.execute(
        text(
            f"SELECT (SELECT min({place}) FROM ledger_entry), (SELECT max({place}) FROM ledger_entry),"  # noqa: S608
            f" (SELECT seq - {place} FROM ledger_entry ORDER BY {place} LIMIT 1)"
        )
    ).one()
    if not is_file:
        db.session.execute(text("SET LOCAL DateStyle TO ISO"))
    numbers = (lowest, highest, ahead)
    if not all(isinstance(one, int) for one in numbers) or highest - lowest > 2 * head.seq:
        return None  # nothing there, or numbers that nobody posted
    ranges = [
        (first, min(first + BLOCK, highest + 1) - 1) for first in range(lowest, highest + 1, BLOCK)
    ]
    task = _quick_on_file(ahead) if is_file else _quick_on_server()
    if helpers:
        place = str(engine.url.database) if is_file else _address_of(engine)
        task = task._replace(database=place)
    with _reader(task) as reader:
        return _joined(read_all(reader, ranges, helpers), head)


def _joined(blocks: Iterable[Found | None], head: Head) -> Report | None:
    """The report of blocks that follow one another up to the head; None where they do not."""
    count, mark, last = 0, GENESIS, 0
    for found in blocks:
        if found is None:
            return None
        if found.rows:
            if found.before != mark or found.lowest <= last:
                return None
            count, mark, last = count + found.rows, found.last, found.highest
    return Report(count, mark, ()) if mark == head.seal else None


@contextmanager
def _reader(task: Task) -> Iterator[Reader]:
    """What reads blocks: through the session, or beside other processes through a connection like theirs."""
    if not task.database:
        yield Reader(db.session.connection().connection, task)
        return
    connection = connect(task.database)
    try:
        yield Reader(connection, task)
    finally:
        connection.close()


def _address_of(engine: Engine) -> str:
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
