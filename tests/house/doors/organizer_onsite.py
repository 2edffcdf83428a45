"""Doors of volunteer/views/organizer/onsite.py and onsite_acts.py."""

from typing import Any

from tests.builders import City, a_shift, a_volunteer, an_activity, an_assignment
from tests.house.doors import DESK, READERS, Door
from volunteer.domain.terms import Grade, StampKind, Way
from volunteer.domain.timekeeping import local_date, now
from volunteer.domain.token import personal_code
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.people import Unit

OTHERS = frozenset({"other_organizer"})


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A shift of the unit that runs now, with somebody in, somebody out and somebody to be added."""
    at = now()
    activity = an_activity(unit)
    shift = a_shift(
        activity,
        city.point,
        on=local_date(at),
        start="00:00",
        end="23:59",
        corner=f"o{at.timestamp()}",
    )
    over = a_shift(
        activity,
        city.point,
        on=local_date(at),
        start="00:00",
        end="00:01",
        corner=f"v{at.timestamp()}",
    )
    over.ends_at = over.starts_at.replace(year=2026, month=1, day=2)
    over.starts_at = over.starts_at.replace(year=2026, month=1, day=1)
    here, absent = a_volunteer(unit), a_volunteer(unit)
    seat = an_assignment(shift, here)
    an_assignment(shift, absent)
    stamp = CheckIn(
        assignment_id=seat.id,
        shift_id=shift.id,
        volunteer_id=here.id,
        kind=StampKind.IN,
        at=at,
        received_at=at,
        way=Way.ROTATING_CODE,
        grade=Grade.A,
        nonce=f"site-{seat.id}",
        by_account_id=None,
    )
    db.session.add(stamp)
    db.session.flush()
    return {
        "shift": shift.id,
        "over": over.id,
        "here": here.id,
        "absent": absent.id,
        "new": a_volunteer(unit).id,
        "stamp": stamp.id,
        "token": personal_code(absent.personal_secret, absent.id, at),
    }


def act(name: str, address: str, **form: str) -> Door:
    """One act on site: the desk of the unit may, another unit's does not find it."""
    return Door(
        f"onsite_acts.{name}",
        f"/onsite/{{shift}}/{address}",
        DESK,
        "POST",
        strangers=OTHERS,
        form={"nonce": "nonce-of-the-site", **form},
    )


DOORS = [
    Door("onsite.today", "/onsite", READERS | OTHERS),
    Door("onsite.shift", "/onsite/{shift}", READERS, strangers=OTHERS),
    Door("onsite.code", "/onsite/{shift}/code", DESK, strangers=OTHERS),
    Door("onsite.people", "/onsite/{shift}/people", READERS, strangers=OTHERS),
    Door("onsite.person", "/onsite/{shift}/person/{here}", READERS, strangers=OTHERS),
    Door("onsite.add", "/onsite/{shift}/add", DESK, strangers=OTHERS),
    Door("onsite.scanned", "/onsite/scanned/{token}", DESK | OTHERS),
    act("call_roll", "roll", people="1", kind="in"),
    act("scan", "scan", scanned="123456"),
    act("force", "person/{absent}/force", reason="手机没电", kind="in"),
    act("excuse", "person/{absent}/excuse", reason="生病请假"),
    act("absent", "person/{absent}/absent"),
    act("clear", "person/{absent}/clear"),
    act("undo", "stamps/{stamp}/undo", reason="扫错了人"),
    act("add", "add/{new}", reason="帮忙"),
    act("declare_failure", "failure", people="1", reason="没有网络"),
    act("record_outcome", "outcome"),
    Door("onsite_acts.settle", "/onsite/{over}/settle", DESK, "POST", strangers=OTHERS),
]
