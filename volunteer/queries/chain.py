"""Verifying the ledger (台账校验): the rows as they lie in the database, judged against their seals."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from sqlalchemy import Date, DateTime, String, select, type_coerce

from volunteer.domain.chain import Head, Report, Row, verify_chain
from volunteer.domain.ledger import GENESIS, SEPARATOR
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, LedgerHead

BATCH = 5_000


def ledger_rows() -> Iterator[Row]:
    """Stream the entries by number with the bytes that their columns give; a few thousand in memory."""
    e = LedgerEntry
    columns: list[Any] = [
        e.seq,
        e.previous_seal,
        e.seal,
        type_coerce(e.kind, String),
        e.record_id,
        e.reverses_id,
        e.volunteer_id,
        e.unit_id,
        e.district_id,
        e.kind_id,
        type_coerce(e.nature, String),
        type_coerce(e.service_on, Date),
        e.minutes,
        type_coerce(e.source, String),
        type_coerce(e.grade, String),
        type_coerce(e.posted_at, DateTime(timezone=True)),
        e.posted_by_id,
        e.reason,
    ]
    found = db.session.execute(
        select(*columns).order_by(e.seq, e.id).execution_options(yield_per=BATCH)
    )
    for part in found.partitions():
        for row in part:
            yield _row(row)


def _row(row: Any) -> Row:
    seq, previous, mark, *values = row
    posted = values[12]
    posted = posted.astimezone(UTC) if posted.tzinfo else posted
    values[12] = f"{posted:%Y-%m-%dT%H:%M:%S}.{posted.microsecond:06d}Z"
    line = SEPARATOR.join(["" if value is None else str(value) for value in values])
    return Row(seq, line.encode(), bytes(previous), bytes(mark))


def verify_ledger() -> Report:
    """Whether the ledger is what was written; each fault names its row. Reads all, changes nothing."""
    head = db.session.execute(select(LedgerHead.seq, LedgerHead.seal)).one()
    witness = Head(head[0], bytes(head[1]) if head[0] else GENESIS)
    return verify_chain(ledger_rows(), witness)
