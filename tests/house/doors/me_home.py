"""Doors of volunteer/views/me/home.py, scan.py, record.py and messages.py: each person's own."""

from typing import Any

from sqlalchemy import select

from tests.builders import City, a_shift, an_activity, an_assignment
from tests.house.doors import SIGNED_IN, Door
from volunteer.domain.terms import AssignmentState, Grade, StampKind, Way
from volunteer.domain.timekeeping import local_date, now
from volunteer.domain.token import rotating_code
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.journal import Message
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Account, Unit

PEOPLE = frozenset({"volunteer_account", "other_volunteer_account"})
ME = frozenset({"volunteer_account"})
OTHER = frozenset({"other_volunteer_account"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A duty that the volunteer of the unit may answer, a stamp of a minute ago, a record, a message."""
    at = now()
    activity = an_activity(unit)
    shift = a_shift(
        activity,
        city.point,
        on=local_date(at),
        start="23:00",
        end="23:59",
        corner=str(at.timestamp()),
    )
    seat = an_assignment(shift, city.volunteer, AssignmentState.PROPOSED)
    stamp = CheckIn(
        assignment_id=seat.id,
        shift_id=shift.id,
        volunteer_id=city.volunteer.id,
        kind=StampKind.IN,
        at=at,
        received_at=at,
        way=Way.ROTATING_CODE,
        grade=Grade.A,
        nonce=f"door-{seat.id}",
        by_account_id=city.volunteer_account.id,
    )
    record = ServiceRecord(
        assignment_id=seat.id,
        volunteer_id=city.volunteer.id,
        unit_id=unit.id,
        recording_unit_id=unit.id,
        activity_id=activity.id,
        shift_id=shift.id,
        kind_id=activity.kind_id,
        district_id=city.district.id,
        nature=activity.nature,
        service_on=local_date(at),
        place="路口",
        content="劝导",
        person_in_charge="李主任",
        attended_minutes=60,
        served_minutes=60,
        credited_minutes=60,
        pending_minutes=20,
        pending=[{"why": "overtime", "tier": "unit", "minutes": 20}],
        grade=Grade.A,
        source="qr",
        rule_version="2026.1",
        arithmetic=[
            {"code": "result", "minutes": 60, "template": "认定 60 分钟", "values": {}},
        ],
        settled_at=at,
    )
    account = db.session.scalars(
        select(Account).where(Account.volunteer_id == city.volunteer.id)
    ).one()
    message = Message(
        account_id=account.id, topic="t", title="标题", body="正文", created_at=at, due_at=at
    )
    open_shift = a_shift(
        activity,
        city.point,
        on=local_date(at),
        start="23:00",
        end="23:59",
        corner=f"b{at.timestamp()}",
    )
    an_assignment(open_shift, city.volunteer, AssignmentState.PROPOSED)
    accepted = a_shift(
        activity,
        city.point,
        on=local_date(at),
        start="21:00",
        end="23:58",
        corner=f"c{at.timestamp()}",
    )
    an_assignment(accepted, city.volunteer, AssignmentState.ACCEPTED)
    db.session.add_all([stamp, record, message])
    db.session.flush()
    token = rotating_code(city.point.secret, shift.id, StampKind.IN, at)
    city.volunteer.card_issue = 1
    return {
        "duty": shift.id,
        "open": open_shift.id,
        "accepted": accepted.id,
        "stamp": stamp.id,
        "record": record.id,
        "message": message.id,
        "token": token,
    }


DOORS = [
    Door("me.home", "/me", PEOPLE),
    Door("me.duties", "/me/duties", PEOPLE),
    Door("me.duty", "/me/duties/{duty}", ME, strangers=OTHER),
    Door("me.accept", "/me/duties/{open}/accept", ME, "POST", strangers=OTHER),
    Door("me.decline", "/me/duties/{open}/decline", ME, "POST", strangers=OTHER),
    Door("me.withdraw", "/me/duties/{accepted}/withdraw", ME, "POST", strangers=OTHER),
    Door("scan.open_scanner", "/scan", PEOPLE),
    Door("scan.by_digits", "/scan/digits", PEOPLE, "POST", form={"digits": "123456"}),
    Door("scan.land", "/c/{token}", SIGNED_IN),  # open, but leads a visitor to sign in
    Door("scan.stamp", "/c/{token}", PEOPLE, "POST", form={"nonce": "a-nonce-of-doors"}),
    Door("scan.done", "/scan/done/{stamp}", ME, strangers=OTHER),
    Door("scan.undo", "/scan/done/{stamp}/undo", ME, "POST", strangers=OTHER),
    Door("scan.my_code", "/scan/my-code", PEOPLE),
    Door("my_card.show", "/me/card", PEOPLE),
    Door("my_card.paper", "/me/card/paper", ME, strangers=PEOPLE - ME),
    Door("my_card.void", "/me/card/void", ME, "POST", strangers=PEOPLE - ME),
    Door("my_card.issue", "/me/card/issue", PEOPLE, "POST"),
    Door("record.hours", "/me/record", PEOPLE),
    Door("record.show", "/me/record/{record}", ME, strangers=OTHER),
    Door("messages.listing", "/messages", SIGNED_IN),
    Door(
        "messages.follow",
        "/messages/{message}/open",
        ME,
        "POST",
        strangers=SIGNED_IN - ME,
    ),
    Door("messages.read_all", "/messages/read", SIGNED_IN, "POST"),
]
