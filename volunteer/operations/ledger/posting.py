"""Posting (记账): entries go to the end of the chain, one writer at a time, each sealed to the one before."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select

from volunteer.domain.ledger import GENESIS, Entry, canonical, seal
from volunteer.domain.terms import EntryKind
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, LedgerHead, ServiceRecord
from volunteer.operations.ledger.totals import keep_totals


def hold_head() -> LedgerHead:
    """Lock the end of the chain until the commit; every settlement and correction passes here."""
    head = db.session.scalar(
        select(LedgerHead)
        .where(LedgerHead.id == 1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    assert head is not None, "the schema makes the head"
    return head


def post(entries: Sequence[Entry]) -> list[LedgerEntry]:
    """Append entries to the ledger, move its head and all totals; returns the rows with their numbers."""
    head = hold_head()
    previous = head.seal if head.seq else GENESIS
    rows = []
    for number, entry in enumerate(entries, head.seq + 1):
        mark = seal(previous, canonical(entry))
        rows.append(LedgerEntry(**asdict(entry), seq=number, previous_seal=previous, seal=mark))
        previous = mark
    db.session.add_all(rows)
    if rows:
        head.seq, head.seal = rows[-1].seq, previous
    db.session.flush()
    keep_totals(rows)
    return rows


def entry_of(
    record: ServiceRecord, minutes: int, *, at: datetime, by: int | None, reason: str = ""
) -> Entry:
    """The credit of a record as the ledger keeps it."""
    return Entry(
        kind=EntryKind.CREDIT,
        record_id=record.id,
        reverses_id=None,
        volunteer_id=record.volunteer_id,
        unit_id=record.unit_id,
        district_id=record.district_id,
        kind_id=record.kind_id,
        nature=record.nature,
        service_on=record.service_on,
        minutes=minutes,
        source=record.source,
        grade=record.grade,
        posted_at=at,
        posted_by_id=by,
        reason=reason[:200],
    )


def value_of(row: LedgerEntry) -> Entry:
    """The entry of a row, as it was sealed."""
    return Entry(
        kind=row.kind,
        record_id=row.record_id,
        reverses_id=row.reverses_id,
        volunteer_id=row.volunteer_id,
        unit_id=row.unit_id,
        district_id=row.district_id,
        kind_id=row.kind_id,
        nature=row.nature,
        service_on=row.service_on,
        minutes=row.minutes,
        source=row.source,
        grade=row.grade,
        posted_at=row.posted_at,
        posted_by_id=row.posted_by_id,
        reason=row.reason,
    )
