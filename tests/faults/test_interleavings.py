"""F4: check-in and check-out of one person in every order, twice, and at once: one session, sane hours.

500 seeds. Each draws a sequence of ins and outs by the person, the leader and the forgotten-closing job at
instants that go forwards and at times stand still; then the shift is settled.
"""

from datetime import timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from tests.builders import a_shift, a_volunteer, an_account, an_assignment
from tests.operations.test_attendance import Scene, clock
from volunteer.domain.attendance import intervals_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db, unit_of_work
from volunteer.models.ledger import ServiceRecord
from volunteer.operations.attendance import Touch, call_roll, close_forgotten, stamp_by_code
from volunteer.operations.ledger import settle_shift
from volunteer.queries.accounts import actor_of
from volunteer.queries.attendance import stamp_of
from volunteer.queries.verification import verify_all

SEEDS = 500
ACTS = 8
TOGETHER = 25
"""People of one shift; each is a seed of its own."""


def _one(scene: Scene, person: int, account: object, seed: int) -> list[str]:
    chance, said = Random(seed), []
    at = clock("07:00") + timedelta(minutes=chance.randint(0, 40))
    for number in range(ACTS):
        at += timedelta(minutes=chance.choice((0, 0, 1, 7, 20, 45)))
        kind = chance.choice((StampKind.IN, StampKind.OUT))
        touch = Touch(nonce=f"seed-{seed}-{number // chance.choice((1, 2))}")
        try:
            with unit_of_work():
                if chance.random() < 0.7:
                    actor = actor_of(account, at=at)  # type: ignore[arg-type]
                    text = scene.code(kind, f"{at + timedelta(hours=8):%H:%M}")
                    stamp_by_code(actor, text=text, touch=touch, at=at)
                else:
                    call_roll(
                        scene.lead,
                        shift_id=scene.shift.id,
                        volunteer_ids=[person],
                        kind=kind,
                        touch=touch,
                        at=at,
                    )
            said.append("done")
        except Refused as no:
            said.append(no.code)
    return said


@pytest.mark.faults
def test_five_hundred_orders_of_in_and_out(app: Flask) -> None:
    seen: set[str] = set()
    scene = Scene()
    for start in range(0, SEEDS, TOGETHER):
        scene.shift = a_shift(
            scene.activity,
            scene.city.point,
            corner=f"第 {start} 组",
            leader_id=scene.leader.id,
            max_heads=TOGETHER + 2,
        )
        people = [a_volunteer(scene.city.unit) for _ in range(TOGETHER)]
        accounts = [an_account(volunteer=person) for person in people]
        for person in people:
            an_assignment(scene.shift, person)
        db.session.commit()
        for number, (person, account) in enumerate(zip(people, accounts, strict=True)):
            seen |= set(_one(scene, person.id, account, start + number))
        with unit_of_work():
            close_forgotten(scene.shift.id, at=clock("10:00"))
        with unit_of_work():
            desk = scene.actor(scene.city.organizer)
            settle_shift(desk, shift_id=scene.shift.id, at=clock("11:00"))
        _assert_sane(scene, [person.id for person in people])
    assert {"done", "already_in", "already_out", "not_in", "too_early", "too_late"} <= seen
    assert verify_all().is_sound


def _assert_sane(scene: Scene, people: list[int]) -> None:
    records = {
        row.volunteer_id: row
        for row in db.session.scalars(
            select(ServiceRecord).where(ServiceRecord.shift_id == scene.shift.id)
        )
    }
    for person in people:
        rows = db.session.scalars(select(CheckIn).where(CheckIn.volunteer_id == person)).all()
        stays = intervals_of(stamp_of(row) for row in rows)
        assert all(stay.went is not None and stay.went.at >= stay.came.at for stay in stays)
        assert (person in records) == bool(rows)
        if rows:
            record = records[person]
            assert 0 <= record.credited_minutes <= 60, "never below zero, never above the plan"
            assert record.credited_minutes + record.pending_minutes <= record.attended_minutes
