"""The whole check of the ledger (台账校验): the chain, the signed roots, a witness's list, and the records."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import and_, case, or_, select

from volunteer.domain.chain import Report, Row
from volunteer.domain.merkle import block_digests, root_over
from volunteer.domain.sealing import FIRST, leaf_line
from volunteer.domain.terms import EntryKind, Nature
from volunteer.domain.words import N_
from volunteer.models import signer
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.ledger import LedgerEntry, LedgerRoot, ServiceRecord
from volunteer.models.people import Volunteer
from volunteer.queries.chain import verify_ledger
from volunteer.queries.roots import (
    all_roots,
    root_as_proof,
    rows_between,
    signing_keys,
    statement_of,
)

MOST_RECORDS = 200
"""Records named when they disagree with their entries; beyond it the story is told."""


@dataclass(frozen=True, slots=True)
class RootFault:
    """One thing wrong with the root of a day, in Chinese."""

    day: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a verification found."""

    chain: Report
    roots: int
    root_faults: tuple[RootFault, ...]
    record_ids: tuple[int, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing at all is wrong."""
        return self.chain.is_sound and not self.root_faults and not self.record_ids


def verify_all(witness: dict[str, Any] | None = None, *, helpers: int = 0) -> Findings:
    """Check everything; ``witness`` is a list of roots that a unit kept. Reads all, changes nothing.

    ``helpers`` are processes beside this one: see :func:`volunteer.queries.chain.verify_ledger`.
    """
    roots = all_roots()
    faults = [*_root_faults(roots), *_witness_faults(roots, witness)]
    chain = verify_ledger(helpers=helpers)
    return Findings(chain, len(roots), tuple(faults), tuple(_records_that_differ()))


def are_numbers_readable() -> bool:
    """Whether the keys in use open the phone numbers of this database; True where there are none."""
    box = db.session.scalar(
        select(Volunteer.phone_cipher).where(Volunteer.phone_cipher.is_not(None)).limit(1)
    )
    try:
        return box is None or bool(decrypt(box))
    except (InvalidTag, IndexError):
        return False


def _root_faults(roots: list[LedgerRoot]) -> Iterator[RootFault]:
    keys = signing_keys()
    previous, next_seq = FIRST, 1
    for row in roots:
        statement = statement_of(row)
        day = row.day.isoformat()
        public = keys.get(row.key)
        if public is None or not signer.is_signed(statement.text(), bytes(row.signature), public):
            yield RootFault(day, N_("根值的签名不对，这一行被改动"))
        if statement.previous != previous or statement.first_seq != next_seq:
            yield RootFault(day, N_("根值与前一天接不上，中间有根值被删除或插入"))
        rows = list(rows_between(row.first_seq, row.last_seq))
        if not _fits(row, rows):
            yield RootFault(day, N_("当天的流水与封存时不同"))
        previous, next_seq = statement.digest(), row.last_seq + 1


def _fits(row: LedgerRoot, rows: list[Row]) -> bool:
    if len(rows) != row.last_seq - row.first_seq + 1:
        return False
    blocks = block_digests([leaf_line(each.seq, each.line, each.seal) for each in rows])
    whole = root_over(blocks) == bytes(row.root) and b"".join(blocks) == bytes(row.blocks)
    return whole and (not rows or rows[-1].seal == bytes(row.head))


def _witness_faults(roots: list[LedgerRoot], witness: dict[str, Any] | None) -> Iterator[RootFault]:
    if witness is None:
        return
    here = {row.day.isoformat(): root_as_proof(row)["statement"] for row in roots}
    for kept in witness.get("roots", []):
        day = str(kept["statement"]).splitlines()[1]
        if here.get(day) != kept["statement"]:
            yield RootFault(day, N_("与单位留存的根值不同"))


def _records_that_differ() -> list[int]:
    """Records whose own columns no longer say what their sealed entry says: they were edited."""
    e, r = LedgerEntry, ServiceRecord
    same = ("volunteer_id", "unit_id", "district_id", "kind_id", "nature", "service_on", "grade")
    minutes = case((r.nature == Nature.DUTY, r.served_minutes), else_=r.credited_minutes)
    return list(
        db.session.scalars(
            select(r.id)
            .join(e, and_(e.record_id == r.id, e.kind == EntryKind.CREDIT))
            .where(
                or_(
                    *(getattr(e, name) != getattr(r, name) for name in same),
                    e.minutes != minutes,
                )
            )
            .order_by(r.id)
            .limit(MOST_RECORDS)
        )
    )
