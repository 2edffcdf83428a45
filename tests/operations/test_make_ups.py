"""Make-up hours: four people, all different, a public register, and only then the ledger."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import MONDAY, a_volunteer, an_account, an_assignment
from tests.operations.test_attendance import clock
from tests.operations.test_tickets import Office, on_day, topics
from tests.refusals import refused
from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    Grade,
    MakeUpCause,
    MakeUpState,
    Role,
    Source,
    StampKind,
    TicketLevel,
    TicketState,
    TicketStep,
    TicketTopic,
    Way,
)
from volunteer.domain.timekeeping import beijing
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db, unit_of_work
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.places import RuleVersion
from volunteer.models.tickets import MakeUp, MakeUpEvent, RegisterObjection
from volunteer.operations.make_ups import (
    Claim,
    approve_make_up,
    ask_for,
    ask_own,
    clear_objections,
    endorse_make_up,
    note_refused,
    object_in_register,
    refuse_make_up,
    say_seen,
    tend_make_up,
    withdraw_make_up,
)
from volunteer.operations.tickets import Said, object_to_missing, uphold_missing
from volunteer.queries.chain import verify_ledger
from volunteer.queries.ledger import total_of
from volunteer.queries.make_up_chances import chance_of, people_without_record
from volunteer.queries.make_ups import (
    due_make_ups,
    make_up_story,
    make_ups_page,
    my_make_up,
    witness_page,
    witness_requests,
)
from volunteer.queries.people.own import own_copy
from volunteer.queries.register import public_entry, public_register
from volunteer.queries.verification import verify_all

CLAIM = Claim(clock("07:30"), clock("08:30"), MakeUpCause.PHONE, "手机没电，一直在北口", "签到表")
AT = clock("10:00")


class Case(Office):
    """The settled shift of the objections: Wang Fang was scanned, Liu Yang has a seat and no record."""

    @property
    def me(self) -> Actor:
        return self.actor(self.absent_account)

    def ask(self, claim: Claim = CLAIM, at: Any = AT, actor: Actor | None = None) -> MakeUp:  # type: ignore[override]
        row = ask_own(actor or self.me, shift_id=self.shift.id, claim=claim, at=at)
        db.session.commit()
        return row

    def ask_for(self, claim: Claim = CLAIM, at: Any = AT, actor: Actor | None = None) -> MakeUp:
        row = ask_for(
            actor or self.organizer,
            shift_id=self.shift.id,
            volunteer_id=self.absent.id,
            claim=claim,
            at=at,
        )
        db.session.commit()
        return row

    def seen(self, row: MakeUp, actor: Actor | None = None, *, has_seen: bool = True) -> MakeUp:
        done = say_seen(
            actor or self.person, make_up_id=row.id, has_seen=has_seen, words="我们一组", at=AT
        )
        db.session.commit()
        return done

    def approve(self, row: MakeUp, actor: Actor | None = None, at: Any = AT) -> MakeUp:
        done = approve_make_up(
            actor or self.district, make_up_id=row.id, version=row.version, words="属实", at=at
        )
        db.session.commit()
        return done

    def announced(self) -> MakeUp:
        return self.approve(self.seen(self.ask_for()))

    def tend(self, row: MakeUp, at: Any) -> str:
        done = tend_make_up(row.id, at=at)
        db.session.commit()
        return done


@pytest.fixture
def case(app: Any) -> Case:
    return Case()


def steps(row: MakeUp) -> list[TicketStep]:
    return list(
        db.session.scalars(
            select(MakeUpEvent.event)
            .where(MakeUpEvent.make_up_id == row.id)
            .order_by(MakeUpEvent.id)
        )
    )


def rules(**figures: Any) -> None:
    db.session.add(
        RuleVersion(
            version="2026.9",
            effective_on=date(2026, 1, 1),
            figures=figures,
            why="测试",
            made_at=AT,
            made_by_name="测试",
        )
    )
    db.session.commit()


def test_the_whole_way_takes_four_people_and_five_working_days(case: Case) -> None:
    row = case.ask()
    assert (row.state, row.minutes, row.level) == (MakeUpState.ASKED, 60, TicketLevel.UNIT)
    assert "有人申请补录，请核实后提请" in topics(case.city.organizer)
    assert "有人申请补录，请核实后提请" in topics(case.leader_account)
    endorse_make_up(case.lead, make_up_id=row.id, at=AT)
    assert row.state is MakeUpState.WITNESS
    assert "请您证明一位同班志愿者到过岗" in topics(case.city.volunteer_account)
    assert [line.make_up.id for line in witness_requests(case.person, at=AT)] == [row.id]
    case.seen(row)
    assert (row.state, row.level) == (MakeUpState.REVIEW, TicketLevel.DISTRICT)
    assert "有一件补录等您审核" in topics(case.city.district_admin)
    assert witness_requests(case.person, at=AT) == []
    case.approve(row)
    assert (row.announced_on, row.announced_until) == (MONDAY, date(2026, 11, 30))
    assert total_of(case.absent.id).minutes == 0, "nothing is entered before the register ran out"
    assert case.tend(row, on_day(7)) == ""
    assert case.tend(row, on_day(8)) == "posted"
    assert case.tend(row, on_day(8)) == ""
    record = db.session.get(ServiceRecord, row.record_id)
    assert record is not None
    assert (record.grade, record.source, record.credited_minutes) == (Grade.E, Source.MAKE_UP, 60)
    assert all((record.place, record.content, record.person_in_charge))
    entry = db.session.scalars(select(LedgerEntry).where(LedgerEntry.record_id == record.id)).one()
    assert (entry.grade, entry.minutes, entry.posted_by_id) == (Grade.E, 60, None)
    assert total_of(case.absent.id).minutes == 60
    assert verify_ledger().is_sound
    assert verify_all().record_ids == ()
    assert steps(row) == [
        TicketStep.ASKED,
        TicketStep.ENDORSED,
        TicketStep.SEEN,
        TicketStep.APPROVED,
        TicketStep.POSTED,
    ]
    assert "补录已记入时长" in topics(case.absent_account)
    audited = set(
        db.session.scalars(select(AuditEntry.act).where(AuditEntry.act.like("make_up_%")))
    )
    assert audited == {f"make_up_{step.value}" for step in steps(row)}


def test_the_four_are_four(case: Case) -> None:
    """Self-approval and one person in two parts are forbidden (403), whichever parts these are."""
    row = case.ask()
    with refused("own_case") as no:
        endorse_make_up(_as_leader(case, case.me), make_up_id=row.id, at=AT)
    assert no.value.status == 403
    endorse_make_up(case.organizer, make_up_id=row.id, at=AT)
    with refused("own_case") as no:
        case.seen(row, case.me)
    assert no.value.status == 403
    _stamped(case, case.leader)
    endorser = _with(case.organizer, volunteer_id=case.leader.id)
    with refused("same_person") as no:
        case.seen(row, endorser)
    assert no.value.status == 403
    case.seen(row)
    witness = _with(case.district, volunteer_id=case.city.volunteer.id)
    requester = _with(case.district, account_id=case.city.organizer.id)
    for actor, code in (
        (witness, "same_person"),
        (requester, "same_person"),
        (_with(case.district, volunteer_id=case.absent.id), "own_case"),
        (_with(case.district, unit_id=case.city.unit.id), "same_unit"),
        (case.organizer, "same_person"),
    ):
        with refused(code) as no:
            case.approve(row, actor)
        assert no.value.status == 403
    case.approve(row)


def _with(actor: Actor, **changed: Any) -> Actor:
    values = {name: getattr(actor, name) for name in Actor.__slots__}
    return Actor(**{**values, **changed})


def _as_leader(case: Case, actor: Actor) -> Actor:
    return _with(actor, led_shift_ids=frozenset({case.shift.id}))


def _stamped(case: Case, volunteer: Any) -> None:
    """Give somebody a scanned record of the same shift."""
    seat = an_assignment(case.shift, volunteer)
    kept = {
        column.key: getattr(case.record, column.key)
        for column in ServiceRecord.__table__.columns
        if column.key not in ("id", "assignment_id", "volunteer_id")
    }
    db.session.add(ServiceRecord(**kept, assignment_id=seat.id, volunteer_id=volunteer.id))
    db.session.flush()


def test_only_who_was_scanned_at_the_same_time_may_vouch(case: Case) -> None:
    row = case.ask_for()
    stranger = a_volunteer(case.city.unit, "周末")
    account = an_account(volunteer=stranger)
    db.session.commit()
    with refused("not_witness") as no:
        case.seen(row, case.actor(account))
    assert no.value.status == 403
    with refused("not_found"):
        witness_page(case.actor(account), row.id, at=AT)
    assert witness_page(case.person, row.id, at=AT)[1] is False
    early = Claim(clock("07:30"), clock("07:40"), MakeUpCause.PHONE, "只待了十分钟", "照片")
    withdraw_make_up(case.me, make_up_id=row.id, at=AT)
    with refused("no_witness"):
        case.ask_for(early)  # the scanned one came at 07:45


def test_roll_call_is_no_witness(case: Case) -> None:
    other = a_volunteer(case.city.unit, "方圆")
    seat = an_assignment(case.shift, other)
    kept = {
        column.key: getattr(case.record, column.key)
        for column in ServiceRecord.__table__.columns
        if column.key not in ("id", "assignment_id", "volunteer_id", "grade")
    }
    db.session.add(
        ServiceRecord(**kept, assignment_id=seat.id, volunteer_id=other.id, grade=Grade.D)
    )
    row = case.ask_for()
    with refused("not_witness"):
        case.seen(row, case.actor(an_account(volunteer=other)))


def test_a_no_is_kept_and_the_next_may_still_say_yes(case: Case) -> None:
    other = a_volunteer(case.city.unit, "方圆")
    account = an_account(volunteer=other)
    _stamped(case, other)
    row = case.ask_for()
    case.seen(row, has_seen=False)
    assert row.state is MakeUpState.WITNESS
    with refused("said_before"):
        case.seen(row)
    case.seen(row, case.actor(account))
    story = make_up_story(case.district, row.id, at=AT)
    assert [(word.has_seen, name) for word, name in story.words] == [
        (False, "王芳"),
        (True, "方圆"),
    ]
    own = my_make_up(case.me, row.id, at=AT)
    told = [(event.by_name, event.words) for event in own.events if event.event.value != "asked"]
    assert ("同班志愿者", "") in told
    assert not any("王芳" in name or "方圆" in name for name, _ in told)


def test_out_of_window_and_over_quota_are_forbidden_and_logged(case: Case) -> None:
    late = beijing(MONDAY + timedelta(days=8), 600)
    with refused("out_of_window") as no:
        case.ask(at=late)
    assert no.value.status == 403
    note_refused(case.me, no.value, what="申请补录", at=late)
    line = db.session.scalars(
        select(AuditEntry).where(AuditEntry.act == "make_up_refused:out_of_window")
    ).one()
    assert line.account_id == case.absent_account.id
    rules(make_up_monthly_quota=1)
    second = a_volunteer(case.city.unit, "方圆")
    an_assignment(case.shift, second)
    account = an_account(volunteer=second)
    row = case.ask()
    with refused("over_quota") as no:
        case.ask(actor=case.actor(account))
    assert no.value.status == 403
    withdraw_make_up(case.me, make_up_id=row.id, at=AT)
    db.session.commit()
    case.ask(actor=case.actor(account))


def test_harmless_refusals_are_not_logged(case: Case) -> None:
    assert note_refused(case.me, Refused("words_needed", "x"), what="x", at=AT) is None


def test_what_cannot_be_made_up(case: Case) -> None:
    for claim, code in (
        (
            Claim(clock("07:00"), clock("08:30"), MakeUpCause.PHONE, "提前到的", "照片"),
            "outside_plan",
        ),
        (
            Claim(clock("08:30"), clock("07:30"), MakeUpCause.PHONE, "写反了呀", "照片"),
            "out_before_in",
        ),
        (Claim(clock("07:30"), clock("08:30"), MakeUpCause.PHONE, "啊", "照片"), "words_needed"),
        (
            Claim(clock("07:30"), clock("08:30"), MakeUpCause.PHONE, "我在的呀", ""),
            "evidence_needed",
        ),
    ):
        with refused(code):
            case.ask(claim)
    with refused("has_record"):
        case.ask(actor=case.person)
    with refused("not_found"):
        ask_own(case.me, shift_id=case.shift.id + 1, claim=CLAIM, at=AT)
    with refused("not_over"):
        case.ask(at=clock("08:00"))
    case.ask()
    with refused("already_asked"):
        case.ask()


def test_time_that_is_recorded_elsewhere_is_not_given_twice(case: Case) -> None:
    row = case.announced()
    shift = _elsewhere(case)
    seat = an_assignment(shift, case.absent)
    kept = {
        column.key: getattr(case.record, column.key)
        for column in ServiceRecord.__table__.columns
        if column.key not in ("id", "assignment_id", "volunteer_id", "shift_id")
    }
    db.session.add(
        ServiceRecord(**kept, assignment_id=seat.id, volunteer_id=case.absent.id, shift_id=shift.id)
    )
    db.session.commit()
    assert case.tend(row, on_day(8)) == "refused"
    assert (row.state, row.record_id) == (MakeUpState.REFUSED, None)
    with refused("overlaps"):
        case.ask()


def _elsewhere(case: Case) -> Any:
    from tests.builders import a_shift

    return a_shift(case.activity, case.city.point, corner="南")


def test_the_leader_may_ask_but_not_for_everybody(case: Case) -> None:
    assert people_without_record(case.lead, case.shift.id) == [(case.absent.id, "刘洋")]
    assert people_without_record(case.actor(case.city.other_organizer), case.shift.id) == []
    for account, code in (
        (case.city.other_organizer, "not_yours"),
        (case.city.auditor, "not_allowed"),
    ):
        with refused(code):
            case.ask_for(actor=case.actor(account))
    with refused("own_case"):
        case.ask_for(actor=_as_leader(case, case.me))
    row = case.ask_for(actor=case.lead)
    assert row.state is MakeUpState.WITNESS
    chance = chance_of(case.lead, case.shift.id, volunteer_id=case.absent.id, at=AT)
    assert (chance.live_id, chance.quota_left) == (row.id, 19)
    with refused("already_answered"):
        endorse_make_up(case.organizer, make_up_id=row.id, at=AT)


def test_anybody_may_object_and_somebody_else_looks_into_it(case: Case) -> None:
    row = case.announced()
    line = public_register().lines[0]
    assert (line.minutes, line.cause, line.unit) == (60, MakeUpCause.PHONE, "市医保局")
    assert not hasattr(line, "words")
    with refused("words_needed"):
        _object(row, words="假")
    _object(row)
    assert (row.state, row.level) == (MakeUpState.CONTESTED, TicketLevel.CITY)
    assert case.tend(row, on_day(8)) in ("", "escalated", "late", "reminded")
    assert total_of(case.absent.id).minutes == 0
    kept = db.session.scalars(select(RegisterObjection)).one()
    assert b"0739" not in (kept.contact_cipher or b"")
    story = make_up_story(case.office, row.id, at=AT)
    assert [(one.words, contact) for one, contact in story.objections] == [
        ("那天没有看到这个人", "0739-1234567")
    ]
    assert make_up_story(case.organizer, row.id, at=AT).objections == []
    with refused("level_above"):
        _clear(case, row, _other_district(case))
    with refused("same_person"):
        _clear(case, row, case.district)
    with refused("reason_needed"):
        _clear(case, row, case.office, words="")
    _clear(case, row, case.office)
    assert row.state is MakeUpState.ANNOUNCED
    assert case.tend(row, on_day(8)) == "posted"
    with refused("register_over"):
        _object(row)
    with refused("not_found"):
        public_entry(row.id)


def _other_district(case: Case) -> Actor:
    return case.actor(an_account(Role.DISTRICT_ADMIN, district=case.city.district))


def _clear(case: Case, row: MakeUp, actor: Actor, words: str = "查过了，监控可见") -> None:
    clear_objections(actor, make_up_id=row.id, version=row.version, words=words, at=AT)
    db.session.commit()


def _object(row: MakeUp, words: str = "那天没有看到这个人", address: str = "10.0.0.1") -> None:
    object_in_register(
        None, make_up_id=row.id, words=words, contact="0739-1234567", address=address, at=AT
    )
    db.session.commit()


def test_one_address_objects_five_times_an_hour(case: Case) -> None:
    row = case.announced()
    for _ in range(5):
        _object(row)
    with refused("too_many") as no:
        _object(row)
    assert no.value.status == 429
    _object(row, address="10.0.0.2")


def test_a_false_request_takes_the_right_away(case: Case) -> None:
    row = case.seen(case.ask_for())
    with refused("changed_meanwhile"):
        refuse_make_up(
            case.district, make_up_id=row.id, version=row.version - 1, reason="假的", at=AT
        )
    refuse_make_up(
        case.district,
        make_up_id=row.id,
        version=row.version,
        reason="监控里没有这个人",
        is_false=True,
        at=AT,
    )
    db.session.commit()
    with refused("barred") as no:
        case.ask()
    assert no.value.status == 403


def test_the_unit_refuses_without_calling_it_false(case: Case) -> None:
    row = case.ask()
    with refused("level_above"):
        refuse_make_up(
            case.organizer,
            make_up_id=row.id,
            version=row.version,
            reason="没来",
            is_false=True,
            at=AT,
        )
    refuse_make_up(case.organizer, make_up_id=row.id, version=row.version, reason="没来过", at=AT)
    assert row.state is MakeUpState.REFUSED
    with refused("already_answered"):
        endorse_make_up(case.organizer, make_up_id=row.id, at=AT)


def test_nobody_vouches_in_time(case: Case) -> None:
    row = case.ask_for()
    assert case.tend(row, on_day(7)) == ""
    assert case.tend(row, on_day(8)) == "lapsed"
    assert "补录没有等到证明" in topics(case.absent_account)
    assert make_ups_page(case.organizer, stand="done", at=AT).total == 1


def test_offices_are_reminded_and_passed_over(case: Case) -> None:
    row = case.ask()
    assert due_make_ups(at=on_day(0)) == []
    assert due_make_ups(at=on_day(5)) == [row.id]
    assert case.tend(row, on_day(5)) == "reminded"
    assert case.tend(row, on_day(8)) == "escalated"
    assert (row.level, row.state) == (TicketLevel.DISTRICT, MakeUpState.ASKED)
    with refused("level_above"):
        endorse_make_up(case.organizer, make_up_id=row.id, at=on_day(8))
    assert case.tend(row, on_day(16)) == "escalated"
    assert case.tend(row, on_day(30)) == "late"
    page = make_ups_page(case.office, stand="late", at=on_day(30))
    assert (page.total, page.open, page.late) == (1, 1, 1)


def test_an_objection_to_a_missing_record_leads_here_whatever_the_window(case: Case) -> None:
    late = beijing(MONDAY + timedelta(days=9), 600)
    ticket = object_to_missing(
        case.me,
        shift_id=case.shift.id,
        said=Said(TicketTopic.MISSING, "我在现场的", clock("07:30"), clock("08:30"), "合影"),
        at=late,
    )
    db.session.commit()
    row = uphold_missing(
        case.organizer,
        ticket_id=ticket.id,
        version=ticket.version,
        came_at=clock("07:30"),
        went_at=clock("08:30"),
        answer="带队证实，提请补录",
        at=late,
    )
    db.session.commit()
    assert ticket.state is TicketState.UPHELD
    assert (row.state, row.ticket_id) == (MakeUpState.WITNESS, ticket.id)
    assert case.seen(row).state is MakeUpState.REVIEW


def test_posting_twice_at_once_enters_once(app: Flask) -> None:
    case = Case()
    number = case.announced().id
    db.session.remove()
    outcomes: list[str] = []
    barrier = threading.Barrier(6)

    def work() -> None:
        with app.app_context():
            barrier.wait(30)
            try:
                with unit_of_work():
                    outcomes.append(tend_make_up(number, at=on_day(8)))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["", "", "", "", "", "posted"]
    entries = db.session.scalar(
        select(func.count()).select_from(LedgerEntry).where(LedgerEntry.grade == Grade.E)
    )
    assert entries == 1
    assert verify_ledger().is_sound


def test_the_last_of_the_quota_is_taken_once(app: Flask) -> None:
    case = Case()
    rules(make_up_monthly_quota=1)
    actors = [case.me]
    for name in ("甲一", "乙二", "丙三", "丁四"):
        person = a_volunteer(case.city.unit, name)
        an_assignment(case.shift, person)
        actors.append(case.actor(an_account(volunteer=person)))
    db.session.commit()
    shift_id = case.shift.id
    db.session.remove()
    outcomes: list[str] = []
    barrier = threading.Barrier(len(actors))

    def work(actor: Actor) -> None:
        with app.app_context():
            barrier.wait(30)
            try:
                with unit_of_work():
                    ask_own(actor, shift_id=shift_id, claim=CLAIM, at=AT)
                outcomes.append("asked")
            except Refused as no:
                outcomes.append(no.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["asked", *["over_quota"] * 4]


def test_reviewing_twice_at_once_is_one_review_and_a_409(app: Flask) -> None:
    case = Case()
    row = case.seen(case.ask_for())
    number, version = row.id, row.version
    actors = [case.district, case.office] * 3
    db.session.remove()
    outcomes: list[str] = []
    barrier = threading.Barrier(len(actors))

    def work(actor: Actor) -> None:
        with app.app_context():
            barrier.wait(30)
            try:
                with unit_of_work():
                    approve_make_up(actor, make_up_id=number, version=version, at=AT)
                outcomes.append("done")
            except Refused as no:
                outcomes.append(f"{no.code} {no.status}")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work, args=(actor,)) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes.count("done") == 1
    assert set(outcomes) == {"done", "already_answered 409"}


def test_the_own_copy_names_no_witness(case: Case) -> None:
    case.announced()
    kept = own_copy(case.me)["补录"]
    assert [row["状态"] for row in kept] == ["公示中"]
    assert "王芳" not in str(kept)
    assert own_copy(case.person)["补录"] == []


def test_a_leader_who_is_an_organizer_elsewhere_sees_both(case: Case) -> None:
    row = case.ask()
    both = _with(case.actor(case.city.other_organizer), led_shift_ids=frozenset({case.shift.id}))
    assert make_ups_page(both, at=AT).total == 1
    assert make_ups_page(case.actor(case.city.other_organizer), at=AT).total == 0
    assert make_up_story(both, row.id, at=AT).may_endorse


def test_stamps_of_the_shift_are_untouched(case: Case) -> None:
    case.tend(case.announced(), on_day(8))
    ways = set(db.session.scalars(select(CheckIn.way)))
    assert ways == {Way.ROTATING_CODE}
    assert set(db.session.scalars(select(CheckIn.kind))) == {StampKind.IN, StampKind.OUT}
