import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain import ledger
from volunteer.domain.ledger import FIELDS, GENESIS, Entry, balances, canonical, reversal_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import EntryKind, Grade, Nature, Source

AT = datetime(2026, 3, 2, 0, 40, 0, 125, tzinfo=UTC)
ENTRY = Entry(
    kind=EntryKind.CREDIT, record_id=11, reverses_id=None, volunteer_id=22, unit_id=3,
    district_id=4, kind_id=5, nature=Nature.VOLUNTEER, service_on=date(2026, 3, 2), minutes=60,
    source=Source.QR, grade=Grade.A, posted_at=AT, posted_by_id=None, reason="",
)  # fmt: skip
CHANGES = {
    "record_id": 12, "volunteer_id": 23, "unit_id": 4, "district_id": 5, "kind_id": 6,
    "nature": Nature.DUTY, "service_on": date(2026, 3, 3), "minutes": 61,
    "source": Source.IMPORT, "grade": Grade.B, "posted_at": datetime(2026, 3, 2, 1, tzinfo=UTC),
    "posted_by_id": 1, "reason": "更正",
}  # fmt: skip


def test_the_sealed_bytes_are_fixed_for_ever():
    assert canonical(ENTRY).decode().split("\x1f") == [
        "credit", "11", "", "22", "3", "4", "5", "volunteer", "2026-03-02", "60", "qr", "A",
        "2026-03-02T00:40:00.000125Z", "", "",
    ]  # fmt: skip
    assert ledger.seal(GENESIS, canonical(ENTRY)).hex() == hashlib.sha256(
        hashlib.sha256(b"volunteer-ledger/1").digest() + canonical(ENTRY)
    ).hexdigest()  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(FIELDS) - {"kind", "reverses_id"}))
def test_every_field_is_sealed(name):
    assert canonical(replace(ENTRY, **{name: CHANGES[name]})) != canonical(ENTRY)


def test_the_kind_and_what_it_reverses_are_sealed():
    back = reversal_of(ENTRY, 1, at=AT, by=9, reason="误记")
    assert canonical(back) != canonical(replace(back, reverses_id=2))
    assert canonical(back).startswith(b"reversal")


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_reasons_never_give_the_same_bytes(one, other):
    try:
        same = canonical(replace(ENTRY, reason=one)) == canonical(replace(ENTRY, reason=other))
    except UnicodeEncodeError:
        return
    assert same is (one == other)


def test_the_same_instant_in_another_zone_gives_the_same_bytes():
    beijing = AT.astimezone(ledger.UTC)
    assert canonical(replace(ENTRY, posted_at=beijing)) == canonical(ENTRY)


def test_a_reversal_takes_back_all():
    back = reversal_of(ENTRY, 77, at=AT, by=9, reason=" 误记 ")
    assert (back.kind, back.minutes, back.reverses_id) == (EntryKind.REVERSAL, -60, 77)
    assert (back.posted_by_id, back.reason, back.grade) == (9, "误记", Grade.A)
    assert balances([(e.volunteer_id, e.minutes) for e in (ENTRY, back)]) == {22: 0}


def test_what_cannot_be_reversed():
    back = reversal_of(ENTRY, 77, at=AT, by=9, reason="误记")
    with pytest.raises(Refused) as no:
        reversal_of(back, 78, at=AT, by=9, reason="又错了")
    assert no.value.code == "is_reversal"
    with pytest.raises(Refused) as no:
        reversal_of(ENTRY, 78, at=AT, by=9, reason=" ")
    assert (no.value.code, no.value.field) == ("reason_missing", "reason")


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": -1},
        {"reverses_id": 5},
        {"kind": EntryKind.REVERSAL},
        {"kind": EntryKind.REVERSAL, "reverses_id": 5, "minutes": 1},
        {"posted_at": datetime(2026, 3, 2)},  # noqa: DTZ001
    ],
)
def test_an_entry_that_cannot_be_is_not_made(change):
    with pytest.raises(ValueError, match=r"."):
        replace(ENTRY, **change)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(-500, 500)), max_size=30))
def test_balances_are_sums(lines):
    totals = balances(lines)
    assert sum(totals.values()) == sum(minutes for _, minutes in lines)
    assert set(totals) == {owner for owner, _ in lines}
