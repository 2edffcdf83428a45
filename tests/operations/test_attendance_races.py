"""Many hands at once: one record, whoever comes first; and without the guard there would be many."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import MONDAY, a_city, a_shift, an_assignment
from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind
from volunteer.domain.timekeeping import beijing, minutes_of
from volunteer.domain.token import rotating_code
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db, unit_of_work
from volunteer.operations.attendance import Touch, stamp_by_code, stamping
from volunteer.queries.accounts import actor_of

AT = beijing(MONDAY, minutes_of("07:28"))


class Race:
    """Threads that start together; each has a transaction of its own."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        city = a_city()
        self.shift = a_shift(point=city.point)
        an_assignment(self.shift, city.volunteer)
        db.session.commit()
        self.actor: Actor = actor_of(city.volunteer_account, at=AT)
        self.text = rotating_code(city.point.secret, self.shift.id, StampKind.IN, AT)
        self.outcomes: list[str] = []
        self._lock = threading.Lock()
        db.session.remove()

    def stamp(self, nonce: str) -> str:
        with unit_of_work():
            stamp = stamp_by_code(self.actor, text=self.text, touch=Touch(nonce=nonce), at=AT)
        return f"stamp {stamp.id}"

    def run(self, count: int, work: Callable[[int], str]) -> None:
        barrier = threading.Barrier(count)

        def one(number: int) -> None:
            with self.app.app_context():
                barrier.wait(30)
                try:
                    outcome = work(number)
                except Refused as no:
                    outcome = f"{no.code} {no.sentence}"
                except Exception as error:  # noqa: BLE001 - a thread must report, not vanish
                    outcome = f"crash {type(error).__name__}: {error}"
                finally:
                    db.session.remove()
            with self._lock:
                self.outcomes.append(outcome)

        threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)

    def rows(self) -> int:
        return db.session.scalar(select(func.count()).select_from(CheckIn)) or 0


@pytest.fixture
def race(app: Flask) -> Race:
    return Race(app)


def test_a_hundred_taps_of_one_person_are_one_record(race: Race) -> None:
    race.run(100, lambda n: race.stamp(f"another-nonce-{n}"))
    assert race.rows() == 1
    told = sorted(set(race.outcomes))
    assert len(race.outcomes) == 100
    assert sum(outcome.startswith("stamp") for outcome in race.outcomes) == 1
    assert [one for one in told if not one.startswith("stamp")] == [
        "already_in 您已于 07:28 签到。"
    ]


def test_a_hundred_copies_of_one_tap_get_one_answer(race: Race) -> None:
    race.run(100, lambda n: race.stamp("the-very-same-nonce"))
    assert race.rows() == 1
    assert len(set(race.outcomes)) == 1


class _Stale:
    """Sees the seat before the others write, as a check without a guard would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
        self.barrier = threading.Barrier(count)
        self.seen = threading.local()
        self.real = stamping.seat_at
        monkeypatch.setattr(stamping, "seat_at", self)
        monkeypatch.setattr(stamping, "hold_seat", lambda *_: None)

    def look(self, shift_id: int, volunteer_id: int) -> None:
        self.seen.seat = self.real(shift_id, volunteer_id, at=AT)
        db.session.rollback()
        self.barrier.wait(30)

    def __call__(self, *args: Any, **given: Any) -> Any:
        seat = self.seen.__dict__.pop("seat", None)
        return seat if seat is not None else self.real(*args, **given)


def _stale_race(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = _Stale(monkeypatch, 12)

    def work(number: int) -> str:
        stale.look(race.shift.id, race.actor.volunteer_id or 0)
        return race.stamp(f"another-nonce-{number}")

    race.run(12, work)


def test_whoever_saw_the_seat_too_early_is_stopped_by_the_database(
    race: Race, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stale_race(race, monkeypatch)
    assert race.rows() == 1
    refused = [one for one in race.outcomes if not one.startswith("stamp")]
    assert refused == ["already_in 您已于 07:28 签到。"] * 11


def test_without_the_guard_there_would_be_many(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    _drop_guard()
    _stale_race(race, monkeypatch)
    assert race.rows() == 12


def _drop_guard() -> None:
    """Take the unique (assignment, kind, round) away, as if nobody had thought of it."""
    name = "uq_check_in_assignment_id_kind_round"
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"ALTER TABLE check_in DROP CONSTRAINT {name}")
        else:
            made = connection.exec_driver_sql(
                "SELECT sql FROM sqlite_master WHERE name = 'check_in'"
            ).scalar_one()
            lines = [line for line in made.splitlines() if name not in line]
            assert len(lines) == len(made.splitlines()) - 1
            connection.exec_driver_sql("ALTER TABLE check_in RENAME TO check_in_guarded")
            connection.exec_driver_sql("\n".join(lines))
            connection.exec_driver_sql("DROP TABLE check_in_guarded")
        connection.commit()
