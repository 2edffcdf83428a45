"""Sealing the finished days (封存当日根值): one signed root a day over the entries posted since the last."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from volunteer.domain.access import SYSTEM
from volunteer.domain.ledger import GENESIS
from volunteer.domain.merkle import block_digests, root_over
from volunteer.domain.sealing import FIRST, Statement, leaf_line
from volunteer.domain.terms import Role
from volunteer.domain.timekeeping import beijing, local_date
from volunteer.models import signer
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, LedgerRoot, SigningKey
from volunteer.models.people import Account, RoleGrant
from volunteer.operations.journal import note, tell
from volunteer.operations.ledger.posting import hold_head
from volunteer.queries.roots import newest_root, rows_between, statement_of

MOST_DAYS = 40
"""Days sealed in one transaction; a city that was off for longer catches up in the next."""


def keep_key(at: datetime) -> str:
    """Write the public key in use into the list of keys, once; returns its fingerprint."""
    name = signer.fingerprint()
    if db.session.get(SigningKey, name) is None:
        db.session.add(SigningKey(fingerprint=name, public=signer.public_key(), first_used_at=at))
        db.session.flush()
    return name


def seal_due(*, at: datetime) -> list[LedgerRoot]:
    """Seal every day that is over (Beijing) and has no root; days without entries get one as well.

    An entry whose request began before midnight and was posted after the sealing belongs to the next root:
    a root covers numbers, and numbers have no gaps. Safe to run twice and from several workers.
    """
    hold_head()
    first_posted = db.session.scalar(select(LedgerEntry.posted_at).where(LedgerEntry.seq == 1))
    if first_posted is None:
        return []
    before = newest_root()
    day = before.day + timedelta(days=1) if before else local_date(first_posted)
    sealed: list[LedgerRoot] = []
    while day < local_date(at) and len(sealed) < MOST_DAYS:
        before = _seal(day, before, at)
        sealed.append(before)
        day += timedelta(days=1)
    return sealed


def _seal(day: date, before: LedgerRoot | None, at: datetime) -> LedgerRoot:
    first = before.last_seq + 1 if before else 1
    rows = list(rows_between(first, _last_of(day, first)))
    blocks = block_digests([leaf_line(row.seq, row.line, row.seal) for row in rows])
    head = rows[-1].seal if rows else bytes(before.head) if before else GENESIS
    statement = Statement(
        day=day,
        first_seq=first,
        last_seq=first + len(rows) - 1,
        root=root_over(blocks),
        head=head,
        previous=statement_of(before).digest() if before else FIRST,
        sealed_at=at,
        key=keep_key(at),
    )
    row = LedgerRoot(
        day=day,
        first_seq=statement.first_seq,
        last_seq=statement.last_seq,
        root=statement.root,
        blocks=b"".join(blocks),
        head=statement.head,
        previous=statement.previous,
        sealed_at=at,
        key=statement.key,
        signature=signer.sign(statement.text()),
    )
    db.session.add(row)
    note(
        SYSTEM,
        "seal_ledger",
        row,
        f"封存 {day} 的时长台账：{len(rows)} 条，至第 {row.last_seq} 条，根值 {row.root.hex()[:16]}…",
        at=at,
    )
    if (day + timedelta(days=1)).day == 1:
        _give_to_witnesses(row, at)
    return row


def _last_of(day: date, first: int) -> int:
    """The number of the last entry of a day: the one before the first that was posted later."""
    later = db.session.scalar(
        select(func.min(LedgerEntry.seq)).where(
            LedgerEntry.seq >= first,
            LedgerEntry.posted_at >= beijing(day + timedelta(days=1)),
        )
    )
    if later is not None:
        return later - 1
    return db.session.scalar(select(func.max(LedgerEntry.seq))) or 0


def _give_to_witnesses(row: LedgerRoot, at: datetime) -> None:
    """Send the month's last root to every organizer: whoever keeps it can prove a later change."""
    organizers = db.session.scalars(
        select(Account.id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.role == Role.ORGANIZER,
            RoleGrant.revoked_at.is_(None),
            Account.is_disabled.is_(False),
        )
        .distinct()
    )
    for account_id in organizers:
        tell(
            topic="ledger_root",
            title=f"{row.day.month} 月时长台账根值，请留存",
            body=f"{row.day}，至第 {row.last_seq} 条，根值 {row.root.hex()}。"
            "留存它，日后任何人改动此前的时长都能被发现。",
            at=at,
            account_id=account_id,
            link="/ledger/roots",
            dedupe=f"root:{row.day}:{account_id}",
        )
