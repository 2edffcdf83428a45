"""F10: the k-th statement of an act fails, for every k until it succeeds: all of the act is there, or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text

from tests.builders import MONDAY, NOW, a_city, a_shift, a_volunteer, an_assignment
from tests.operations.test_attendance import Scene, clock
from tests.operations.test_people_rolls import AI, ZHANG, a_roll
from tests.operations.test_rosters import BEFORE, World
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind, Way
from volunteer.models.base import Base, db, unit_of_work
from volunteer.operations.attendance import call_roll, force_stamp, stamp_by_code
from volunteer.operations.attendance.stamping import Wanted
from volunteer.operations.ledger import approve_pending, correct_record, settle_shift
from volunteer.operations.people.merge import merge_volunteers
from volunteer.operations.people.rolls import confirm_roll, take_roll
from volunteer.operations.rosters import publish_roster
from volunteer.queries.accounts import actor_of

pytestmark = [pytest.mark.faults]

Act = Callable[[], object]
MOST = 400


class Gone(Exception):
    """The database went away."""


class Failing:
    """Lets the statement of a number fail, and the commit as the last one."""

    def __init__(self) -> None:
        self.left = -1

    def strike(self, *_: Any) -> None:
        if self.left == 0:
            self.left = -1
            raise Gone
        self.left -= self.left > 0


@contextmanager
def failing() -> Iterator[Failing]:
    """Statements and commits of the database in use can be made to fail."""
    fault = Failing()
    for name in ("before_cursor_execute", "commit"):
        event.listen(db.engine, name, fault.strike)
    try:
        yield fault
    finally:
        for name in ("before_cursor_execute", "commit"):
            event.remove(db.engine, name, fault.strike)


def picture() -> dict[str, str]:
    """A digest of each table."""
    db.session.remove()
    found = {}
    with db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            keys = ", ".join(column.name for column in table.primary_key)
            rows = connection.execute(text(f"SELECT * FROM {table.name} ORDER BY {keys}")).all()
            found[table.name] = sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()
    return found


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return [name for name in one if one[name] != other[name]]


def struck_at_each(act: Act) -> tuple[int, list[str]]:
    """Let the act fail at each statement; returns how many there are and the tables that were left half done."""
    before, left = picture(), []
    with failing() as fault:
        for k in range(MOST):
            fault.left = k
            try:
                with unit_of_work():
                    act()
            except Gone:
                fault.left = -1
                left += [f"{name} after statement {k}" for name in differing(before, picture())]
                continue
            assert fault.left > -1, "the fault was swallowed: the act says yes and lost a statement"
            fault.left = -1
            assert differing(before, picture()), "the act did nothing"
            return k, left
    raise AssertionError("the act never ends")


def _check_in(app: Flask) -> Act:
    scene = Scene()
    touch, code = scene.touch(), scene.code(StampKind.IN, "07:28")
    return lambda: stamp_by_code(scene.person, text=code, touch=touch, at=clock("07:28"))


def _check_out(app: Flask) -> Act:
    scene = Scene()
    scene.scan("07:28")
    db.session.commit()
    touch, code = scene.touch(), scene.code(StampKind.OUT, "08:30")
    return lambda: stamp_by_code(scene.person, text=code, touch=touch, at=clock("08:30"))


def _roll_call(app: Flask) -> Act:
    scene = Scene()
    others = [a_volunteer(scene.city.unit) for _ in range(2)]
    for person in others:
        an_assignment(scene.shift, person)
    db.session.commit()
    people, touch = [person.id for person in others], scene.touch()
    return lambda: call_roll(
        scene.lead,
        shift_id=scene.shift.id,
        volunteer_ids=people,
        kind=StampKind.IN,
        touch=touch,
        at=clock("07:31"),
    )


def _served(scene: Scene, *, until: str = "08:50") -> None:
    scene.scan("07:28")
    scene.scan(until, StampKind.OUT)
    other = a_volunteer(scene.city.unit)
    an_assignment(scene.shift, other)
    db.session.commit()
    force_stamp(
        scene.lead,
        shift_id=scene.shift.id,
        volunteer_id=other.id,
        wanted=Wanted(StampKind.IN, Way.ROLL_CALL, "没带手机", clock("07:40")),
        touch=scene.touch(),
        at=clock("08:20"),
    )
    db.session.commit()


def _settle(app: Flask) -> Act:
    scene = Scene()
    _served(scene)
    desk = scene.actor(scene.city.organizer)
    return lambda: settle_shift(desk, shift_id=scene.shift.id, at=clock("10:00"))


def _settled(scene: Scene) -> Any:
    _served(scene)
    desk = scene.actor(scene.city.organizer)
    done = settle_shift(desk, shift_id=scene.shift.id, at=clock("10:00"))
    db.session.commit()
    return next(r for r in done.records if r.volunteer_id == scene.city.volunteer.id)


def _approve(app: Flask) -> Act:
    scene = Scene()
    record = _settled(scene)
    assert record.pending_minutes
    desk = scene.actor(scene.city.organizer)
    return lambda: approve_pending(desk, record_id=record.id, at=clock("11:00"))


def _correct(app: Flask) -> Act:
    scene = Scene()
    record = _settled(scene)
    desk = scene.actor(scene.city.organizer)
    return lambda: correct_record(
        desk,
        record_id=record.id,
        came_at=clock("07:45"),
        went_at=clock("08:30"),
        reason="核对照片",
        at=clock("11:00"),
    )


def _import(app: Flask) -> Act:
    city = a_city()
    desk = actor_of(city.organizer, at=NOW)
    kept = take_roll(desk, a_roll(ZHANG, AI), file_name="花名册.xlsx", unit_id=city.unit.id, at=NOW)
    db.session.commit()
    return lambda: confirm_roll(desk, kept.id, at=NOW)


def _merge(app: Flask) -> Act:
    city = a_city()
    twin = a_volunteer(city.unit, "王芳")
    shift = a_shift(point=city.point, on=MONDAY + timedelta(days=2))
    an_assignment(shift, twin)
    db.session.commit()
    desk = actor_of(city.organizer, at=NOW)
    return lambda: merge_volunteers(desk, city.volunteer.id, twin.id, reason="同一手机", at=NOW)


def _publish(app: Flask) -> Act:
    world = World(a_city())
    draft = world.draft()
    for shift in (world.early, world.tuesday):
        for who in world.people[:2]:
            world.place(draft, shift, who)
    db.session.commit()
    number, version = draft.id, draft.version
    return lambda: publish_roster(world.actor, number, version=version, at=BEFORE)


ACTS = [
    _check_in,
    _check_out,
    _roll_call,
    _settle,
    _approve,
    _correct,
    _import,
    _merge,
    _publish,
]


@pytest.mark.parametrize("prepare", ACTS, ids=lambda act: act.__name__.strip("_"))
def test_all_or_nothing_at_every_statement(
    app: Flask, prepare: Callable[[Flask], Act], figure: Callable[[str], None]
) -> None:
    count, left = struck_at_each(prepare(app))
    figure(f"{count} statements, each failed once")
    assert left == []
    assert count > 5


def test_an_act_that_commits_in_between_is_found_out(app: Flask) -> None:
    """The harness can fail: the same settling with a commit of its own in the middle leaves halves behind."""
    act = _settle(app)

    def careless() -> None:
        act()
        db.session.commit()
        db.session.execute(text("SELECT 1"))  # the statement that fails when all is written

    before, left = picture(), []
    with failing() as fault:
        for k in range(MOST):
            fault.left = k
            try:
                with unit_of_work():
                    careless()
                break
            except Gone:
                fault.left = -1
                left += differing(before, picture())
            except Refused:  # it is done already, and said so only the second time
                break
    assert "ledger_entry" in left
