"""Lists of the site and of hours cost the same number of statements for ten rows and for a thousand."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.builders import MONDAY, a_city, a_shift, a_volunteer, an_activity, an_assignment
from tests.counting import count_queries
from volunteer.domain.terms import AssignmentState, Grade, Nature, Source, StampKind, Way
from volunteer.domain.timekeeping import beijing
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.journal import Message
from volunteer.models.ledger import ServiceRecord
from volunteer.queries.accounts import actor_of
from volunteer.queries.duties import coming_duties, next_duty, past_duties
from volunteer.queries.ledger import my_days, my_records, my_total
from volunteer.queries.messages import my_messages
from volunteer.queries.onsite import site_people
from volunteer.queries.overdue import unsettled_shifts
from volunteer.queries.records import RecordFilter, records_of
from volunteer.queries.sites import sites_on

AT = beijing(MONDAY, 8 * 60)


class Town:
    """One unit with a number of shifts on Monday, all led and manned by the same few."""

    def __init__(self, count: int) -> None:
        self.city = a_city()
        self.activity = an_activity(self.city.unit)
        self.crowd = [a_volunteer(self.city.unit) for _ in range(3)]
        for number in range(count):
            self._shift(number)
        db.session.add_all(
            Message(
                account_id=self.city.volunteer_account.id,
                topic="t",
                title="标题",
                body="正文",
                created_at=AT,
                due_at=AT,
            )
            for _ in range(count)
        )
        db.session.commit()
        self.desk = actor_of(self.city.organizer, at=AT)
        self.person = actor_of(self.city.volunteer_account, at=AT)

    def _shift(self, number: int) -> None:
        on = MONDAY if number % 2 else MONDAY - timedelta(days=1 + number % 20)
        shift = a_shift(self.activity, self.city.point, on=on, corner=str(number))
        for person in (*self.crowd, self.city.volunteer):
            seat = an_assignment(shift, person, AssignmentState.ACCEPTED)
            if person is self.city.volunteer:
                db.session.add(self._record(seat, shift, on))
            db.session.add(
                CheckIn(
                    assignment_id=seat.id,
                    shift_id=shift.id,
                    volunteer_id=person.id,
                    kind=StampKind.IN,
                    at=shift.starts_at,
                    received_at=shift.starts_at,
                    way=Way.ROTATING_CODE,
                    grade=Grade.A,
                    nonce=f"town-{seat.id}",
                )
            )

    def _record(self, seat: Any, shift: Any, on: date) -> ServiceRecord:
        return ServiceRecord(
            assignment_id=seat.id,
            volunteer_id=seat.volunteer_id,
            unit_id=self.city.unit.id,
            recording_unit_id=self.city.unit.id,
            activity_id=self.activity.id,
            shift_id=shift.id,
            kind_id=self.activity.kind_id,
            district_id=self.city.district.id,
            nature=Nature.VOLUNTEER,
            service_on=on,
            place="路口",
            content="劝导",
            person_in_charge="李主任",
            attended_minutes=60,
            served_minutes=60,
            credited_minutes=60,
            grade=Grade.A,
            source=Source.QR,
            rule_version="2026.1",
            arithmetic=[],
            settled_at=AT,
        )


READS = {
    "sites": lambda t: sites_on(t.desk, MONDAY).lines,
    "records": lambda t: records_of(t.desk, RecordFilter()).lines,
    "unsettled": lambda t: unsettled_shifts(t.desk, at=AT + timedelta(hours=2)).lines,
    "people": lambda t: site_people(1, at=AT),
    "coming": lambda t: coming_duties(t.person, at=AT),
    "past": lambda t: past_duties(t.person, at=AT).duties,
    "next": lambda t: [next_duty(t.person, at=AT)],
    "my records": lambda t: my_records(t.person).lines,
    "my days": lambda t: [my_total(t.person), my_days(t.person, first=MONDAY, last=MONDAY)],
    "messages": lambda t: my_messages(t.person, at=AT).messages,
}
BUDGET = {
    "sites": 2,
    "records": 2,
    "unsettled": 4,
    "people": 4,
    "coming": 1,
    "past": 2,
    "next": 5,
    "my records": 2,
    "my days": 4,
    "messages": 2,
}
"""Statements for each read."""


def _costs(town: Town) -> dict[str, int]:
    costs = {}
    for name, read in READS.items():
        db.session.expire_all()
        db.session.rollback()
        with count_queries() as sent:
            assert read(town), name
        costs[name] = len(sent)
    return costs


@pytest.mark.slow
@pytest.mark.parametrize("count", [10, 1_000])
def test_a_thousand_rows_cost_what_ten_do(app: Flask, count: int) -> None:
    assert _costs(Town(count)) == BUDGET
