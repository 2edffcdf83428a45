"""The lists of objections and make-up hours send as many statements for many rows as for few."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import MONDAY, a_city, a_shift, a_volunteer, an_activity, an_assignment
from tests.counting import count_queries
from volunteer.domain.terms import MakeUpCause, MakeUpState, TicketLevel, TicketTopic
from volunteer.domain.timekeeping import beijing
from volunteer.models.base import db
from volunteer.models.tickets import MakeUp, Ticket
from volunteer.queries.accounts import actor_of
from volunteer.queries.make_ups import make_ups_page, waiting_make_ups
from volunteer.queries.register import public_register
from volunteer.queries.tickets import TicketFilter, tickets_page, waiting_tickets

AT = beijing(MONDAY + timedelta(days=1), 600)


def fill(city: Any, count: int) -> None:
    """So many objections and public make-up requests of the unit."""
    shift = a_shift(an_activity(city.unit), city.point, on=MONDAY, corner=f"{count}")
    for _ in range(count):
        person = a_volunteer(city.unit)
        seat = an_assignment(shift, person)
        shared: dict[str, Any] = {
            "volunteer_id": person.id,
            "assignment_id": seat.id,
            "shift_id": shift.id,
            "unit_id": city.unit.id,
            "district_id": city.unit.district_id,
            "words": "说明",
            "level": TicketLevel.UNIT,
            "due_on": MONDAY,
            "asked_at": AT,
            "live_seat_id": seat.id,
        }
        db.session.add(Ticket(**shared, topic=TicketTopic.MISSING))
        db.session.add(
            MakeUp(
                **shared,
                month=MONDAY.replace(day=1),
                came_at=shift.starts_at,
                went_at=shift.ends_at,
                minutes=60,
                cause=MakeUpCause.PHONE,
                evidence="照片",
                state=MakeUpState.ANNOUNCED,
                announced_on=MONDAY,
                announced_until=MONDAY,
            )
        )
    db.session.commit()


@pytest.mark.parametrize(
    "read",
    [
        lambda actor: tickets_page(actor, TicketFilter(), at=AT),
        lambda actor: make_ups_page(actor, stand="public", at=AT),
        lambda actor: waiting_tickets(actor, at=AT),
        lambda actor: waiting_make_ups(actor, at=AT),
        lambda _actor: public_register(),
    ],
    ids=["tickets", "make-ups", "waiting", "waiting-make-ups", "register"],
)
def test_many_rows_cost_what_few_do(app: Any, read: Any) -> None:
    city = a_city()
    actor = actor_of(city.organizer, at=AT)
    costs = []
    for count in (3, 60):
        fill(city, count)
        db.session.expunge_all()
        with count_queries() as sent:
            found = read(actor)
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 6
    total = found[0] if isinstance(found, tuple) else found.total
    assert total in (0, 63)
