"""Settling, reviewing and correcting: minutes, entries, refusals."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import (
    MONDAY,
    a_shift,
    a_unit,
    a_volunteer,
    an_account,
    an_activity,
    an_assignment,
)
from tests.operations.test_attendance import Scene, clock, refused_as
from volunteer.domain.credit import told_again
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    EntryKind,
    Grade,
    Nature,
    Role,
    ShiftState,
    Source,
    StampKind,
    Way,
)
from volunteer.models.attendance import AttendanceNote
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.operations.attendance import call_roll, excuse, force_stamp
from volunteer.operations.attendance.stamping import Wanted
from volunteer.operations.ledger import (
    approve_pending,
    correct_record,
    refuse_pending,
    settle_due,
    settle_shift,
    void_record,
)
from volunteer.queries.chain import verify_ledger
from volunteer.queries.ledger import my_days, my_grades, my_records, my_total, total_of
from volunteer.queries.people.person import person_page


@pytest.fixture
def scene(app: Any) -> Scene:
    return Scene()


def serve(scene: Scene, came: str = "07:28", went: str = "08:31") -> None:
    scene.scan(came)
    scene.scan(went, StampKind.OUT)


def settle(scene: Scene, at: str = "09:00", shift: Any = None) -> Any:
    organizer = scene.actor(scene.city.organizer)
    done = settle_shift(organizer, shift_id=(shift or scene.shift).id, at=clock(at))
    db.session.commit()
    return done


def adds_up(record: ServiceRecord) -> bool:
    steps = told_again(record.arithmetic)
    return sum(step.minutes for step in steps[:-1]) == steps[-1].minutes == record.credited_minutes


def test_a_shift_becomes_records_entries_messages_and_an_audit_line(scene: Scene) -> None:
    serve(scene)
    done = settle(scene)
    record = done.records[0]
    assert (record.attended_minutes, record.credited_minutes, record.pending_minutes) == (63, 60, 0)
    assert (record.grade, record.source, record.version) == (Grade.A, Source.QR, 1)
    assert all((record.place, record.content, record.person_in_charge))
    assert adds_up(record)
    entry = db.session.scalars(select(LedgerEntry)).one()
    assert (entry.minutes, entry.seq, entry.record_id) == (60, 1, record.id)
    assert db.session.get(type(scene.shift), scene.shift.id).state is ShiftState.SETTLED
    assert db.session.scalars(select(Message).where(Message.topic == "record")).one()
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.act == "settle_shift")).one()
    assert total_of(scene.city.volunteer.id).minutes == 60
    assert verify_ledger().is_sound


def test_settling_is_done_once_by_the_own_unit_after_the_end(scene: Scene) -> None:
    serve(scene)
    with refused_as("not_over"):
        settle(scene, "08:29")
    for account, code in (
        (scene.city.other_organizer, "not_yours"),
        (scene.city.auditor, "not_allowed"),
        (scene.leader_account, "not_allowed"),
    ):
        with refused_as(code):
            settle_shift(scene.actor(account), shift_id=scene.shift.id, at=clock("09:00"))
    with refused_as("not_found"):
        settle_shift(scene.actor(scene.city.organizer), shift_id=10**6, at=clock("09:00"))
    settle(scene)
    with refused_as("shift_settled"):
        settle(scene)
    assert len(db.session.scalars(select(LedgerEntry)).all()) == 1


def test_no_shows_are_noted_the_excused_are_not_and_proposals_lapse(scene: Scene) -> None:
    excused = an_assignment(scene.shift, a_volunteer(scene.city.unit))
    proposed = an_assignment(scene.shift, a_volunteer(scene.city.unit), AssignmentState.PROPOSED)
    excuse(
        scene.lead,
        shift_id=scene.shift.id,
        volunteer_id=excused.volunteer_id,
        reason="发烧",
        at=clock("07:40"),
    )
    done = settle(scene)
    assert done.absent == [scene.city.volunteer.id]
    assert done.records == []
    assert proposed.state is AssignmentState.EXPIRED
    note = db.session.scalars(
        select(AttendanceNote).where(AttendanceNote.verdict == "absent")
    ).one()
    assert note.assignment_id == scene.seat.id


def test_a_forgotten_check_out_is_credited_to_the_planned_end_and_marked(scene: Scene) -> None:
    scene.scan("07:45")
    record = settle(scene, "08:30").records[0]
    assert (record.credited_minutes, record.late_minutes) == (45, 15)
    assert record.is_auto_closed
    assert record.grade is Grade.D
    assert adds_up(record)


def test_breaks_are_taken_out(scene: Scene) -> None:
    shift = a_shift(
        scene.activity,
        scene.city.point,
        start="07:30",
        end="18:00",
        breaks=[[300, 420]],
        corner="南",
    )
    an_assignment(shift, scene.city.volunteer)
    _serve_by_word(scene, shift, "07:30", "18:00")
    record = settle(scene, "18:30", shift).records[0]
    assert (record.served_minutes, record.credited_minutes) == (510, 480)
    assert record.pending == [{"why": "day_cap", "tier": "unit", "minutes": 30}]
    assert adds_up(record)


def _serve_by_word(scene: Scene, shift: Any, came: str, went: str) -> None:
    for kind, said in ((StampKind.IN, came), (StampKind.OUT, went)):
        force_stamp(
            scene.actor(scene.city.organizer),
            shift_id=shift.id,
            volunteer_id=scene.city.volunteer.id,
            wanted=Wanted(kind, Way.ROLL_CALL, "测试登记", clock(said)),
            touch=scene.touch(),
            at=clock("18:10"),
        )


def test_six_and_three_hours_are_eight_and_one_that_waits(scene: Scene) -> None:
    for start, end, corner in (("07:00", "13:00", "东"), ("14:00", "17:00", "西")):
        shift = a_shift(scene.activity, scene.city.point, start=start, end=end, corner=corner)
        an_assignment(shift, scene.city.volunteer)
        _serve_by_word(scene, shift, start, end)
        settle(scene, "18:30", shift)
    records = db.session.scalars(select(ServiceRecord).order_by(ServiceRecord.id)).all()
    assert [(r.credited_minutes, r.pending_minutes) for r in records] == [(360, 0), (120, 60)]
    assert total_of(scene.city.volunteer.id).minutes == 480


def test_a_duty_of_the_office_earns_no_volunteer_minute(scene: Scene) -> None:
    scene.activity.nature = Nature.DUTY
    db.session.flush()
    serve(scene)
    record = settle(scene).records[0]
    assert (record.credited_minutes, record.served_minutes) == (0, 60)
    assert total_of(scene.city.volunteer.id).minutes == 0
    entry = db.session.scalars(select(LedgerEntry)).one()
    assert (entry.nature, entry.minutes) == (Nature.DUTY, 60)


def test_overtime_is_told_when_short_and_waits_when_long(scene: Scene) -> None:
    serve(scene, "07:30", "08:50")
    record = settle(scene, "09:00").records[0]
    assert (record.credited_minutes, record.pending_minutes) == (60, 20)
    organizer = scene.actor(scene.city.organizer)
    done = approve_pending(organizer, record_id=record.id, at=clock("10:00"))
    assert (done.after.credited_minutes, done.after.pending_minutes) == (80, 0)
    assert adds_up(done.after)
    assert total_of(scene.city.volunteer.id).minutes == 80
    assert total_of(scene.city.volunteer.id).times == 1
    with refused_as("nothing_pending"):
        approve_pending(organizer, record_id=done.after.id, at=clock("10:00"))
    with refused_as("not_newest"):
        approve_pending(organizer, record_id=record.id, at=clock("10:00"))


def test_waiting_minutes_of_a_long_day_are_for_the_unit_above(scene: Scene) -> None:
    shift = a_shift(scene.activity, scene.city.point, start="07:30", end="17:30", corner="南")
    an_assignment(shift, scene.city.volunteer)
    _serve_by_word(scene, shift, "07:30", "17:30")
    record = settle(scene, "18:30", shift).records[0]
    assert record.pending_minutes == 120
    with refused_as("higher_review"):
        approve_pending(scene.actor(scene.city.organizer), record_id=record.id, at=clock("19:00"))
    with refused_as("not_yours"):
        approve_pending(
            scene.actor(scene.city.other_organizer), record_id=record.id, at=clock("19:00")
        )
    with refused_as("reason_needed"):
        refuse_pending(
            scene.actor(scene.city.district_admin),
            record_id=record.id,
            reason="",
            at=clock("19:00"),
        )
    parent = a_unit("市直机关工委")
    scene.city.unit.parent_id = parent.id
    above = an_account(Role.ORGANIZER, unit=parent)
    db.session.commit()
    done = refuse_pending(
        scene.actor(above), record_id=record.id, reason="没有依据", at=clock("19:00")
    )
    assert (done.after.credited_minutes, done.after.pending_minutes) == (480, 0)
    assert total_of(scene.city.volunteer.id).minutes == 480


def test_beyond_twelve_hours_only_the_city_may_let_it_count(scene: Scene) -> None:
    shift = a_shift(scene.activity, scene.city.point, start="05:00", end="18:00", corner="南")
    an_assignment(shift, scene.city.volunteer)
    _serve_by_word(scene, shift, "05:00", "18:00")
    record = settle(scene, "18:30", shift).records[0]
    assert [(p["tier"], p["minutes"]) for p in record.pending] == [("unit", 240), ("city", 60)]
    office = scene.actor(scene.city.district_admin)
    done = approve_pending(office, record_id=record.id, at=clock("19:00"))
    assert [(p["tier"], p["minutes"]) for p in done.after.pending] == [("city", 60)]
    with refused_as("higher_review"):
        approve_pending(office, record_id=done.after.id, at=clock("19:00"))
    city = scene.actor(scene.city.city_admin)
    last = approve_pending(city, record_id=done.after.id, at=clock("19:30"))
    assert last.after.credited_minutes == 780
    assert total_of(scene.city.volunteer.id).minutes == 780


def test_a_correction_is_a_reversal_and_a_new_entry(scene: Scene) -> None:
    scene.scan("07:45")
    record = settle(scene).records[0]
    done = correct_record(
        scene.actor(scene.city.organizer),
        record_id=record.id,
        came_at=clock("07:30"),
        went_at=clock("08:30"),
        reason="手机没信号，带队证实",
        at=clock("10:00"),
    )
    db.session.commit()
    assert (done.difference, done.after.version, done.after.replaces_id) == (15, 2, record.id)
    assert (done.after.grade, done.after.source) == (Grade.D, Source.CORRECTION)
    entries = db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq)).all()
    assert [(e.kind, e.minutes) for e in entries] == [
        (EntryKind.CREDIT, 45),
        (EntryKind.REVERSAL, -45),
        (EntryKind.CREDIT, 60),
    ]
    assert entries[1].reverses_id == entries[0].id
    assert total_of(scene.city.volunteer.id).minutes == 60
    person = scene.person
    assert [line.record.id for line in my_records(person).lines] == [done.after.id]
    assert my_grades(person) == {Grade.D: 60}
    assert my_days(person, first=MONDAY, last=MONDAY) == {MONDAY: 60}
    assert my_total(person, last=MONDAY).minutes == 60
    page = person_page(
        scene.actor(scene.city.organizer), scene.city.volunteer.id, at=clock("10:00")
    )
    assert (page.minutes, page.times) == (60, 1), "a corrected record is one time, not two"
    assert verify_ledger().is_sound


@pytest.mark.parametrize(("went", "is_forgotten"), [("08:20", False), ("08:30", True)])
def test_a_corrected_check_out_is_no_longer_a_forgotten_one(
    scene: Scene, went: str, is_forgotten: bool
) -> None:
    scene.scan("07:45")
    record = settle(scene).records[0]
    assert record.is_auto_closed
    done = correct_record(
        scene.actor(scene.city.organizer),
        record_id=record.id,
        came_at=clock("07:32"),
        went_at=clock(went),
        reason="带队证实",
        at=clock("10:00"),
    )
    assert done.after.is_auto_closed is is_forgotten


def test_what_a_correction_is_refused_for(scene: Scene) -> None:
    serve(scene)
    record = settle(scene).records[0]
    organizer = scene.actor(scene.city.organizer)

    def correct(
        actor: Any, came: str, went: str, reason: str = "核对属实", at: str = "10:00"
    ) -> Any:
        return correct_record(
            actor,
            record_id=record.id,
            came_at=clock(came),
            went_at=clock(went),
            reason=reason,
            at=clock(at),
        )

    for came, went, code in (
        ("08:30", "07:30", "out_before_in"),
        ("07:30", "10:30", "in_future"),
        ("04:00", "08:30", "far_from_plan"),
    ):
        with refused_as(code):
            correct(organizer, came, went)
    with refused_as("no_change"):
        correct(organizer, "07:28", "08:31")
    with refused_as("reason_needed"):
        correct(organizer, "07:30", "08:30", " ")
    with refused_as("not_yours"):
        correct(scene.actor(scene.city.other_organizer), "07:30", "08:30")
    with refused_as("not_allowed"):
        correct(scene.person, "07:30", "08:30")
    both = an_account(Role.ORGANIZER, unit=scene.city.unit)
    scene.city.volunteer_account.volunteer_id = None
    db.session.flush()
    both.volunteer_id = scene.city.volunteer.id
    db.session.flush()
    with refused_as("own_case"):
        correct(scene.actor(both), "07:30", "08:30")
    done = correct(organizer, "07:30", "08:00")
    assert done.after.credited_minutes == 30
    with refused_as("not_newest"):
        correct(organizer, "07:30", "08:15")


def test_a_record_may_be_taken_away_with_a_reason(scene: Scene) -> None:
    serve(scene)
    record = settle(scene).records[0]
    organizer = scene.actor(scene.city.organizer)
    done = void_record(organizer, record_id=record.id, reason="扫错了人", at=clock("10:00"))
    assert done.after.credited_minutes == 0
    assert adds_up(done.after)
    assert (total_of(scene.city.volunteer.id).minutes, total_of(scene.city.volunteer.id).times) == (
        0,
        0,
    )
    with refused_as("no_change"):
        void_record(organizer, record_id=done.after.id, reason="再来一次", at=clock("10:00"))


def test_the_grade_is_the_weakest_link(scene: Scene) -> None:
    scene.scan("07:28")
    call_roll(
        scene.lead,
        shift_id=scene.shift.id,
        volunteer_ids=[scene.city.volunteer.id],
        kind=StampKind.OUT,
        touch=scene.touch(),
        at=clock("08:30"),
    )
    record = settle(scene).records[0]
    assert (record.grade, record.source) == (Grade.D, Source.ORGANIZER_MANUAL)


def test_the_system_settles_what_is_clear_at_once_and_the_rest_a_day_later(scene: Scene) -> None:
    assert settle_due(scene.shift.id, at=clock("08:59")) is None
    serve(scene)
    assert settle_due(scene.shift.id, at=clock("08:59")) is None
    assert settle_due(scene.shift.id, at=clock("09:00")) is not None
    assert settle_due(scene.shift.id, at=clock("09:01")) is None
    unclear = a_shift(scene.activity, scene.city.point, corner="西")
    an_assignment(unclear, a_volunteer(scene.city.unit))
    assert settle_due(unclear.id, at=clock("12:00")) is None
    done = settle_due(unclear.id, at=clock("08:30").replace(day=24))
    assert done is not None
    assert len(done.absent) == 1


def test_a_record_of_an_unknown_number_is_not_found(scene: Scene) -> None:
    with pytest.raises(Refused) as no:
        void_record(
            scene.actor(scene.city.organizer), record_id=10**6, reason="没有", at=clock("10:00")
        )
    assert no.value.code == "not_found"


def test_an_activity_elsewhere_keeps_its_own_unit_and_district(scene: Scene) -> None:
    activity = an_activity(scene.city.other_unit)
    shift = a_shift(activity, scene.city.point, corner="北")
    guest = a_volunteer(scene.city.unit, "客人")
    an_assignment(shift, guest)
    call_roll(
        scene.actor(scene.city.other_organizer),
        shift_id=shift.id,
        volunteer_ids=[guest.id],
        kind=StampKind.IN,
        touch=scene.touch(),
        at=clock("07:30"),
    )
    record = settle_shift(
        scene.actor(scene.city.other_organizer), shift_id=shift.id, at=clock("09:00")
    ).records[0]
    assert record.unit_id == scene.city.unit.id
    assert record.recording_unit_id == scene.city.other_unit.id
    assert record.district_id == scene.city.district.id
