"""Objections: raised, answered with a correction, refused, appealed, overdue, withdrawn, decided twice at once."""

import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import MONDAY, a_volunteer, an_account, an_assignment
from tests.operations.test_attendance import Scene, clock
from tests.refusals import refused
from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    EntryKind,
    Grade,
    Role,
    StampKind,
    TicketLevel,
    TicketState,
    TicketStep,
    TicketTopic,
)
from volunteer.domain.timekeeping import beijing
from volunteer.models.base import db, unit_of_work
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.tickets import Ticket, TicketEvent
from volunteer.operations.ledger import settle_shift
from volunteer.operations.tickets import (
    Said,
    appeal_ticket,
    object_to_missing,
    object_to_record,
    refuse_ticket,
    tend_ticket,
    uphold_times,
    uphold_void,
    withdraw_ticket,
)
from volunteer.queries.chain import verify_ledger
from volunteer.queries.ledger import total_of
from volunteer.queries.tickets import (
    TicketFilter,
    due_tickets,
    my_ticket,
    my_tickets,
    ticket_story,
    tickets_page,
)

LATER = clock("10:00")
TIMES = Said(
    TicketTopic.TIMES, "我七点半就到了", clock("07:30"), clock("08:30"), "群里有照片", "陈静"
)


def on_day(days: int, hour: int = 10) -> datetime:
    return beijing(MONDAY + timedelta(days=days), hour * 60)


class Office(Scene):
    """A settled shift: Wang Fang came late, Chen Jing led, Liu Yang accepted and has no record."""

    def __init__(self) -> None:
        super().__init__()
        self.absent = a_volunteer(self.city.unit, "刘洋")
        self.absent_account = an_account(volunteer=self.absent)
        an_assignment(self.shift, self.absent)
        self.scan("07:45")
        self.scan("08:31", StampKind.OUT)
        done = settle_shift(
            self.actor(self.city.organizer), shift_id=self.shift.id, at=clock("09:00")
        )
        self.record = done.records[0]
        db.session.commit()

    @property
    def organizer(self) -> Actor:
        return self.actor(self.city.organizer)

    @property
    def district(self) -> Actor:
        return self.actor(self.city.district_admin)

    @property
    def office(self) -> Actor:
        return self.actor(self.city.city_admin)

    def ask(self, said: Said = TIMES, at: datetime = LATER) -> Ticket:
        ticket = object_to_record(self.person, record_id=self.record.id, said=said, at=at)
        db.session.commit()
        return ticket

    def uphold(self, ticket: Ticket, actor: Actor | None = None, **given: Any) -> Ticket:
        values = {
            "ticket_id": ticket.id,
            "version": ticket.version,
            "came_at": clock("07:30"),
            "went_at": clock("08:30"),
            "answer": "带队证实",
            "at": clock("11:00"),
        }
        done = uphold_times(actor or self.organizer, **{**values, **given})
        db.session.commit()
        return done

    def refuse(self, ticket: Ticket, actor: Actor | None = None, **given: Any) -> Ticket:
        values = {
            "ticket_id": ticket.id,
            "version": ticket.version,
            "answer": "监控显示 7:45 到",
            "at": clock("11:00"),
        }
        done = refuse_ticket(actor or self.organizer, **{**values, **given})
        db.session.commit()
        return done


@pytest.fixture
def office(app: Any) -> Office:
    return Office()


def topics(account: Any) -> list[str]:
    return list(db.session.scalars(select(Message.title).where(Message.account_id == account.id)))


def story(ticket: Ticket) -> list[TicketStep]:
    return list(
        db.session.scalars(
            select(TicketEvent.event)
            .where(TicketEvent.ticket_id == ticket.id)
            .order_by(TicketEvent.id)
        )
    )


