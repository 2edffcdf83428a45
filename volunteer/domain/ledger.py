"""The ledger (时长台账): entries that are only ever added, each sealed to the one before.

A correction is a reversal and a new entry, never an edit; a balance is a sum. The bytes that
are sealed are defined here once and for all, so that anybody can check a copy with a few lines
in any language: the fields of :data:`FIELDS` in order, joined by U+001F, nothing for an empty
one, in UTF-8; the seal is SHA-256 over the previous seal and these bytes.
"""

import hashlib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import TypeVar

from volunteer.domain.refusal import Refused
from volunteer.domain.terms import EntryKind, Grade, Nature, Source
from volunteer.domain.words import N_

SEPARATOR = "\x1f"
#: What the first entry is sealed to.
GENESIS = hashlib.sha256(b"volunteer-ledger/1").digest()

Owner = TypeVar("Owner", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger (时长流水): signed minutes and whose, when, why and on what evidence.

    A credit has minutes of zero or more; a reversal has the negative of the entry it takes back.
    ``reason`` is last because it alone is free text.
    """

    kind: EntryKind
    record_id: int
    reverses_id: int | None
    volunteer_id: int
    unit_id: int
    district_id: int
    kind_id: int
    nature: Nature
    service_on: date
    minutes: int
    source: Source
    grade: Grade
    posted_at: datetime
    posted_by_id: int | None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.posted_at.tzinfo is None:
            raise ValueError("an entry is posted at an instant with a time zone")
        if (self.kind is EntryKind.REVERSAL) is (self.reverses_id is None):
            raise ValueError("a reversal, and only a reversal, names an entry")
        if self.kind is EntryKind.CREDIT and self.minutes < 0:
            raise ValueError("a credit is never negative")
        if self.kind is EntryKind.REVERSAL and self.minutes > 0:
            raise ValueError("a reversal is never positive")


#: The sealed fields, in their order.
FIELDS = tuple(field.name for field in fields(Entry))


def instant_text(at: datetime) -> str:
    """Return an instant as it is sealed: UTC, microseconds, ``2026-03-02T00:30:00.000000Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(entry: Entry) -> bytes:
    """Return the bytes of an entry that are sealed."""
    parts = (
        entry.kind,
        str(entry.record_id),
        "" if entry.reverses_id is None else str(entry.reverses_id),
        str(entry.volunteer_id),
        str(entry.unit_id),
        str(entry.district_id),
        str(entry.kind_id),
        entry.nature,
        entry.service_on.isoformat(),
        str(entry.minutes),
        entry.source,
        entry.grade,
        instant_text(entry.posted_at),
        "" if entry.posted_by_id is None else str(entry.posted_by_id),
        entry.reason,
    )
    return SEPARATOR.join(parts).encode()


def seal(previous: bytes, line: bytes) -> bytes:
    """Return the seal of an entry's bytes after the previous seal (32 bytes)."""
    return hashlib.sha256(previous + line).digest()


def reversal_of(entry: Entry, entry_id: int, *, at: datetime, by: int | None, reason: str) -> Entry:
    """Return the entry that takes another one back in full.

    Raises
    ------
    Refused
        ``is_reversal`` for a reversal, ``reason_missing`` without a reason.
    """
    if entry.kind is EntryKind.REVERSAL:
        hint = N_("如需恢复，请新记一条时长。")
        raise Refused("is_reversal", N_("冲销流水不能再被冲销。"), hint)
    if not reason.strip():
        raise Refused("reason_missing", N_("请填写更正的原因。"), field="reason")
    return replace(
        entry,
        kind=EntryKind.REVERSAL,
        reverses_id=entry_id,
        minutes=-entry.minutes,
        posted_at=at,
        posted_by_id=by,
        reason=reason.strip(),
    )


def balances(lines: Iterable[tuple[Owner, int]]) -> dict[Owner, int]:
    """Sum signed minutes by whatever owns them: the only way a total comes about."""
    totals: dict[Owner, int] = {}
    for owner, minutes in lines:
        totals[owner] = totals.get(owner, 0) + minutes
    return totals
