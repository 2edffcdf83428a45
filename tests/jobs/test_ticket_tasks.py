"""What the days do to objections, make-up hours, records and recaps: once, again without harm, by day only."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import MONDAY, a_city, a_shift, an_activity
from tests.operations.test_make_ups import Case
from tests.operations.test_tickets import Office, on_day
from tests.records import a_record
from volunteer.domain.terms import MakeUpState, TicketLevel
from volunteer.domain.timekeeping import beijing
from volunteer.jobs import queue, tasks_tickets
from volunteer.models.base import db
from volunteer.models.journal import Message
from volunteer.models.tickets import MakeUp, Ticket


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    db.session.commit()
    monkeypatch.setattr(tasks_tickets, "now", lambda: moment)


def test_the_worker_knows_every_task(app: Any) -> None:
    queue.load_tasks()
    names = [name for name, _, _ in queue.PERIODIC]
    for name in ("tickets.tend", "make_ups.tend", "recording.remind", "recap.ask"):
        assert names.count(name) == 1


def test_overdue_objections_go_up_by_day(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    number = Office().ask().id
    at(monkeypatch, on_day(8, 3))
    assert tasks_tickets.tend_tickets() == 0
    at(monkeypatch, on_day(8))
    assert tasks_tickets.tend_tickets() == 1
    assert tasks_tickets.tend_tickets() == 0
    db.session.rollback()
    ticket = db.session.get(Ticket, number)
    assert ticket is not None
    assert ticket.level is TicketLevel.DISTRICT


def test_the_register_ends_with_the_entry(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    number = Case().announced().id
    at(monkeypatch, on_day(7))
    assert tasks_tickets.tend_make_ups() == 0
    at(monkeypatch, on_day(8))
    assert tasks_tickets.tend_make_ups() == 1
    assert tasks_tickets.tend_make_ups() == 0
    db.session.rollback()
    row = db.session.get(MakeUp, number)
    assert row is not None
    assert row.state is MakeUpState.POSTED


def test_one_that_fails_does_not_stop_the_others(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def act(number: int, _at: datetime) -> bool:
        if number == 1:
            raise RuntimeError("broken row")
        return True

    assert tasks_tickets._each([1, 2, 3], act, "thing") == 2


def test_organizers_are_reminded_once(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    city = a_city()
    a_shift(an_activity(city.unit), city.point, on=MONDAY)
    at(monkeypatch, beijing(date(2026, 12, 7), 600))
    assert tasks_tickets.remind_of_recording() == 1
    assert tasks_tickets.remind_of_recording() == 0
    db.session.rollback()
    message = db.session.scalars(select(Message).where(Message.topic == "recording")).one()
    assert message.account_id == city.organizer.id


def test_the_recap_asks_on_the_first_days(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    city = a_city()
    a_record(city.unit, city.volunteer, on=MONDAY)
    at(monkeypatch, beijing(date(2026, 12, 1), 60))
    assert tasks_tickets.ask_for_recaps() == 0
    at(monkeypatch, beijing(date(2026, 12, 1), 600))
    assert tasks_tickets.ask_for_recaps() == 1
    assert tasks_tickets.ask_for_recaps() == 0
    at(monkeypatch, beijing(date(2026, 12, 1), 600) + timedelta(days=10))
    assert tasks_tickets.ask_for_recaps() == 0