def test_an_objection_is_written_down_and_the_desk_is_told(office: Office) -> None:
    ticket = office.ask()
    assert (ticket.state, ticket.level) == (TicketState.OPEN, TicketLevel.UNIT)
    assert ticket.due_on == date(2026, 11, 30)
    assert story(ticket) == [TicketStep.ASKED]
    assert "有一件申诉等您答复" in topics(office.city.organizer)
    assert topics(office.city.other_organizer) == []
    assert "申诉已提出" in topics(office.city.volunteer_account)
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "ticket_asked")).one()
    assert (line.unit_id, line.subject) == (office.city.unit.id, "ticket")
    with refused("already_asked"):
        office.ask()


def test_adopting_reverses_and_enters_anew(office: Office) -> None:
    before = total_of(office.city.volunteer.id).minutes
    done = office.uphold(office.ask())
    assert done.state is TicketState.UPHELD
    assert (before, total_of(office.city.volunteer.id).minutes) == (45, 60)
    kinds = list(db.session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.seq)))
    assert kinds == [EntryKind.CREDIT, EntryKind.REVERSAL, EntryKind.CREDIT]
    result = db.session.get(ServiceRecord, done.result_record_id)
    assert result is not None
    assert (result.version, result.grade) == (2, Grade.D)
    assert verify_ledger().is_sound
    assert story(done) == [TicketStep.ASKED, TicketStep.UPHELD]
    assert "申诉已采纳" in topics(office.city.volunteer_account)


def test_it_was_somebody_else(office: Office) -> None:
    ticket = office.ask(Said(TicketTopic.NOT_MINE, "那天我没有去"))
    uphold_void(
        office.organizer,
        ticket_id=ticket.id,
        version=ticket.version,
        answer="确认扫错了人",
        at=clock("11:00"),
    )
    assert total_of(office.city.volunteer.id).minutes == 0


def test_a_refusal_goes_up_twice_and_no_further(office: Office) -> None:
    ticket = office.refuse(office.ask())
    assert ticket.appeal_until == MONDAY + timedelta(days=7)
    with refused("words_needed"):
        appeal_ticket(office.person, ticket_id=ticket.id, words="", at=clock("12:00"))
    appeal_ticket(office.person, ticket_id=ticket.id, words="监控看的不是我", at=clock("12:00"))
    assert (ticket.state, ticket.level) == (TicketState.ESCALATED, TicketLevel.DISTRICT)
    assert "有一件再申诉等您答复" in topics(office.city.district_admin)
    with refused("level_above") as no:
        office.uphold(ticket)
    assert no.value.status == 403
    office.refuse(ticket, office.district)
    appeal_ticket(office.person, ticket_id=ticket.id, words="请市里再看", at=clock("13:00"))
    assert ticket.level is TicketLevel.CITY
    with refused("level_above"):
        office.refuse(ticket, office.district)
    office.refuse(ticket, office.office)
    with refused("no_level_above"):
        appeal_ticket(office.person, ticket_id=ticket.id, words="还是不服", at=clock("14:00"))


def test_an_old_refusal_is_not_appealed_while_a_new_objection_is_open(office: Office) -> None:
    old = office.refuse(office.ask())
    office.ask()
    assert not my_ticket(office.person, old.id, at=clock("12:00")).may_appeal
    with refused("already_asked"):
        appeal_ticket(office.person, ticket_id=old.id, words="请上级再看", at=clock("12:00"))


def test_who_answered_does_not_answer_the_appeal(office: Office) -> None:
    ticket = office.refuse(office.ask(), office.office)
    appeal_ticket(office.person, ticket_id=ticket.id, words="请换人再看", at=clock("12:00"))
    with refused("answered_before") as no:
        office.uphold(ticket, office.office)
    assert no.value.status == 403
    office.uphold(ticket, office.district)


def test_nobody_decides_on_the_own_hours(office: Office) -> None:
    """I7: an organizer who serves sees the own objection decided by somebody else."""
    own = an_account(Role.ORGANIZER, unit=office.city.unit)
    office.absent_account.volunteer_id = None
    db.session.flush()
    own.volunteer_id = office.absent.id
    db.session.flush()
    me = office.actor(own)
    ticket = object_to_missing(
        me,
        shift_id=office.shift.id,
        said=Said(TicketTopic.MISSING, "我在现场的", clock("07:30"), clock("08:30")),
        at=LATER,
    )
    db.session.commit()
    for act in (office.uphold, office.refuse):
        with refused("own_case") as no:
            act(ticket, me)
        assert no.value.status == 403
    assert topics(own).count("有一件申诉等您答复") == 0


