"""The ledger tells what was done to it behind the product's back, and names the row."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.operations.test_attendance import Scene, clock
from volunteer.domain.ledger import GENESIS, canonical, seal
from volunteer.domain.terms import StampKind
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, append_only_statements
from volunteer.operations.ledger import post, settle_shift
from volunteer.operations.ledger.posting import entry_of, value_of
from volunteer.queries.chain import ledger_rows, verify_ledger

COUNT = 40


@pytest.fixture
def ledger(app: Flask) -> int:
    """A ledger of forty entries whose triggers were taken away, as an administrator could."""
    scene = Scene()
    scene.scan("07:28")
    scene.scan("08:30", StampKind.OUT)
    organizer = scene.actor(scene.city.organizer)
    record = settle_shift(organizer, shift_id=scene.shift.id, at=clock("09:00")).records[0]
    for number in range(1, COUNT):
        post([entry_of(record, number, at=clock("10:00"), by=None, reason="测试·𠮷")])
    db.session.commit()
    assert any("ledger_entry" in line for line in append_only_statements(db.engine.dialect.name))
    if db.engine.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            db.session.execute(text(f"DROP TRIGGER ledger_entry_no_{verb}"))
    else:
        db.session.execute(text("DROP TRIGGER ledger_entry_append_only ON ledger_entry"))
    db.session.commit()
    return COUNT


def _edit(seq: int) -> tuple[str, int]:
    run("UPDATE ledger_entry SET minutes = minutes + 300 WHERE seq = :seq", seq=seq)
    return "edited", seq


def _delete(seq: int) -> tuple[str, int]:
    run("DELETE FROM ledger_entry WHERE seq = :seq", seq=seq)
    return "deleted", seq


def _reorder(seq: int) -> tuple[str, int]:
    first = min(seq, COUNT - 1)
    run("UPDATE ledger_entry SET seq = 0 WHERE seq = :seq", seq=first)
    run("UPDATE ledger_entry SET seq = :seq WHERE seq = :other", seq=first, other=first + 1)
    run("UPDATE ledger_entry SET seq = :seq WHERE seq = 0", seq=first + 1)
    return "reordered", first


def _insert(seq: int) -> tuple[str, int]:
    run("UPDATE ledger_entry SET seq = seq + 1000 WHERE seq >= :seq", seq=seq)
    run("UPDATE ledger_entry SET seq = seq - 999 WHERE seq >= 1000")
    before = db.session.scalar(select(LedgerEntry.seal).where(LedgerEntry.seq == seq - 1))
    like = db.session.scalars(select(LedgerEntry).limit(1)).one()
    forged = replace(value_of(like), minutes=299)
    previous = before or GENESIS
    db.session.add(
        LedgerEntry(
            **{name: getattr(forged, name) for name in forged.__dataclass_fields__},
            seq=seq,
            previous_seal=previous,
            seal=seal(previous, canonical(forged)),
        )
    )
    db.session.flush()
    return "inserted", seq


def run(statement: str, **values: Any) -> None:
    db.session.execute(text(statement), values)


def test_an_untouched_ledger_is_sound_and_its_bytes_are_the_sealed_ones(ledger: int) -> None:
    report = verify_ledger()
    assert report.is_sound
    assert report.count == ledger
    rows = db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq)).all()
    assert [row.line for row in ledger_rows()] == [canonical(value_of(row)) for row in rows]


@pytest.mark.parametrize("tamper", [_edit, _delete, _reorder, _insert])
def test_what_was_done_to_a_row_is_found_and_the_row_named(
    ledger: int, tamper: Callable[[int], tuple[str, int]]
) -> None:
    chance = random.Random(7)
    for seq in [1, 2, COUNT - 1, COUNT, *chance.sample(range(3, COUNT - 1), 10)]:
        kind, named = tamper(seq)
        db.session.expire_all()
        faults = verify_ledger().faults
        found = {(fault.kind.value, fault.seq) for fault in faults}
        db.session.rollback()
        allowed = {(kind, named), (kind, named + 1)} if kind == "reordered" else {(kind, named)}
        assert found, f"{kind} of row {seq} was not found"
        assert found & allowed, f"{kind} of row {seq}: {found}"
        assert len(found) == 1, f"{kind} of row {seq}: more was blamed: {found}"


def test_a_row_whose_seal_was_made_anew_breaks_the_next_link(ledger: int) -> None:
    row = db.session.scalars(select(LedgerEntry).where(LedgerEntry.seq == 20)).one()
    row.minutes += 300
    row.seal = seal(row.previous_seal, canonical(value_of(row)))
    db.session.flush()
    report = verify_ledger()
    assert not report.is_sound
    assert min(fault.seq for fault in report.faults) in (20, 21)


def test_the_database_itself_refuses_to_change_an_entry(app: Flask) -> None:
    scene = Scene()
    scene.scan("07:28")
    settle_shift(scene.actor(scene.city.organizer), shift_id=scene.shift.id, at=clock("09:00"))
    db.session.commit()
    for statement in ("UPDATE ledger_entry SET minutes = 1", "DELETE FROM ledger_entry"):
        with pytest.raises(Exception, match="append only"):
            run(statement)
        db.session.rollback()
