"""Verifying block by block: the database writes the very bytes that were sealed, and nothing slips between blocks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from tests.builders import MONDAY, NOW, a_city
from tests.records import a_record
from volunteer.domain.ledger import FIELDS, Entry, canonical, seal
from volunteer.domain.terms import ChainFault, EntryKind, Grade, Nature, Source
from volunteer.gateways import ledger_blocks
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, LedgerHead
from volunteer.operations.ledger import post
from volunteer.operations.ledger.posting import entry_of, hold_head, value_of
from volunteer.queries import chain
from volunteer.queries.chain import ledger_rows, verify_ledger

WORDS = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=200
) | st.sampled_from(
    ["TEST T", "2026-03-02 00:30", "补录 T", "\x1f", "a\x1eb", "a\x1db c", "%s 'x' \\"]
)
CHANGES = st.fixed_dictionaries(
    {
        "nature": st.sampled_from(Nature),
        "service_on": st.dates(date(1990, 1, 1), date(2099, 12, 31)),
        "minutes": st.integers(0, 1_000_000),
        "source": st.sampled_from(Source),
        "grade": st.sampled_from(Grade),
        "posted_at": st.integers(0, 10**15).map(
            lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=n)
        ),
        "posted_by_id": st.none() | st.integers(1, 2**31 - 1),
        "reason": WORDS,
    }
)
_likes: dict[int, Entry] = {}


def a_like(app: Flask) -> Entry:
    """An entry of a record that there is, once for a database."""
    if id(app) not in _likes:
        _likes.clear()
        city = a_city()
        _likes[id(app)] = entry_of(a_record(city.unit, city.volunteer, on=MONDAY), 60, at=NOW, by=7)
        db.session.commit()
    return _likes[id(app)]


def unguarded() -> None:
    """Take the triggers away, as an administrator could."""
    if db.engine.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            db.session.execute(text(f"DROP TRIGGER ledger_entry_no_{verb}"))
    else:
        db.session.execute(text("DROP TRIGGER ledger_entry_append_only ON ledger_entry"))


def quickly() -> bool:
    """Whether the blocks alone find the ledger sound."""
    head = db.session.execute(select(LedgerHead.seq, LedgerHead.seal)).one()
    return chain._sound_report(chain.Head(head[0], bytes(head[1])), 0) is not None


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.lists(CHANGES, min_size=1, max_size=5))
def test_the_database_writes_the_bytes_that_were_sealed(
    app: Flask, changes: list[dict[str, Any]]
) -> None:
    db.session.rollback()
    like = a_like(app)
    rows = post([replace(like, **change) for change in changes])
    first = rows[0].seq
    sealed = [canonical(value_of(row)) for row in rows]
    assert [row.line for row in ledger_rows(first=first)] == sealed
    marks = "\x1e\x1d" if db.engine.dialect.name == "sqlite" else "\x1e"
    embedded = any(mark in change["reason"] for change in changes for mark in marks)
    assert (
        quickly() is not embedded
    )  # what stands between lines, in a text, is left to the slow way
    assert verify_ledger().is_sound
    db.session.rollback()


@pytest.fixture
def ledger(app: Flask, monkeypatch: pytest.MonkeyPatch) -> int:
    """Forty-five entries in blocks of ten, a third with words that look like other fields."""
    monkeypatch.setattr(chain, "BLOCK", 10)
    city = a_city()
    like = entry_of(a_record(city.unit, city.volunteer, on=MONDAY), 60, at=NOW, by=7)
    post([replace(like, reason="更正 THE T" if n % 3 else "", minutes=n) for n in range(44)])
    unguarded()
    db.session.commit()
    assert quickly()
    return 45


@pytest.mark.parametrize("field", [*FIELDS, "previous_seal", "seal"])
def test_no_edited_field_passes(ledger: int, field: str) -> None:
    row = db.session.scalars(select(LedgerEntry).where(LedgerEntry.seq == 17)).one()
    other: dict[str, Any] = {
        "kind": EntryKind.REVERSAL,
        "nature": Nature.TRAINING,
        "service_on": date(2020, 1, 1),
        "source": Source.MAKE_UP,
        "grade": Grade.E,
        "posted_at": datetime(2020, 1, 1, tzinfo=UTC),
        "reason": "更正  HE T",
        "previous_seal": bytes(32),
        "seal": bytes(32),
    }
    new = other[field] if field in other else (getattr(row, field) or 0) + 1
    table = "ledger_entry"
    if db.engine.dialect.name == "postgresql":  # the keys to other tables go first
        for name in db.session.scalars(
            text(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'ledger_entry'::regclass"
                " AND contype IN ('f', 'c')"
            )
        ).all():
            db.session.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'))
    else:
        db.session.rollback()
        raw = db.session.connection().connection
        raw.execute("PRAGMA defer_foreign_keys=ON")
        raw.execute("PRAGMA ignore_check_constraints=ON")
    db.session.execute(update(LedgerEntry).where(LedgerEntry.seq == 17).values({field: new}))
    assert not quickly()
    assert [(f.kind, f.seq) for f in verify_ledger().faults] == [(ChainFault.EDITED, 17)]
    if db.engine.dialect.name == "sqlite":
        raw.execute("PRAGMA ignore_check_constraints=OFF")
    db.session.rollback()


def test_words_behind_a_zero_byte_are_seen(ledger: int) -> None:
    if db.engine.dialect.name == "postgresql":
        with pytest.raises(Exception, match="NUL|0x00"):
            db.session.execute(update(LedgerEntry).values(reason="更正\0x"))
        db.session.rollback()
        return
    db.session.execute(
        text("UPDATE ledger_entry SET reason = reason || char(0) || 'x' WHERE seq = 21")
    )
    assert [(f.kind, f.seq) for f in verify_ledger().faults] == [(ChainFault.EDITED, 21)]


def test_two_rows_cannot_hide_in_one(ledger: int) -> None:
    """The text of the next row in this one's reason, both seals in its seal: as blocks hold them, but one row."""
    one, two = db.session.scalars(
        select(LedgerEntry).where(LedgerEntry.seq.in_([31, 32])).order_by(LedgerEntry.seq)
    ).all()
    words = one.reason + "\x1e" + canonical(value_of(two)).decode()
    marks = {
        "seal": one.seal + two.seal,
        "previous_seal": one.previous_seal + two.previous_seal,
        "reason": words,
    }
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ALTER TABLE ledger_entry ALTER COLUMN reason TYPE text"))
    db.session.execute(text("DELETE FROM ledger_entry WHERE seq = 32"))
    db.session.execute(update(LedgerEntry).where(LedgerEntry.seq == 31).values(marks))
    assert not quickly()
    assert not verify_ledger().is_sound


