"""Signed roots of the ledger (当日根值), read: the newest, the list for witnesses, keys, and the day's bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from volunteer.domain.chain import Row
from volunteer.domain.refusal import Refused
from volunteer.domain.sealing import Statement
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, LedgerRoot, SigningKey
from volunteer.queries.chain import ledger_rows

PAGE = 31


def statement_of(row: LedgerRoot) -> Statement:
    """What was signed for a day."""
    return Statement(
        day=row.day,
        first_seq=row.first_seq,
        last_seq=row.last_seq,
        root=bytes(row.root),
        head=bytes(row.head),
        previous=bytes(row.previous),
        sealed_at=row.sealed_at,
        key=row.key,
    )


@dataclass(frozen=True, slots=True)
class RootPage:
    """One page of the roots, the newest first."""

    rows: list[LedgerRoot]
    total: int
    page: int
    pages: int


def newest_root() -> LedgerRoot | None:
    """The root of the last sealed day, as printed on exports and certificates; None before the first."""
    return db.session.scalar(select(LedgerRoot).order_by(LedgerRoot.day.desc()).limit(1))


def root_words() -> str:
    """The newest root in one line for the foot of a paper or an export; empty before the first."""
    row = newest_root()
    if row is None:
        return ""
    return f"时长台账根值 {row.day.isoformat()}（至第 {row.last_seq} 条）{bytes(row.root).hex()}"


def is_sealed_until(at: datetime) -> bool:
    """Whether every finished day (Beijing) has its root, or there is nothing to seal yet."""
    newest = db.session.scalar(select(func.max(LedgerRoot.day)))
    yesterday = local_date(at) - timedelta(days=1)
    if newest is not None:
        return newest >= yesterday
    first = db.session.scalar(select(LedgerEntry.posted_at).where(LedgerEntry.seq == 1))
    return first is None or local_date(first) > yesterday


def root_on(day: date) -> LedgerRoot | None:
    """The root of a day."""
    return db.session.scalar(select(LedgerRoot).where(LedgerRoot.day == day))


def roots_page(page: int) -> RootPage:
    """The roots, the newest first; open to all, they say nothing of anybody."""
    total = db.session.scalar(select(func.count()).select_from(LedgerRoot)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = db.session.scalars(
        select(LedgerRoot).order_by(LedgerRoot.day.desc()).limit(PAGE).offset((page - 1) * PAGE)
    )
    return RootPage(list(rows), total, page, pages)


def all_roots() -> list[LedgerRoot]:
    """Every root, the oldest first."""
    return list(db.session.scalars(select(LedgerRoot).order_by(LedgerRoot.day)))


def signing_keys() -> dict[str, bytes]:
    """Every public key that was ever signed with, by its fingerprint."""
    return {
        row.fingerprint: bytes(row.public)
        for row in db.session.scalars(select(SigningKey).order_by(SigningKey.first_used_at))
    }


def root_as_proof(row: LedgerRoot) -> dict[str, Any]:
    """A root as it stands in proofs and in the list that units keep."""
    return {"statement": statement_of(row).text().decode(), "signature": bytes(row.signature).hex()}


def witness_list() -> dict[str, Any]:
    """All roots and keys as a unit keeps them, to compare with at any later time."""
    return {
        "format": "volunteer-ledger-roots/1",
        "keys": {name: public.hex() for name, public in signing_keys().items()},
        "roots": [root_as_proof(row) for row in all_roots()],
    }


def rows_between(first: int, last: int) -> Iterator[Row]:
    """The entries from one number to another, both included, as they lie in the database."""
    return ledger_rows(first=first, last=last)


def ledger_as_of(day: date) -> Iterator[bytes]:
    """The ledger at the end of a sealed day: a head, one line an entry, the same bytes for ever.

    Raises Refused ``not_sealed`` when the day has no root yet.
    """
    row = root_on(day)
    if row is None:
        newest = newest_root()
        raise Refused(
            "not_sealed",
            "这一天的台账还没有封存。",
            "每天零点后封存前一天；请选择 %(day)s 或更早的日期。" if newest else "",
            status=404,
            values={"day": newest.day.isoformat()} if newest else {},
        )
    yield f"volunteer-ledger/1 {row.day} {row.last_seq} {bytes(row.root).hex()}\n".encode()
    for entry in rows_between(1, row.last_seq):
        yield b"%d\t%s\t%s\n" % (entry.seq, entry.line, entry.seal.hex().encode())
