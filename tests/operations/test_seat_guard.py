"""Two hundred people reach for twenty seats at once: twenty get one; without the guard more do."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import NOW, a_shift, a_unit, a_volunteer, an_activity
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState
from volunteer.models.base import db, unit_of_work
from volunteer.models.rosters import Assignment
from volunteer.operations.rosters import guard
from volunteer.operations.rosters.seating import Seating, take_seat

SEATS, PEOPLE, THREADS = 20, 200, 12


def race(app: Flask) -> tuple[int, int]:
    unit = a_unit()
    shift = a_shift(an_activity(unit), min_heads=5, target_heads=10, max_heads=SEATS)
    crowd = [a_volunteer(unit).id for _ in range(PEOPLE)]
    shift_id = shift.id
    db.session.commit()
    start = threading.Barrier(THREADS)
    codes: set[str] = set()
    how = Seating(AssignmentState.ACCEPTED, "sign_up")

    def reach(part: list[int]) -> int:
        start.wait(30)
        won = 0
        for volunteer_id in part:
            with app.app_context():
                try:
                    with unit_of_work():
                        take_seat(shift_id, volunteer_id, how, at=NOW)
                    won += 1
                except Refused as no:
                    codes.add(no.code)
                finally:
                    db.session.remove()
        return won

    parts = [crowd[i::THREADS] for i in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        won = sum(pool.map(reach, parts))
    assert codes <= {"full"}
    db.session.rollback()
    seated = db.session.scalar(
        select(func.count()).select_from(Assignment).where(Assignment.shift_id == shift_id)
    )
    return won, seated or 0


def test_two_hundred_people_race_for_twenty_seats(app: Flask) -> None:
    assert race(app) == (SEATS, SEATS)


def test_without_the_guard_more_would_sit(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "require_seat", lambda shift_id: None)
    won, seated = race(app)
    assert won == seated > SEATS