def test_seals_of_another_length_are_seen(ledger: int) -> None:
    one, two = db.session.scalars(
        select(LedgerEntry).where(LedgerEntry.seq.in_([33, 34])).order_by(LedgerEntry.seq)
    ).all()
    whole = one.seal + two.seal
    for seq, part in ((33, whole[:40]), (34, whole[40:])):
        db.session.execute(update(LedgerEntry).where(LedgerEntry.seq == seq).values(seal=part))
    assert not quickly()


@pytest.mark.parametrize("gone", [5, 10, 11, 44])
def test_numbers_may_be_ahead_of_where_rows_lie(ledger: int, gone: int) -> None:
    """A city that moved here keeps the places of its rows, and a sequence leaves some out."""
    db.session.execute(
        text("UPDATE ledger_entry SET id = -id - 7 WHERE seq > :gone"), {"gone": gone}
    )
    db.session.execute(text("UPDATE ledger_entry SET id = -id WHERE id < 0"))
    assert quickly()
    assert verify_ledger().count == ledger


def test_rows_after_the_head_and_an_empty_ledger_are_left_to_the_slow_way(ledger: int) -> None:
    head = hold_head()
    row = db.session.scalars(select(LedgerEntry).where(LedgerEntry.seq == ledger - 1)).one()
    head.seq, head.seal = row.seq, row.seal
    db.session.flush()
    assert not quickly()
    assert [(f.kind, f.seq) for f in verify_ledger().faults] == [(ChainFault.INSERTED, ledger)]


def test_a_number_that_nobody_posted_does_not_make_the_check_endless(ledger: int) -> None:
    place = "id" if db.engine.dialect.name == "sqlite" else "seq"
    db.session.execute(text(f"UPDATE ledger_entry SET {place} = 2000000000 WHERE seq = 45"))
    assert not quickly()


@pytest.mark.parametrize("helpers", [1, 2])
def test_helpers_find_what_one_process_finds(
    ledger: int, helpers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "WORTH_HELPERS", 1)
    called = []
    known = ledger_blocks.Child.ask
    monkeypatch.setattr(
        ledger_blocks.Child, "ask", lambda *given: (called.append(given), known(*given))[1]
    )
    db.session.commit()
    sound = verify_ledger(helpers=helpers)
    assert sound == verify_ledger()
    assert called
    for seq in (1, 10, 11, 29, 45):
        before = db.session.scalar(select(LedgerEntry.minutes).where(LedgerEntry.seq == seq))
        assert before is not None
        set_minutes(seq, before + 1)
        found = verify_ledger(helpers=helpers)
        assert [(f.kind, f.seq) for f in found.faults] == [(ChainFault.EDITED, seq)]
        set_minutes(seq, before)
    assert verify_ledger(helpers=helpers) == sound


def set_minutes(seq: int, minutes: int) -> None:
    db.session.execute(update(LedgerEntry).where(LedgerEntry.seq == seq).values(minutes=minutes))
    db.session.commit()


def test_a_child_that_dies_costs_nothing_but_time(
    ledger: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "WORTH_HELPERS", 1)
    known = ledger_blocks.Child.ask

    def ask_and_kill(self: Any, *given: Any) -> None:
        known(self, *given)
        self.process.kill()

    monkeypatch.setattr(ledger_blocks.Child, "ask", ask_and_kill)
    db.session.commit()
    report = verify_ledger(helpers=2)
    assert (report.is_sound, report.count) == (True, ledger)


def test_a_child_that_says_nothing_is_given_up(
    ledger: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "WORTH_HELPERS", 1)
    monkeypatch.setattr(ledger_blocks, "WAIT", 0.2)
    monkeypatch.setattr(ledger_blocks.Child, "_say", lambda self, words: None)
    db.session.commit()
    assert verify_ledger(helpers=1).is_sound


def test_hashing_tells_a_broken_link_from_a_sound_block() -> None:
    lines, knot = [b"one", b"two", b"three"], b"-"
    seals = []
    before = bytes(32)
    for line in lines:
        seals.append(seal(seals[-1] if seals else before, line))
    links = [before, *seals[:-1]]
    marks = (knot.join(links), knot.join(seals))
    joined = ledger_blocks.BETWEEN.join(lines)
    assert ledger_blocks.hashed(3, joined, marks, knot) == (before, seals[-1])
    assert ledger_blocks.hashed(2, joined, marks, knot) is None
    assert ledger_blocks.hashed(3, joined.replace(b"two", b"tvo"), marks, knot) is None
    other = (knot.join([before, seals[0], seals[0]]), marks[1])
    assert ledger_blocks.hashed(3, joined, other, knot) is None
