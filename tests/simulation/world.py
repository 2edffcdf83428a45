"""The small city of the simulation: one database in memory, set back to the same morning for each seed."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event

from tests.builders import (
    MONDAY,
    a_city,
    a_point,
    a_shift,
    a_volunteer,
    an_account,
    an_activity,
    an_assignment,
    available,
)
from tests.conftest import KEY
from volunteer import cli
from volunteer.app import create_app
from volunteer.config import Settings
from volunteer.domain.terms import AssignmentState, Nature, Role
from volunteer.domain.timekeeping import beijing
from volunteer.models.base import db

BEGIN = beijing(MONDAY, 6 * 60)
"""Monday, six in the morning."""


class Cut(Exception):
    """The fault that is injected: the database went away in the middle of an act."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is there and what stands at the beginning, by their numbers."""

    organizers: tuple[int, ...]
    volunteers: tuple[int, ...]
    strangers: tuple[int, ...]
    accounts: dict[int, int]
    units: tuple[int, ...]
    shifts: tuple[int, ...]
    offices: tuple[int, ...]


@dataclass
class World:
    """The city and its morning; ``fail_at`` counts the statements down to an injected fault."""

    app: Flask
    cast: Cast
    morning: sqlite3.Connection
    fail_at: int | None = None
    statements: int = field(default=0)

    def dawn(self) -> None:
        """Set everything back to the morning."""
        db.session.remove()
        self.fail_at = None
        self.morning.backup(self.raw())

    def raw(self) -> sqlite3.Connection:
        """The one connection to the city's memory."""
        pooled = db.engine.raw_connection()
        try:
            inner: Any = pooled.driver_connection
            assert isinstance(inner, sqlite3.Connection)
            return inner
        finally:
            pooled.close()

    def image(self) -> bytes:
        """Every byte of the database."""
        return self.raw().serialize()

    def count(self, *_: Any) -> None:
        """Let the fault strike when its statement comes."""
        self.statements += 1
        if self.fail_at is not None:
            self.fail_at -= 1
            if self.fail_at < 0:
                self.fail_at = None
                raise Cut


@contextmanager
def a_world() -> Iterator[World]:
    """Build the city once; every seed begins with the same morning."""
    with tempfile.TemporaryDirectory(prefix="simulation-") as folder:
        app = create_app(
            Settings(
                environment="test",
                instance_dir=Path(folder),
                database_url="sqlite://",
                base_url="http://localhost",
                secret_key="a secret of tests only, long enough",
                field_keys=[KEY],
                index_key=KEY,
                signing_key=KEY,
                worker_in_process=False,
            )
        )
        with app.app_context():
            cli.upgrade_schema()
            cast = _cast()
            morning = sqlite3.connect(":memory:")
            world = World(app, cast, morning)
            world.raw().backup(morning)
            event.listen(db.engine, "before_cursor_execute", world.count)
            event.listen(db.engine, "commit", world.count)
            try:
                yield world
            finally:
                db.session.remove()
                db.engine.dispose()
                morning.close()


def _cast() -> Cast:
    city = a_city()
    ours = [a_volunteer(city.unit, f"志愿者{n}", max_shifts_per_day=3) for n in range(6)]
    theirs = [a_volunteer(city.other_unit, f"友邻{n}") for n in range(2)]
    people = [city.volunteer, *ours, city.other_volunteer, *theirs]
    for person in people:
        available(person)
    own = [an_account(volunteer=person) for person in [*ours[:5], *theirs]]
    double = an_account(Role.ORGANIZER, unit=city.unit, volunteer=ours[5])  # serves and organizes
    accounts = {account.volunteer_id: account.id for account in own}
    accounts[ours[5].id] = double.id
    accounts[city.volunteer.id] = city.volunteer_account.id
    accounts[city.other_volunteer.id] = city.other_volunteer_account.id
    shifts = _shifts(city, ours)
    yes, asked = AssignmentState.ACCEPTED, AssignmentState.PROPOSED
    seated = [
        (0, 0, yes),
        (0, 1, asked),
        (1, 0, asked),  # at the same time as the first
        (1, 2, yes),
        (1, 1, asked),
        (2, 4, yes),
        (2, 0, asked),
        (3, 5, asked),
        (3, 6, yes),
        (4, 1, asked),
        (5, 2, yes),
        (6, 3, asked),
    ]
    for place, who, state in seated:
        an_assignment(shifts[place], [city.volunteer, *ours][who], state)
    db.session.commit()
    return Cast(
        organizers=(city.organizer.id, double.id),
        volunteers=tuple(person.id for person in [city.volunteer, *ours]),
        strangers=tuple(person.id for person in [city.other_volunteer, *theirs]),
        accounts={int(k): v for k, v in accounts.items() if k is not None},
        units=(city.unit.id, city.other_unit.id),
        shifts=tuple(shift.id for shift in shifts),
        offices=(city.district_admin.id, city.city_admin.id, city.other_organizer.id),
    )


def _shifts(city: Any, ours: list[Any]) -> list[Any]:
    """Shifts of two days that overlap, touch, cross midnight, are long, and are few-seated."""
    traffic = an_activity(city.unit)
    duty = an_activity(city.unit, nature=Nature.DUTY, title="值班")
    point, other = city.point, a_point(city.district)
    tuesday = MONDAY + timedelta(days=1)
    plan = [
        (traffic, point, MONDAY, "07:30", "08:30", 2),
        (traffic, other, MONDAY, "08:00", "09:30", 4),
        (traffic, point, MONDAY, "08:30", "10:00", 3),
        (duty, other, MONDAY, "09:00", "20:00", 2),
        (traffic, point, MONDAY, "13:00", "18:30", 1),
        (traffic, other, tuesday, "07:30", "08:30", 2),
    ]
    rows = [
        a_shift(
            activity,
            place,
            on=day,
            start=start,
            end=end,
            min_heads=0,
            target_heads=most,
            max_heads=most,
            leader_id=ours[number % 3].id,
        )
        for number, (activity, place, day, start, end, most) in enumerate(plan)
    ]
    night = a_shift(
        traffic,
        point,
        on=MONDAY,
        starts_at=beijing(MONDAY, 23 * 60),
        ends_at=beijing(tuesday, 60),
        min_heads=0,
        target_heads=2,
        max_heads=2,
    )
    return [*rows, night]


def moment(at: datetime) -> str:
    """An instant as the log shows it."""
    return f"{at + timedelta(hours=8):%a %H:%M}"
