"""Signed roots: one a finished day, never two, and what they reveal."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.builders import a_city
from tests.operations.test_attendance import refused_as
from tests.records import a_record
from volunteer.domain.merkle import EMPTY_ROOT
from volunteer.domain.timekeeping import beijing
from volunteer.jobs import tasks_ledger
from volunteer.models import signer
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.ledger import LedgerRoot, SigningKey
from volunteer.operations.sealing import seal_due
from volunteer.queries.roots import (
    is_sealed_until,
    ledger_as_of,
    newest_root,
    root_words,
    roots_page,
    signing_keys,
    statement_of,
    witness_list,
)
from volunteer.queries.verification import verify_all

FIRST = date(2026, 4, 28)


@pytest.fixture
def city(app: Any) -> Any:
    """Records posted on 28 April (3), 29 April (none), 30 April (2) and 1 May (1)."""
    city = a_city()
    for day, count in ((0, 3), (2, 2), (3, 1)):
        for _ in range(count):
            a_record(city.unit, city.volunteer, on=FIRST + timedelta(days=day))
    db.session.commit()
    return city


def noon(days: int) -> Any:
    return beijing(FIRST + timedelta(days=days), 12 * 60)


def test_finished_days_get_one_root_each_and_today_none(city: Any) -> None:
    assert not is_sealed_until(noon(3))
    sealed = seal_due(at=noon(3))
    db.session.commit()
    assert [(r.day.day, r.first_seq, r.last_seq) for r in sealed] == [
        (28, 1, 3),
        (29, 4, 3),
        (30, 4, 5),
    ]
    assert bytes(sealed[1].root) == EMPTY_ROOT
    assert bytes(sealed[1].head) == bytes(sealed[0].head)
    assert is_sealed_until(noon(3))
    assert seal_due(at=noon(3)) == []
    assert [r.day.day for r in seal_due(at=noon(4))] == [1]
    assert verify_all().is_sound


def test_each_root_is_signed_and_names_the_one_before(city: Any) -> None:
    sealed = seal_due(at=noon(4))
    public = signing_keys()[signer.fingerprint()]
    for before, row in zip([None, *sealed], sealed, strict=False):
        statement = statement_of(row)
        assert signer.is_signed(statement.text(), bytes(row.signature), public)
        assert not signer.is_signed(statement.text() + b" ", bytes(row.signature), public)
        assert statement.previous == (statement_of(before).digest() if before else bytes(32))
    assert len(db.session.scalars(select(SigningKey)).all()) == 1
    assert (
        len(db.session.scalars(select(AuditEntry).where(AuditEntry.act == "seal_ledger")).all())
        == 4
    )


def test_nothing_is_sealed_before_the_first_entry(app: Any) -> None:
    assert is_sealed_until(noon(0))
    assert seal_due(at=noon(0)) == []
    assert root_words() == ""
    assert verify_all().is_sound


def test_an_entry_that_came_in_late_belongs_to_the_next_root(city: Any) -> None:
    seal_due(at=noon(4))
    a_record(city.unit, city.volunteer, on=FIRST, posted_at=noon(2))
    a_record(city.unit, city.volunteer, on=FIRST + timedelta(days=4))
    last = seal_due(at=noon(5))[-1]
    assert (last.first_seq, last.last_seq) == (7, 8)
    assert verify_all().is_sound


def test_a_city_that_slept_long_catches_up_in_steps(city: Any) -> None:
    assert len(seal_due(at=noon(100))) == 40
    assert len(seal_due(at=noon(100))) == 40
    assert len(seal_due(at=noon(100))) == 20
    assert is_sealed_until(noon(100))
    assert roots_page(99).page == roots_page(1).pages == 4


def test_the_ledger_of_a_past_day_has_the_same_bytes_for_ever(city: Any) -> None:
    seal_due(at=noon(3))
    then = b"".join(ledger_as_of(FIRST))
    assert then.count(b"\n") == 4
    for day in (5, 6):
        a_record(city.unit, city.volunteer, on=FIRST + timedelta(days=day))
    seal_due(at=noon(9))
    assert b"".join(ledger_as_of(FIRST)) == then
    assert (
        b"".join(ledger_as_of(FIRST + timedelta(days=2))).splitlines()[1:4] == then.splitlines()[1:]
    )
    with refused_as("not_sealed"):
        list(ledger_as_of(FIRST + timedelta(days=60)))


def test_the_months_last_root_goes_to_every_organizer(city: Any) -> None:
    seal_due(at=noon(4))
    sent = db.session.scalars(select(Message).where(Message.topic == "ledger_root")).all()
    assert {message.account_id for message in sent} == {city.organizer.id, city.other_organizer.id}
    root = db.session.scalars(select(LedgerRoot).where(LedgerRoot.day == date(2026, 4, 30))).one()
    assert all(bytes(root.root).hex() in message.body for message in sent)


def test_the_newest_root_is_printed_in_one_line(city: Any) -> None:
    seal_due(at=noon(3))
    newest = newest_root()
    assert newest is not None
    assert root_words() == f"时长台账根值 2026-04-30（至第 5 条）{bytes(newest.root).hex()}"


def test_the_worker_seals_at_night(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks_ledger, "now", lambda: noon(2))
    tasks_ledger.seal()
    tasks_ledger.seal()
    assert len(db.session.scalars(select(LedgerRoot)).all()) == 2


def _open(table: str) -> None:
    """Take the triggers away, as an administrator of the database could."""
    if db.engine.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            db.session.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
    else:
        db.session.execute(text(f"DROP TRIGGER {table}_append_only ON {table}"))


def test_the_database_refuses_to_change_a_root(city: Any) -> None:
    seal_due(at=noon(4))
    db.session.commit()
    for statement in ("UPDATE ledger_root SET last_seq = 9", "DELETE FROM ledger_root"):
        with pytest.raises(Exception, match="append only"):
            db.session.execute(text(statement))
        db.session.rollback()


@pytest.mark.parametrize(
    ("change", "day"),
    [
        ("UPDATE ledger_root SET last_seq = 2 WHERE last_seq = 3 AND first_seq = 1", "2026-04-28"),
        ("DELETE FROM ledger_root WHERE first_seq = 4 AND last_seq = 3", "2026-04-30"),
    ],
)
def test_a_root_that_was_touched_is_named(city: Any, change: str, day: str) -> None:
    seal_due(at=noon(4))
    _open("ledger_root")
    db.session.execute(text(change))
    db.session.expire_all()
    found = verify_all()
    assert day in {fault.day for fault in found.root_faults}
    assert found.chain.is_sound


def test_a_whole_new_chain_is_betrayed_by_the_signed_roots_and_by_a_witness(
    city: Any, tmp_path: Path
) -> None:
    from volunteer.domain.ledger import GENESIS, canonical, seal
    from volunteer.models.ledger import LedgerEntry, LedgerHead
    from volunteer.operations.ledger.posting import value_of

    seal_due(at=noon(4))
    kept = json.loads(json.dumps(witness_list()))
    _open("ledger_entry")
    previous = GENESIS
    rows = db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq)).all()
    rows[3].minutes += 600
    for row in rows:
        row.previous_seal = previous
        row.seal = previous = seal(previous, canonical(value_of(row)))
    head = db.session.get(LedgerHead, 1)
    assert head is not None
    head.seal = previous
    db.session.flush()
    found = verify_all()
    assert found.chain.is_sound
    assert {fault.day for fault in found.root_faults} == {"2026-04-30", "2026-05-01"}
    assert found.record_ids == (rows[3].record_id,)
    _open("ledger_root")  # the forger has the signing key as well
    for root in db.session.scalars(select(LedgerRoot)).all():
        db.session.delete(root)
    db.session.flush()
    seal_due(at=noon(4))
    assert verify_all().root_faults == ()
    assert {fault.day for fault in verify_all(kept).root_faults} >= {"2026-04-30", "2026-05-01"}


def test_a_record_that_no_longer_fits_its_entry_is_named(city: Any) -> None:
    _open("service_record")
    db.session.execute(text("UPDATE service_record SET credited_minutes = 999 WHERE id = 2"))
    assert verify_all().record_ids == (2,)


def test_the_commands_seal_verify_and_print(city: Any, app: Any, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    sealed = runner.invoke(args=["ledger-seal"])
    assert "2026-04-28 1-3" in sealed.output
    (tmp_path / "roots.json").write_text(json.dumps(witness_list()), encoding="utf-8")
    db.session.rollback()
    sound = runner.invoke(args=["ledger-verify", "--witness", str(tmp_path / "roots.json")])
    assert sound.exit_code == 0
    assert "6 entries are sound" in sound.output
    printed = runner.invoke(args=["ledger-as-of", "2026-04-28"])
    assert printed.stdout_bytes.startswith(b"volunteer-ledger/1 2026-04-28 3 ")
    refused = runner.invoke(args=["ledger-as-of", "2030-01-01"])
    assert refused.exit_code == 1
    _open("ledger_entry")
    db.session.execute(text("UPDATE ledger_entry SET minutes = 1 WHERE seq = 5"))
    db.session.commit()
    broken = runner.invoke(args=["ledger-verify"])
    assert broken.exit_code == 1
    assert "ledger_entry seq=5 edited" in broken.output
    assert "ledger_root day=2026-04-30" in broken.output
