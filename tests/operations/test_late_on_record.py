"""A late stamp on a record that is in doubt or that a person has decided: counted anew, or kept beside it, never dropped."""

import itertools
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.operations.test_attendance import clock
from tests.trust.scenes import Street
from volunteer.domain.terms import DeferredState, Grade, StampKind
from volunteer.domain.token import personal_code, rotating_code
from volunteer.models.attendance import CheckIn, DeferredStamp
from volunteer.models.base import db
from volunteer.models.journal import Message
from volunteer.models.ledger import LedgerEntry
from volunteer.models.people import Volunteer
from volunteer.operations.ledger import approve_pending, correct_record, refuse_pending
from volunteer.operations.offline import accept_deferred, receive
from volunteer.queries.chain import verify_ledger
from volunteer.queries.ledger import total_of

SERIAL = itertools.count(1)


@pytest.fixture
def street(app: Flask) -> Street:
    return Street()


def _item(street: Street, source: str, act: str, when: str, **more: Any) -> dict[str, Any]:
    return {
        "nonce": f"late-nonce-{next(SERIAL):04d}",
        "source": source,
        "act": act,
        "device_at": int(clock(when).timestamp() * 1000),
        "offset": 0,
        "shift": street.shift.id,
        **more,
    }


def _scanned(street: Street, person: Volunteer, act: str, when: str) -> dict[str, Any]:
    """The leader scanned the person's own code."""
    code = personal_code(person.personal_secret, person.id, clock(when))
    return _item(street, "scan", act, when, code=code)


def _own(street: Street, act: str, when: str) -> dict[str, Any]:
    """The person scanned the leader's screen."""
    kind = StampKind.OUT if act == "out" else StampKind.IN
    code = rotating_code(street.city.point.secret, street.shift.id, kind, clock(when))
    return _item(street, "own", act, when, code=code)


def _arrives(
    street: Street, account: Any, item: dict[str, Any], at: str, device_id: int | None = None
) -> DeferredStamp:
    row = receive(street.actor(account), item, device_id=device_id, at=clock(at))
    db.session.commit()
    assert row.state is DeferredState.WAITING, row.problem
    return row


def _accepted(street: Street, row: DeferredStamp, at: str) -> Any:
    accept_deferred(street.desk, deferred_id=row.id, reason="带队证实", at=clock(at))
    db.session.commit()
    assert row.state is DeferredState.ACCEPTED
    assert row.stamp_id is not None
    assert db.session.get(CheckIn, row.stamp_id) is not None
    return street.record_of(db.session.get(Volunteer, row.volunteer_id))  # type: ignore[arg-type]


def _entries(person: Volunteer) -> list[int]:
    rows = select(LedgerEntry.minutes).where(LedgerEntry.volunteer_id == person.id)
    return list(db.session.scalars(rows.order_by(LedgerEntry.seq)))


def _doubted(street: Street, *, came: str = "07:40") -> Any:
    """The second person on a phone: came at ``came``, went at 08:31, everything waits."""
    phone = street.phone(street.city.volunteer_account, b"m" * 32)
    street.stamp(street.city.volunteer_account, clock("07:28"), device_id=phone)
    again = street.phone(street.friend_account, b"m" * 32)
    street.stamp(street.friend_account, clock(came), device_id=again)
    street.stamp(street.friend_account, clock("08:31"), StampKind.OUT, device_id=again)
    street.settled()
    record = street.record_of(street.friend)
    assert (record.credited_minutes, record.pending[0]["why"]) == (0, "unconfirmed")
    return record


def test_the_leaders_late_scan_answers_the_doubt(street: Street) -> None:
    _doubted(street)
    row = _arrives(
        street, street.leader_account, _scanned(street, street.friend, "in", "07:29"), "10:00"
    )
    record = _accepted(street, row, "10:05")
    assert (record.credited_minutes, record.pending_minutes, record.version) == (60, 0, 2)
    assert _entries(street.friend) == [60]


