"""Four kinds of tampering, a hundred random rows each: every one found, and the row named."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.builders import MONDAY, a_city
from tests.records import a_record
from volunteer.domain.ledger import GENESIS, canonical, seal
from volunteer.domain.timekeeping import beijing
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry
from volunteer.operations.ledger import post
from volunteer.operations.ledger.posting import entry_of, value_of
from volunteer.queries.chain import verify_ledger

COUNT, TIMES = 150, 100


@pytest.fixture
def ledger(app: Flask) -> None:
    """A ledger of 150 entries whose triggers were taken away, as an administrator could."""
    city = a_city()
    record = a_record(city.unit, city.volunteer, on=MONDAY)
    at = beijing(MONDAY, 720)
    post([entry_of(record, number, at=at, by=None, reason="测试") for number in range(1, COUNT)])
    if db.engine.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            db.session.execute(text(f"DROP TRIGGER ledger_entry_no_{verb}"))
    else:
        db.session.execute(text("DROP TRIGGER ledger_entry_append_only ON ledger_entry"))
    db.session.commit()


def run(statement: str, **values: Any) -> None:
    db.session.execute(text(statement), values)


def edit(seq: int, chance: random.Random) -> set[tuple[str, int]]:
    change = chance.choice(
        [
            "minutes = minutes + 1",
            "grade = 'E'",
            "volunteer_id = 2",
            "reason = 'x'",
            "kind = 'other'",
        ]
    )
    run(f"UPDATE ledger_entry SET {change} WHERE seq = :seq", seq=seq)
    return {("edited", seq)}


def delete(seq: int, _chance: random.Random) -> set[tuple[str, int]]:
    run("DELETE FROM ledger_entry WHERE seq = :seq", seq=seq)
    return {("deleted", seq)}


def insert(seq: int, chance: random.Random) -> set[tuple[str, int]]:
    run("UPDATE ledger_entry SET seq = -seq WHERE seq >= :seq", seq=seq)
    run("UPDATE ledger_entry SET seq = 1 - seq WHERE seq < 0")
    before = db.session.scalar(select(LedgerEntry.seal).where(LedgerEntry.seq == seq - 1))
    like = db.session.scalars(select(LedgerEntry).limit(1)).one()
    forged = replace(value_of(like), minutes=chance.randint(1000, 2000))
    previous = before or GENESIS
    values = {name: getattr(forged, name) for name in forged.__dataclass_fields__}
    mark = seal(previous, canonical(forged))
    db.session.add(LedgerEntry(**values, seq=seq, previous_seal=previous, seal=mark))
    db.session.flush()
    return {("inserted", seq)}


def reorder(seq: int, _chance: random.Random) -> set[tuple[str, int]]:
    first = min(seq, COUNT - 1)
    run("UPDATE ledger_entry SET seq = 0 WHERE seq = :seq", seq=first)
    run("UPDATE ledger_entry SET seq = :seq WHERE seq = :other", seq=first, other=first + 1)
    run("UPDATE ledger_entry SET seq = :seq WHERE seq = 0", seq=first + 1)
    return {("reordered", first), ("reordered", first + 1)}  # either of the two was moved


@pytest.mark.parametrize("tamper", [edit, delete, insert, reorder])
def test_a_hundred_rows_of_each_kind(
    ledger: None, tamper: Callable[[int, random.Random], set[tuple[str, int]]]
) -> None:
    chance = random.Random(20261124)
    assert verify_ledger().is_sound
    missed = []
    for seq in chance.sample(range(1, COUNT + 1), TIMES):
        named = tamper(seq, chance)
        db.session.expire_all()
        found = {(fault.kind.value, fault.seq) for fault in verify_ledger().faults}
        db.session.rollback()
        if not (len(found) == 1 and found <= named):
            missed.append((seq, found))
    assert missed == []
    assert verify_ledger().is_sound