def test_a_unit_whose_only_organizer_is_the_person_is_passed_over(office: Office) -> None:
    office.city.volunteer_account.volunteer_id = None
    db.session.flush()
    office.city.organizer.volunteer_id = office.city.volunteer.id
    db.session.flush()
    ticket = object_to_record(office.organizer, record_id=office.record.id, said=TIMES, at=LATER)
    assert (ticket.level, ticket.state) == (TicketLevel.DISTRICT, TicketState.ESCALATED)


def test_a_missing_record_needs_a_seat_that_was_not_declined(office: Office) -> None:
    said = Said(TicketTopic.MISSING, "我在现场的", clock("07:30"), clock("08:30"))
    me = office.actor(office.absent_account)
    with refused("has_record"):
        object_to_missing(office.person, shift_id=office.shift.id, said=said, at=LATER)
    with refused("not_found"):
        object_to_missing(
            office.actor(office.city.other_volunteer_account),
            shift_id=office.shift.id,
            said=said,
            at=LATER,
        )
    seat = db.session.scalars(
        select(type(office.seat)).where(type(office.seat).volunteer_id == office.absent.id)
    ).one()
    seat.state = AssignmentState.DECLINED
    db.session.flush()
    with refused("not_found"):
        object_to_missing(me, shift_id=office.shift.id, said=said, at=LATER)
    seat.state = AssignmentState.EXPIRED
    db.session.flush()
    assert object_to_missing(me, shift_id=office.shift.id, said=said, at=LATER).record_id is None


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said(TicketTopic.TIMES, "啊", clock("07:30"), clock("08:30")), "words_needed"),
        (Said(TicketTopic.TIMES, "时间不对呀"), "times_needed"),
        (Said(TicketTopic.TIMES, "时间不对呀", clock("08:30"), clock("07:30")), "out_before_in"),
        (Said(TicketTopic.TIMES, "时间不对呀", clock("02:00"), clock("08:30")), "far_from_plan"),
        (Said(TicketTopic.TIMES, "时间不对呀", clock("07:30"), clock("11:00")), "in_future"),
    ],
)
def test_what_cannot_be_is_not_asked(office: Office, said: Said, code: str) -> None:
    with refused(code):
        office.ask(said)


def test_the_window_and_the_newest_version(office: Office) -> None:
    with refused("objection_over"):
        office.ask(at=beijing(date(2026, 12, 8), 600))
    ticket = office.ask(at=beijing(date(2026, 12, 7), 600))
    office.uphold(ticket, at=beijing(date(2026, 12, 7), 700))
    with refused("not_newest"):
        office.ask()
    with refused("not_found"):
        object_to_record(
            office.actor(office.absent_account), record_id=office.record.id, said=TIMES, at=LATER
        )


def test_overdue_goes_up_with_a_reminder_before(office: Office) -> None:
    ticket = office.ask()
    assert due_tickets(at=on_day(0)) == []
    assert tend_ticket(ticket.id, at=on_day(0)) == ""
    assert due_tickets(at=on_day(4)) == [ticket.id]
    assert tend_ticket(ticket.id, at=on_day(4)) == "reminded"
    assert tend_ticket(ticket.id, at=on_day(4)) == ""
    assert tend_ticket(ticket.id, at=on_day(7)) == ""
    assert tend_ticket(ticket.id, at=on_day(8)) == "escalated"
    assert tend_ticket(ticket.id, at=on_day(8)) == ""
    assert (ticket.level, ticket.due_on) == (TicketLevel.DISTRICT, date(2026, 12, 8))
    assert "一件申诉逾期未办，转到您这里" in topics(office.city.district_admin)
    assert tend_ticket(ticket.id, at=on_day(16)) == "escalated"
    assert ticket.level is TicketLevel.CITY
    assert tend_ticket(ticket.id, at=on_day(30)) == "late"
    told = topics(office.city.city_admin).count("一件申诉已经超期")
    assert tend_ticket(ticket.id, at=on_day(30)) == "late"
    assert topics(office.city.city_admin).count("一件申诉已经超期") == told == 1
    assert story(ticket) == [
        TicketStep.ASKED,
        TicketStep.REMINDED,
        TicketStep.ESCALATED,
        TicketStep.ESCALATED,
    ]
    office.uphold(ticket, office.office, at=on_day(30, 11))


