"""The lists of deferred stamps ask the same few questions, however many rows there are; another unit's are not seen."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.builders import NOW, City, a_city, a_shift, a_volunteer, an_activity, an_assignment
from tests.counting import count_queries
from volunteer.domain.terms import (
    DeferredAct,
    DeferredConflict,
    DeferredProblem,
    DeferredSource,
    DeferredState,
    Grade,
    StampKind,
    Way,
)
from volunteer.models.attendance import CheckIn, DeferredStamp
from volunteer.models.base import db
from volunteer.queries.accounts import actor_of
from volunteer.queries.deferred_lists import (
    all_deferred,
    conflicts_within,
    open_counts,
    refused_deferred,
    waiting_deferred,
)


def _fill(city: City, seats: int) -> None:
    """So many people of a shift with two stamps that do not fit, one that waits and one that cannot be used."""
    shift = a_shift(an_activity(city.unit), city.point, max_heads=99)
    for number in range(seats):
        person = a_volunteer(city.unit)
        seat = an_assignment(shift, person)
        shared: dict[str, Any] = {
            "digest": "0" * 64,
            "source": DeferredSource.ROLL,
            "act": DeferredAct.IN,
            "account_id": city.organizer.id,
            "shift_id": shift.id,
            "volunteer_id": person.id,
            "device_at": NOW,
            "claimed_at": NOW,
            "received_at": NOW,
            "signals": [],
            "problems": [],
        }
        for which in (1, 2):
            stamp = CheckIn(
                assignment_id=seat.id,
                shift_id=shift.id,
                volunteer_id=person.id,
                kind=StampKind.IN,
                round=which,
                at=NOW - timedelta(minutes=which),
                received_at=NOW,
                way=Way.ROLL_CALL,
                grade=Grade.D,
                nonce=f"many-{shift.id}-{number}-{which}",
                by_account_id=None,
            )
            db.session.add(stamp)
            db.session.flush()
            db.session.add(
                DeferredStamp(
                    **shared,
                    nonce=stamp.nonce,
                    state=DeferredState.RECORDED,
                    conflict=DeferredConflict.DUPLICATE,
                    stamp_id=stamp.id,
                )
            )
        for state in (DeferredState.WAITING, DeferredState.REFUSED):
            db.session.add(
                DeferredStamp(
                    **shared,
                    nonce=f"{state.value}-{shift.id}-{number}",
                    state=state,
                    problem=DeferredProblem.LATE,
                )
            )
    db.session.commit()


READS = {
    "waiting": lambda actor: waiting_deferred(actor).lines,
    "conflicts": lambda actor: conflicts_within(actor)[0],
    "all": lambda actor: all_deferred(actor, at=NOW).lines,
    "refused": lambda actor: refused_deferred(actor, at=NOW).lines,
    "counts": open_counts,
}


@pytest.mark.parametrize("name", READS)
def test_the_count_of_statements_does_not_grow(app: Flask, name: str) -> None:
    city = a_city()
    counts = []
    for more in (2, 30):
        _fill(city, more)
        db.session.expire_all()
        actor = actor_of(city.organizer, at=NOW)
        with count_queries() as sent:
            found = READS[name](actor)
        counts.append(len(sent))
        assert found
    assert counts[0] == counts[1] <= 4
    with_other = READS[name](actor_of(city.other_organizer, at=NOW))
    assert not with_other or with_other == (0, 0)
