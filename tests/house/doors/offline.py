"""Doors of volunteer/views/offline.py, organizer/deferred.py and organizer/paper_roll.py."""

import itertools
from datetime import timedelta
from typing import Any

from tests.builders import City, a_shift, a_volunteer, an_activity, an_assignment
from tests.house.doors import DESK, EVERYONE, READERS, SIGNED_IN, Door
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
from volunteer.domain.timekeeping import local_date, now
from volunteer.models.attendance import CheckIn, DeferredStamp
from volunteer.models.base import db
from volunteer.models.people import Unit

OTHERS = frozenset({"other_organizer"})
_serial = itertools.count(1)


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A shift of the unit that runs now, one deferred stamp that waits, and a seat on which two do not fit."""
    at, number = now(), next(_serial)
    day = {"on": local_date(at), "start": "00:00", "end": "23:59"}
    shift = a_shift(an_activity(unit), city.point, corner=f"d{number}-{at.timestamp()}", **day)
    late, odd = a_volunteer(unit), a_volunteer(unit)
    an_assignment(shift, late)
    seat = an_assignment(shift, odd)
    shared: dict[str, Any] = {
        "digest": "0" * 64,
        "source": DeferredSource.OWN,
        "act": DeferredAct.IN,
        "account_id": city.volunteer_account.id,
        "shift_id": shift.id,
        "device_at": at - timedelta(hours=26),
        "offset_seconds": 0,
        "claimed_at": at - timedelta(minutes=2),
        "received_at": at,
        "way": Way.ROTATING_CODE,
        "grade": Grade.C,
        "signals": ["offline"],
    }
    waiting = DeferredStamp(
        **shared,
        nonce=f"door-{number}-{at.timestamp()}",
        volunteer_id=late.id,
        problems=["late", "no_code"],
        problem=DeferredProblem.LATE,
        state=DeferredState.WAITING,
        fits_code=True,
    )
    db.session.add(waiting)
    for which in (1, 2):
        stamp = CheckIn(
            assignment_id=seat.id,
            shift_id=shift.id,
            volunteer_id=odd.id,
            kind=StampKind.IN,
            round=which,
            at=at - timedelta(minutes=which),
            received_at=at,
            way=Way.ROLL_CALL,
            grade=Grade.D,
            nonce=f"odd-{number}-{which}-{at.timestamp()}",
            signals=["offline"],
            by_account_id=city.organizer.id,
        )
        db.session.add(stamp)
        db.session.flush()
        db.session.add(
            DeferredStamp(
                **shared,
                nonce=stamp.nonce,
                volunteer_id=odd.id,
                problems=[],
                state=DeferredState.RECORDED,
                conflict=DeferredConflict.DUPLICATE,
                stamp_id=stamp.id,
            )
        )
    db.session.flush()
    return {"shift": shift.id, "deferred": waiting.id, "odd": odd.id, "late": late.id}


def act(name: str, address: str, **form: str) -> Door:
    """One act of the desk: another unit's does not find it."""
    return Door(
        f"deferred.{name}", f"/onsite/deferred/{address}", DESK, "POST", strangers=OTHERS, form=form
    )


DOORS = [
    Door("offline.contact", "/offline/contact", SIGNED_IN),
    Door("offline.roll", "/offline/roll/{shift}", DESK, strangers=OTHERS),
    Door("offline.take_in", "/offline/items", SIGNED_IN, "POST"),
    Door("offline.duty_shell", "/offline/duty", EVERYONE),
    Door("offline.site_shell", "/offline/site", EVERYONE),
    Door("offline.worker", "/service-worker.js", EVERYONE),
    Door("deferred.waiting", "/onsite/deferred", READERS | OTHERS),
    Door("deferred.conflicts", "/onsite/deferred/conflicts", READERS | OTHERS),
    Door("deferred.everything", "/onsite/deferred/all", READERS | OTHERS),
    act("accept", "{deferred}/accept", reason="带队证实"),
    act("decline", "{deferred}/decline", reason="人不在现场"),
    act("settle", "seat/{shift}/{odd}", reason="核对"),
    Door("paper_roll.paper", "/onsite/{shift}/paper", DESK, strangers=OTHERS),
    Door(
        "paper_roll.enter",
        "/onsite/{shift}/paper",
        DESK,
        "POST",
        strangers=OTHERS,
        form={"people": "1", "reason": "全程没有网络", "nonce": "nonce-of-the-paper"},
    ),
]