def test_a_late_stamp_from_the_same_phone_leaves_the_doubt(street: Street) -> None:
    _doubted(street)
    phone = street.phone(street.friend_account, b"m" * 32)
    row = _arrives(
        street, street.friend_account, _own(street, "in", "07:29"), "10:00", device_id=phone
    )
    record = _accepted(street, row, "10:05")
    assert (record.credited_minutes, record.pending_minutes, record.version) == (0, 60, 2)
    assert record.pending[0]["doubts"] == ["shared_device"]
    assert [step["minutes"] for step in record.arithmetic][-2:] == [-60, 0]
    assert _entries(street.friend) == []
    approve_pending(street.desk, record_id=record.id, at=clock("11:00"), reason="见到本人")
    assert total_of(street.friend.id).minutes == 60


def test_what_was_confirmed_stays_confirmed_however_many_come_late(street: Street) -> None:
    doubted = _doubted(street)
    approve_pending(street.desk, record_id=doubted.id, at=clock("09:30"), reason="见到本人")
    db.session.commit()
    assert _entries(street.friend) == [50]
    phone = street.phone(street.friend_account, b"m" * 32)
    for when, minutes in (("07:35", 55), ("07:29", 60)):
        row = _arrives(
            street, street.friend_account, _own(street, "in", when), "10:00", device_id=phone
        )
        record = _accepted(street, row, "10:05")
        assert (record.credited_minutes, record.pending_minutes) == (minutes, 0)
        assert sum(step["minutes"] for step in record.arithmetic[:-1]) == minutes
    assert _entries(street.friend) == [50, -50, 55, -55, 60]
    assert verify_ledger().is_sound


def _corrected(street: Street, record: Any) -> Any:
    return correct_record(
        street.desk,
        record_id=record.id,
        came_at=clock("07:50"),
        went_at=clock("08:20"),
        reason="监控显示的时间",
        at=clock("09:40"),
    ).after


def _refused(street: Street, record: Any) -> Any:
    return refuse_pending(
        street.desk, record_id=record.id, reason="本人不在场", at=clock("09:40")
    ).after


@pytest.mark.parametrize("decided", [_corrected, _refused])
def test_what_a_person_decided_stands_and_the_stamp_is_kept_beside_it(
    street: Street, decided: Any
) -> None:
    after = decided(street, _doubted(street))
    db.session.commit()
    before = _entries(street.friend)
    row = _arrives(
        street, street.leader_account, _scanned(street, street.friend, "in", "07:29"), "10:00"
    )
    record = _accepted(street, row, "10:05")
    assert record.id == after.id
    assert _entries(street.friend) == before
    told = db.session.scalars(
        select(Message).where(Message.dedupe == f"deferred_decided:{row.id}")
    ).one()
    assert "保持不变" in told.body


def test_a_late_check_in_alone_ends_as_planned(street: Street) -> None:
    """Nobody stays open after settling: the stay is closed as a forgotten one, and the record says so."""
    street.settled()
    row = _arrives(
        street, street.leader_account, _scanned(street, street.friend, "in", "07:40"), "10:00"
    )
    record = _accepted(street, row, "10:05")
    assert (record.credited_minutes, record.grade) == (50, Grade.D)
    assert (record.first_in_at, record.last_out_at) == (clock("07:40"), clock("08:30"))
    assert record.is_auto_closed
    out = _arrives(
        street, street.leader_account, _scanned(street, street.friend, "out", "08:25"), "10:10"
    )
    record = _accepted(street, out, "10:15")
    assert (record.credited_minutes, record.last_out_at) == (45, clock("08:25"))
    assert not record.is_auto_closed
    assert _entries(street.friend) == [50, -50, 45]


def test_who_was_taken_for_absent_and_shared_a_phone_waits_for_a_word(street: Street) -> None:
    phone = street.phone(street.city.volunteer_account, b"m" * 32)
    street.stamp(street.city.volunteer_account, clock("07:28"), device_id=phone)
    street.settled()
    again = street.phone(street.friend_account, b"m" * 32)
    record = None
    for act, when in (("in", "07:29"), ("out", "08:31")):
        item = _own(street, act, when)
        row = _arrives(street, street.friend_account, item, "10:00", device_id=again)
        record = _accepted(street, row, "10:05")
    assert record is not None
    assert record.grade is Grade.C
    assert (record.credited_minutes, record.pending_minutes) == (0, 60)
    assert isinstance(record.settled_at, datetime)
