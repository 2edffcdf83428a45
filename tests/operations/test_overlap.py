"""No minute counts twice: whoever was entered for two shifts at the same time earns it once, with a line that says so."""

from typing import Any

import pytest

from tests.builders import MONDAY, a_shift, a_volunteer, an_assignment
from tests.operations.test_attendance import Scene, clock, refused_as
from tests.operations.test_ledger import adds_up
from tests.records import a_record
from volunteer.domain.terms import AssignmentState, StampKind, VolunteerState, Way
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.operations.attendance import add_seat, force_stamp, undo_stamp
from volunteer.operations.attendance.stamping import Wanted
from volunteer.operations.ledger import correct_record, settle_shift, void_record
from volunteer.queries.ledger import my_days, my_grades, my_records, my_total, total_of


@pytest.fixture
def scene(app: Any) -> Scene:
    return Scene()


def _word(scene: Scene, shift: Any, came: str, went: str) -> None:
    """The desk enters a stay from memory."""
    for kind, said in ((StampKind.IN, came), (StampKind.OUT, went)):
        force_stamp(
            scene.actor(scene.city.organizer),
            shift_id=shift.id,
            volunteer_id=scene.city.volunteer.id,
            wanted=Wanted(kind, Way.ROLL_CALL, "手机没电", clock(said)),
            touch=scene.touch(),
            at=clock("11:00"),
        )


def _settled(scene: Scene, shift: Any) -> ServiceRecord:
    done = settle_shift(scene.actor(scene.city.organizer), shift_id=shift.id, at=clock("12:00"))
    db.session.commit()
    record: ServiceRecord = done.records[0]
    return record


@pytest.fixture
def second(scene: Scene) -> Any:
    shift = a_shift(scene.activity, scene.city.point, start="08:00", end="09:30", corner="北角")
    an_assignment(shift, scene.city.volunteer)
    db.session.commit()
    return shift


def test_the_time_of_an_earlier_record_is_taken_off(scene: Scene, second: Any) -> None:
    _word(scene, scene.shift, "07:30", "08:30")
    assert _settled(scene, scene.shift).credited_minutes == 60
    _word(scene, second, "08:00", "09:30")
    record = _settled(scene, second)
    assert (record.attended_minutes, record.credited_minutes) == (90, 60)
    assert adds_up(record)
    assert any(step["code"] == "elsewhere" for step in record.arithmetic)
    assert total_of(scene.city.volunteer.id).minutes == 120  # 07:30 to 09:30


def test_stays_that_only_touch_both_count(scene: Scene, second: Any) -> None:
    _word(scene, scene.shift, "07:30", "08:15")
    assert _settled(scene, scene.shift).credited_minutes == 45
    _word(scene, second, "08:15", "09:30")
    assert _settled(scene, second).credited_minutes == 75


def test_a_correction_cannot_reach_into_another_shift(scene: Scene, second: Any) -> None:
    _word(scene, scene.shift, "07:30", "08:30")
    _settled(scene, scene.shift)
    _word(scene, second, "08:30", "09:30")
    record = _settled(scene, second)
    assert record.credited_minutes == 60
    done = correct_record(
        scene.actor(scene.city.organizer),
        record_id=record.id,
        came_at=clock("08:00"),
        went_at=clock("09:30"),
        reason="核对现场照片",
        at=clock("13:00"),
    )
    db.session.commit()
    assert done.after.credited_minutes == 60
    assert adds_up(done.after)


def test_a_record_that_was_voided_stands_in_nobodys_way(scene: Scene, second: Any) -> None:
    _word(scene, scene.shift, "07:30", "08:30")
    first = _settled(scene, scene.shift)
    organizer = scene.actor(scene.city.organizer)
    void_record(organizer, record_id=first.id, reason="不是本人", at=clock("12:30"))
    _word(scene, second, "08:00", "09:30")
    assert _settled(scene, second).credited_minutes == 90


def test_nobody_is_added_who_has_another_duty_at_that_time(scene: Scene, second: Any) -> None:
    other = a_shift(scene.activity, scene.city.point, start="07:00", end="08:00", corner="南角")
    db.session.commit()
    with refused_as("overlaps"):
        add_seat(
            scene.actor(scene.city.organizer),
            shift_id=other.id,
            volunteer_id=scene.city.volunteer.id,
            reason="来帮忙",
            at=clock("07:00"),
        )


def test_a_yes_by_coming_goes_with_the_stamp_that_is_taken_back(scene: Scene) -> None:
    other = a_volunteer(scene.city.unit)
    seat = an_assignment(scene.shift, other, AssignmentState.PROPOSED)
    db.session.commit()
    (row,) = scene.roll("07:31", StampKind.IN, other.id).done
    assert seat.state is AssignmentState.ACCEPTED
    undo_stamp(scene.lead, stamp_id=row.id, reason="扫错了人", at=clock("07:33"))
    assert seat.state is AssignmentState.PROPOSED
    assert settle_shift(
        scene.actor(scene.city.organizer), shift_id=scene.shift.id, at=clock("09:00")
    ).absent == [scene.city.volunteer.id], "who never said yes is not absent"


def test_a_yes_that_was_said_before_stays(scene: Scene) -> None:
    row = scene.scan("07:28")
    undo_stamp(scene.lead, stamp_id=row.id, reason="扫错了人", at=clock("07:33"))
    assert scene.seat.state is AssignmentState.ACCEPTED


def test_a_seat_that_was_forced_falls_free_again(scene: Scene) -> None:
    other = a_volunteer(scene.city.unit)
    seat = an_assignment(scene.shift, other, AssignmentState.DECLINED)
    db.session.commit()
    row = force_stamp(
        scene.lead,
        shift_id=scene.shift.id,
        volunteer_id=other.id,
        wanted=Wanted(StampKind.IN, Way.ROLL_CALL, "还是来了"),
        touch=scene.touch(),
        at=clock("07:31"),
    )
    assert seat.state is AssignmentState.ACCEPTED
    undo_stamp(scene.lead, stamp_id=row.id, reason="认错了人", at=clock("07:33"))
    assert seat.state is AssignmentState.CANCELLED


def test_the_own_page_adds_up_merged_profiles(scene: Scene) -> None:
    kept = scene.city.volunteer
    before = a_volunteer(scene.city.unit, "王芳（旧）", state=VolunteerState.LEFT)
    before.merged_into_id = kept.id
    a_record(scene.city.unit, before, on=MONDAY, minutes=30)
    a_record(scene.city.unit, kept, on=MONDAY, minutes=45)
    db.session.commit()
    assert (my_total(scene.person).minutes, my_total(scene.person).times) == (75, 2)
    assert my_days(scene.person, first=MONDAY, last=MONDAY) == {MONDAY: 75}
    assert sum(my_grades(scene.person).values()) == 75
    assert my_records(scene.person).total == 2
