from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import a_shift, a_volunteer, an_account, an_assignment
from tests.operations.test_attendance import Scene, clock, refused_as
from volunteer.domain.terms import AssignmentState, CancelCause, ShiftState
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.operations.sign_up import accept, decline, expire_unanswered, withdraw


@pytest.fixture
def scene(app: Any) -> Scene:
    scene = Scene()
    scene.seat.state = AssignmentState.PROPOSED
    db.session.commit()
    return scene


def test_yes_is_kept_with_its_time(scene: Scene) -> None:
    seat = accept(scene.person, shift_id=scene.shift.id, at=clock("06:00"))
    assert (seat.state, seat.answered_at) == (AssignmentState.ACCEPTED, clock("06:00"))
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.act == "seat_accepted")).one()
    with refused_as("already_so"):
        accept(scene.person, shift_id=scene.shift.id, at=clock("06:01"))


def test_no_needs_no_reason_and_the_desk_hears_it_at_once(scene: Scene) -> None:
    seat = decline(scene.person, shift_id=scene.shift.id, reason="", at=clock("06:00"))
    assert seat.state is AssignmentState.DECLINED
    told = db.session.scalars(select(Message).where(Message.topic == "seat_open")).all()
    assert {m.account_id for m in told} == {scene.city.organizer.id, scene.leader_account.id}
    with refused_as("already_so"):
        decline(scene.person, shift_id=scene.shift.id, reason="", at=clock("06:01"))


def test_i_cannot_come_up_to_the_start(scene: Scene) -> None:
    with refused_as("wrong_state"):
        decline_after_yes(scene)
    seat = withdraw(scene.person, shift_id=scene.shift.id, reason="孩子生病", at=clock("07:29"))
    assert (seat.state, seat.cancel_cause) == (AssignmentState.CANCELLED, CancelCause.BY_PERSON)
    message = db.session.scalars(
        select(Message).where(Message.account_id == scene.city.organizer.id)
    ).one()
    assert "孩子生病" in message.body


def decline_after_yes(scene: Scene) -> None:
    accept(scene.person, shift_id=scene.shift.id, at=clock("06:00"))
    decline(scene.person, shift_id=scene.shift.id, reason="", at=clock("06:10"))


def test_after_the_start_one_calls_the_leader(scene: Scene) -> None:
    accept(scene.person, shift_id=scene.shift.id, at=clock("06:00"))
    with refused_as("already_started"):
        withdraw(scene.person, shift_id=scene.shift.id, reason="", at=clock("07:30"))


def test_who_is_there_does_not_withdraw(scene: Scene) -> None:
    scene.scan("07:25")
    with refused_as("already_came"):
        withdraw(scene.person, shift_id=scene.shift.id, reason="", at=clock("07:26"))
    scene.seat.state = AssignmentState.PROPOSED
    db.session.flush()
    with refused_as("already_came"):
        decline(scene.person, shift_id=scene.shift.id, reason="", at=clock("07:26"))


def test_a_no_becomes_a_yes_while_there_is_room(scene: Scene) -> None:
    decline(scene.person, shift_id=scene.shift.id, reason="", at=clock("06:00"))
    assert accept(scene.person, shift_id=scene.shift.id, at=clock("06:05")).state == "accepted"
    scene.seat.state = AssignmentState.DECLINED
    scene.shift.max_heads = 3
    for _ in range(3):
        an_assignment(scene.shift, a_volunteer(scene.city.unit))
    with refused_as("shift_full"):
        accept(scene.person, shift_id=scene.shift.id, at=clock("06:10"))


def test_one_person_is_not_in_two_places(scene: Scene) -> None:
    other = a_shift(scene.activity, scene.city.point, start="08:00", end="09:00", corner="北")
    an_assignment(other, scene.city.volunteer)
    with refused_as("overlaps"):
        accept(scene.person, shift_id=scene.shift.id, at=clock("06:00"))


def test_what_is_over_called_off_or_anothers_is_not_answered(scene: Scene) -> None:
    with refused_as("shift_closed"):
        accept(scene.person, shift_id=scene.shift.id, at=clock("08:30"))
    stranger = scene.actor(scene.city.other_volunteer_account)
    for verb in (decline, withdraw):
        with refused_as("not_found"):
            verb(stranger, shift_id=scene.shift.id, reason="", at=clock("06:00"))
    with refused_as("not_found"):
        accept(stranger, shift_id=scene.shift.id, at=clock("06:00"))
    with refused_as("not_allowed"):
        accept(scene.actor(scene.city.organizer), shift_id=scene.shift.id, at=clock("06:00"))
    scene.shift.state = ShiftState.CANCELLED
    db.session.flush()
    with refused_as("shift_closed"):
        accept(scene.person, shift_id=scene.shift.id, at=clock("06:00"))


def test_a_proposal_nobody_answered_lapses_when_the_door_has_closed(scene: Scene) -> None:
    assert expire_unanswered(at=clock("08:29")) == 0
    assert expire_unanswered(at=clock("08:30")) == 1
    db.session.refresh(scene.seat)
    assert scene.seat.state is AssignmentState.EXPIRED
    assert expire_unanswered(at=clock("08:31")) == 0


def test_two_accounts_of_the_desk_are_told_once_each(scene: Scene) -> None:
    an_account(volunteer=a_volunteer(scene.city.unit))
    decline(scene.person, shift_id=scene.shift.id, reason="", at=clock("06:00"))
    keys = db.session.scalars(select(Message.dedupe)).all()
    assert len(keys) == len(set(keys)) == 2