def test_withdrawing_frees_the_seat_for_another(office: Office) -> None:
    ticket = office.ask()
    with refused("not_found"):
        withdraw_ticket(office.actor(office.absent_account), ticket_id=ticket.id, at=LATER)
    withdraw_ticket(office.person, ticket_id=ticket.id, at=LATER)
    db.session.commit()
    with refused("already_answered"):
        office.uphold(ticket)
    assert office.ask().id != ticket.id
    assert len(my_tickets(office.person, at=LATER)) == 2


def test_the_desk_decides_with_reason_right_and_the_newest_page(office: Office) -> None:
    ticket = office.ask()
    for account, code in (
        (office.city.other_organizer, "not_yours"),
        (office.city.auditor, "not_allowed"),
        (office.leader_account, "not_allowed"),
    ):
        with refused(code):
            office.refuse(ticket, office.actor(account))
    with refused("reason_needed"):
        office.refuse(ticket, answer=" ")
    with refused("changed_meanwhile"):
        office.refuse(ticket, version=ticket.version - 1)
    with refused("not_found"):
        office.refuse(ticket, ticket_id=10**6)


def test_the_list_knows_what_waits_and_what_is_late(office: Office) -> None:
    ticket = office.ask()
    page = tickets_page(office.organizer, TicketFilter(), at=on_day(8))
    assert (page.total, page.open, page.late) == (1, 1, 1)
    assert page.lines[0].days_left == -1
    assert tickets_page(office.organizer, TicketFilter(q="wf"), at=on_day(1)).total == 1
    assert tickets_page(office.organizer, TicketFilter(q="赵"), at=on_day(1)).total == 0
    assert tickets_page(office.organizer, TicketFilter(stand="done"), at=on_day(1)).total == 0
    stranger = office.actor(office.city.other_organizer)
    assert tickets_page(stranger, TicketFilter(stand="all"), at=on_day(1)).total == 0
    with refused("not_found"):
        ticket_story(stranger, ticket.id, at=LATER)
    assert ticket_story(office.organizer, ticket.id, at=LATER).may_decide
    assert not ticket_story(office.actor(office.city.auditor), ticket.id, at=LATER).may_decide


def test_two_answers_at_once_are_one_answer_and_a_409(app: Flask) -> None:
    office = Office()
    ticket = office.ask()
    desks = (office.organizer, office.district)
    number, version = ticket.id, ticket.version
    db.session.remove()
    outcomes: list[str] = []
    barrier = threading.Barrier(8)

    def decide(turn: int) -> None:
        with app.app_context():
            barrier.wait(30)
            try:
                with unit_of_work():
                    if turn % 2:
                        refuse_ticket(
                            desks[turn % 4 // 2],
                            ticket_id=number,
                            version=version,
                            answer="不属实",
                            at=clock("11:00"),
                        )
                    else:
                        uphold_times(
                            desks[turn % 4 // 2],
                            ticket_id=number,
                            version=version,
                            came_at=clock("07:30"),
                            went_at=clock("08:30"),
                            answer="属实",
                            at=clock("11:00"),
                        )
                outcomes.append("done")
            except Refused as no:
                outcomes.append(f"{no.code} {no.status}")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=decide, args=(turn,)) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes.count("done") == 1
    assert set(outcomes) == {"done", "already_answered 409"}
    answers = db.session.scalar(
        select(func.count())
        .select_from(TicketEvent)
        .where(TicketEvent.event.in_([TicketStep.UPHELD, TicketStep.REFUSED]))
    )
    assert answers == 1
    assert verify_ledger().is_sound
