"""F11: clocks that are wrong: the server's by an hour either way, the phone's by ten minutes, shifts across midnight.

The server's clock decides, what the phone says is kept and marked, codes live for their seconds, and hours
are never negative.
"""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.builders import MONDAY, a_shift, an_assignment
from tests.operations.test_attendance import Scene, clock, refused_as
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind, Way
from volunteer.domain.timekeeping import beijing
from volunteer.domain.token import rotating_code
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.operations.attendance import Touch, close_forgotten, stamp_by_code
from volunteer.operations.ledger import settle_shift

HOUR = timedelta(hours=1)


@pytest.fixture
def scene(app: Flask) -> Scene:
    return Scene()


def _tap(scene: Scene, kind: StampKind, at: datetime, *, shown: datetime | None = None) -> None:
    code = rotating_code(scene.city.point.secret, scene.shift.id, kind, shown or at)
    stamp_by_code(scene.person, text=code, touch=scene.touch(), at=at)
    db.session.commit()


def _minutes(scene: Scene, at: datetime) -> ServiceRecord:
    done = settle_shift(scene.actor(scene.city.organizer), shift_id=scene.shift.id, at=at)
    db.session.commit()
    (record,) = done.records
    return record


def test_a_server_an_hour_behind_refuses_instead_of_counting_backwards(scene: Scene) -> None:
    _tap(scene, StampKind.IN, clock("07:28"))
    with pytest.raises(Refused) as no:
        _tap(scene, StampKind.OUT, clock("08:20") - HOUR)
    assert no.value.code == "out_before_in"
    db.session.rollback()
    _tap(scene, StampKind.OUT, clock("08:30"))
    assert _minutes(scene, clock("09:00")).credited_minutes == 60


def test_a_server_an_hour_ahead_closes_at_the_plan_and_never_beyond(scene: Scene) -> None:
    _tap(scene, StampKind.IN, clock("07:28"))
    with pytest.raises(Refused) as no:
        _tap(scene, StampKind.OUT, clock("08:20") + HOUR)
    assert no.value.code == "out_closed"
    db.session.rollback()
    close_forgotten(scene.shift.id, at=clock("08:20") + HOUR)
    assert _minutes(scene, clock("09:30")).credited_minutes == 60


def test_a_clock_that_was_set_back_during_the_stay_gives_no_negative_hours(scene: Scene) -> None:
    _tap(scene, StampKind.IN, clock("08:10") + HOUR - HOUR)
    _tap(scene, StampKind.OUT, clock("08:12"))
    _tap(scene, StampKind.IN, clock("07:50"))  # the clock went back, and in again
    close_forgotten(scene.shift.id, at=clock("10:00"))
    record = _minutes(scene, clock("10:00"))
    assert 0 <= record.credited_minutes <= 60
    assert all(entry.minutes >= 0 for entry in db.session.scalars(select(LedgerEntry)))


def test_out_and_in_again_at_one_instant_is_a_stay_that_is_closed(scene: Scene) -> None:
    _tap(scene, StampKind.IN, clock("07:35"))
    _tap(scene, StampKind.OUT, clock("08:09"))
    _tap(scene, StampKind.IN, clock("08:09"))
    (closed,) = close_forgotten(scene.shift.id, at=clock("10:00"))
    assert (closed.at, closed.way) == (clock("08:30"), Way.AUTO_CLOSE)
    assert close_forgotten(scene.shift.id, at=clock("10:01")) == []
    assert _minutes(scene, clock("10:05")).credited_minutes == 55


def test_in_and_out_at_one_instant_is_no_open_stay(scene: Scene) -> None:
    _tap(scene, StampKind.IN, clock("08:09"))
    _tap(scene, StampKind.OUT, clock("08:09"))
    assert close_forgotten(scene.shift.id, at=clock("10:00")) == []


@pytest.mark.parametrize("off", [-10, 10])
def test_a_phone_that_is_wrong_by_ten_minutes_is_marked_and_decides_nothing(
    scene: Scene, off: int
) -> None:
    at = clock("07:28")
    claimed = at + timedelta(minutes=off)
    code = scene.code(StampKind.IN, "07:28")
    touch = Touch(nonce="a-phone-that-is-wrong", claimed_at=claimed)
    row = stamp_by_code(scene.person, text=code, touch=touch, at=at)
    assert (row.at, row.claimed_at) == (at, claimed)
    assert "clock_differs" in row.signals
    assert row.late_minutes == 0


@pytest.mark.parametrize("seconds", range(-40, 41, 5))
def test_a_code_lives_for_its_step_and_one_to_either_side(scene: Scene, seconds: int) -> None:
    at = clock("07:28") + timedelta(seconds=5)
    shown = at + timedelta(seconds=seconds)
    steps = abs(int(at.timestamp()) // 10 - int(shown.timestamp()) // 10)
    if steps <= 1:
        _tap(scene, StampKind.IN, at, shown=shown)
        assert abs(seconds) < 20
    else:
        with refused_as("old_code"):
            _tap(scene, StampKind.IN, at, shown=shown)


def test_a_shift_across_midnight_belongs_to_its_first_day_and_counts_by_utc(scene: Scene) -> None:
    tuesday = MONDAY + timedelta(days=1)
    begins, ends = beijing(MONDAY, 23 * 60 + 59), beijing(tuesday, 61)
    scene.shift = a_shift(
        scene.activity, scene.city.point, on=MONDAY, starts_at=begins, ends_at=ends, corner="夜"
    )
    an_assignment(scene.shift, scene.city.volunteer)
    db.session.commit()
    _tap(scene, StampKind.IN, beijing(MONDAY, 23 * 60 + 59))
    _tap(scene, StampKind.OUT, beijing(tuesday, 1))
    record = _minutes(scene, beijing(tuesday, 120))
    assert (record.credited_minutes, record.service_on) == (2, MONDAY)
    entry = db.session.scalars(select(LedgerEntry)).one()
    assert (entry.minutes, entry.service_on) == (2, MONDAY)
