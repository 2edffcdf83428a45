"""Whatever is settled, corrected, reviewed or taken away: the ledger's sum is what the records say."""

import itertools
from datetime import timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.builders import a_shift, a_volunteer, an_assignment
from tests.operations.test_attendance import Scene, clock
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind, Way
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.operations.attendance import force_stamp
from volunteer.operations.attendance.stamping import Wanted
from volunteer.operations.ledger import (
    approve_pending,
    correct_record,
    refuse_pending,
    settle_shift,
    void_record,
)
from volunteer.queries.chain import verify_ledger
from volunteer.queries.ledger import newest, total_of

STAY = st.tuples(st.integers(-10, 400), st.integers(1, 420))
DEEDS = st.lists(
    st.tuples(st.sampled_from(["correct", "void", "approve", "refuse"]), st.integers(0, 2), STAY),
    max_size=6,
)
_serials = itertools.count(1)
_scenes: dict[int, Scene] = {}


def _scene(app: Flask) -> Scene:
    if id(app) not in _scenes:
        _scenes.clear()
        _scenes[id(app)] = Scene()
    return _scenes[id(app)]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(stays=st.lists(STAY, min_size=1, max_size=3), deeds=DEEDS)
def test_the_sum_of_entries_is_what_the_newest_records_say(
    app: Flask, stays: list[tuple[int, int]], deeds: list[Any]
) -> None:
    db.session.rollback()
    scene = _scene(app)
    serial = next(_serials)
    person = a_volunteer(scene.city.unit)
    records = [_serve(scene, person, stay, f"{serial}-", n) for n, stay in enumerate(stays)]
    for deed, which, stay in deeds:
        _do(scene, records, deed, which, stay)
    db.session.commit()
    credited = db.session.scalar(
        select(func.coalesce(func.sum(ServiceRecord.credited_minutes), 0)).where(
            ServiceRecord.volunteer_id == person.id, newest()
        )
    )
    entries = db.session.scalars(
        select(LedgerEntry.minutes).where(LedgerEntry.volunteer_id == person.id)
    ).all()
    assert total_of(person.id).minutes == credited == sum(entries)
    assert 0 <= total_of(person.id).minutes <= 24 * 60
    assert total_of(person.id).times >= 0
    assert verify_ledger().is_sound


def _serve(scene: Scene, person: Any, stay: tuple[int, int], corner: str, number: int) -> Any:
    """Six shifts that touch but do not overlap, 00:00 to 24:00 in steps of eight hours."""
    start = ("00:00", "08:00", "16:00")[number]
    end = ("07:00", "15:00", "23:00")[number]
    shift = a_shift(
        scene.activity, scene.city.point, start=start, end=end, corner=f"{corner}{number}"
    )
    an_assignment(shift, person)
    desk = scene.actor(scene.city.organizer)
    came = shift.starts_at + timedelta(minutes=stay[0])
    went = min(came + timedelta(minutes=stay[1]), shift.ends_at + timedelta(minutes=29))
    for kind, said in ((StampKind.IN, came), (StampKind.OUT, went)):
        force_stamp(
            desk,
            shift_id=shift.id,
            volunteer_id=person.id,
            wanted=Wanted(kind, Way.ROLL_CALL, "随机测试", said),
            touch=scene.touch(),
            at=went + timedelta(minutes=6),
        )
    return settle_shift(desk, shift_id=shift.id, at=shift.ends_at + timedelta(hours=1)).records[0]


def _do(scene: Scene, records: list[Any], deed: str, which: int, stay: tuple[int, int]) -> None:
    record = records[which % len(records)]
    city, desk = scene.actor(scene.city.city_admin), scene.actor(scene.city.organizer)
    at = clock("23:59") + timedelta(days=1)
    came = record.first_in_at + timedelta(minutes=stay[0] % 30)
    try:
        if deed == "correct":
            done = correct_record(
                desk,
                record_id=record.id,
                came_at=came,
                went_at=came + timedelta(minutes=stay[1]),
                reason="随机更正",
                at=at,
            )
        elif deed == "void":
            done = void_record(desk, record_id=record.id, reason="随机撤销", at=at)
        elif deed == "approve":
            done = approve_pending(city, record_id=record.id, at=at)
        else:
            done = refuse_pending(city, record_id=record.id, reason="随机不计", at=at)
    except Refused:
        return
    records[which % len(records)] = done.after
