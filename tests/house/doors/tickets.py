"""Doors of views/me/{tickets,make_ups,recap}.py, organizer/{tickets,make_ups,recording}.py and register.py."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from tests.builders import City, a_shift, a_volunteer, an_activity, an_assignment
from tests.house.doors import DESK, EVERYONE, OFFICES, READERS, Door
from volunteer.domain.terms import (
    Grade,
    MakeUpCause,
    MakeUpState,
    ShiftState,
    Source,
    TicketLevel,
    TicketState,
    TicketTopic,
)
from volunteer.domain.timekeeping import local_date, now
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Account, Unit
from volunteer.models.tickets import MakeUp, Ticket, TicketEvent

ME = frozenset({"volunteer_account"})
STRANGER = frozenset({"other_volunteer_account"})
OTHER = frozenset({"other_organizer"})
WORDS = "我确实在现场"
TIMES = {"came": "07:30", "went": "08:30"}


def _record(shift: Shift, unit: Unit, city: City, seat: Any, volunteer: Any) -> ServiceRecord:
    record = ServiceRecord(
        assignment_id=seat.id,
        volunteer_id=volunteer.id,
        unit_id=unit.id,
        recording_unit_id=unit.id,
        activity_id=shift.activity_id,
        shift_id=shift.id,
        kind_id=city_kind(shift),
        district_id=city.district.id,
        nature="volunteer",
        service_on=shift.service_on,
        place=city.point.name,
        content="劝导",
        person_in_charge="李主任",
        first_in_at=shift.starts_at + timedelta(minutes=20),
        last_out_at=shift.ends_at,
        attended_minutes=40,
        served_minutes=40,
        credited_minutes=40,
        grade=Grade.A,
        source=Source.QR,
        rule_version="2026.1",
        arithmetic=[{"code": "result", "minutes": 40, "template": "认定 40 分钟", "values": {}}],
        settled_at=now(),
    )
    db.session.add(record)
    db.session.flush()
    return record


def city_kind(shift: Shift) -> int:
    """The kind of a shift's activity."""
    from volunteer.models.activities import Activity

    activity = db.session.get(Activity, shift.activity_id)
    assert activity is not None
    return activity.kind_id


def _shift(city: City, unit: Unit, corner: str) -> Shift:
    """A settled shift of yesterday."""
    at = now()
    on = local_date(at) - timedelta(days=1)
    shift: Shift = a_shift(
        an_activity(unit),
        city.point,
        on=on,
        start="07:30",
        end="08:30",
        corner=f"{corner}{at.timestamp()}"[:20],
        state=ShiftState.SETTLED,
        settled_at=at,
        leader_id=None,
    )
    return shift


def _ticket(city: City, unit: Unit, record: ServiceRecord, state: TicketState) -> Ticket:
    live = state is TicketState.OPEN
    row = Ticket(
        volunteer_id=record.volunteer_id,
        assignment_id=record.assignment_id,
        shift_id=record.shift_id,
        record_id=record.id,
        unit_id=unit.id,
        district_id=unit.district_id,
        topic=TicketTopic.TIMES,
        words="我 7:30 就到了，二维码当时打不开",
        wanted_in=record.first_in_at,
        wanted_out=record.last_out_at,
        evidence="工作群有合影",
        witnesses="陈静",
        state=state,
        level=TicketLevel.UNIT,
        due_on=local_date(now()),
        appeal_until=None if live else local_date(now()) + timedelta(days=5),
        answer="" if live else "监控显示 7:50 到",
        asked_at=now(),
        live_seat_id=record.assignment_id if live else None,
    )
    db.session.add(row)
    db.session.flush()
    db.session.add(
        TicketEvent(ticket_id=row.id, at=now(), by_name="王芳", event="asked", words=row.words)
    )
    return row


def _make_up(city: City, unit: Unit, shift: Shift, who: Any, state: MakeUpState) -> MakeUp:
    seat = an_assignment(shift, who)
    today = local_date(now())
    above = state in (MakeUpState.REVIEW, MakeUpState.ANNOUNCED)
    row = MakeUp(
        volunteer_id=who.id,
        assignment_id=seat.id,
        shift_id=shift.id,
        unit_id=unit.id,
        district_id=unit.district_id,
        month=date(2020, 1, 1),  # counts against no quota
        came_at=shift.starts_at,
        went_at=shift.ends_at,
        minutes=60,
        cause=MakeUpCause.PHONE,
        words="手机没电，一直在北口",
        evidence="纸质签到表",
        asked_at=now(),
        asked_by_volunteer_id=who.id,
        state=state,
        level=TicketLevel.DISTRICT if above else TicketLevel.UNIT,
        due_on=today,
        announced_on=today if state is MakeUpState.ANNOUNCED else None,
        announced_until=today + timedelta(days=7) if state is MakeUpState.ANNOUNCED else None,
        live_seat_id=seat.id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def things(city: City, unit: Unit) -> dict[str, Any]:
    """Records, objections and make-up requests of the unit's volunteer, in each state that a door needs."""
    me = city.volunteer
    plain = _shift(city, unit, "a")
    record = _record(plain, unit, city, an_assignment(plain, me), me)
    open_shift = _shift(city, unit, "b")
    asked = _ticket(
        city,
        unit,
        _record(open_shift, unit, city, an_assignment(open_shift, me), me),
        TicketState.OPEN,
    )
    no_shift = _shift(city, unit, "c")
    refused = _ticket(
        city,
        unit,
        _record(no_shift, unit, city, an_assignment(no_shift, me), me),
        TicketState.REFUSED,
    )
    missing = _shift(city, unit, "d")
    an_assignment(missing, me)
    mate = a_volunteer(unit, "刘洋")
    an_assignment(missing, mate)
    own = {
        name: _make_up(city, unit, _shift(city, unit, name), me, MakeUpState(name))
        for name in ("asked", "review", "announced")
    }
    vouched = _shift(city, unit, "e")
    _record(vouched, unit, city, an_assignment(vouched, me), me)
    waits = _make_up(city, unit, vouched, a_volunteer(unit, "赵敏"), MakeUpState.WITNESS)
    return {
        "record": record.id,
        "ticket": asked.id,
        "ticket_version": asked.version,
        "refused": refused.id,
        "missing": missing.id,
        "mate": mate.id,
        "asked": own["asked"].id,
        "review": own["review"].id,
        "announced": own["announced"].id,
        "witness": waits.id,
        "month": f"{plain.service_on:%Y-%m}",
        "account": db.session.scalar(select(Account.id).where(Account.volunteer_id == me.id)),
    }


SAID = {"topic": "times", "words": WORDS, **TIMES}
CLAIM = {"cause": "phone", "words": WORDS, "evidence": "纸质签到表", **TIMES}
ANSWER = {"answer": "带队证实", "version": "1", **TIMES}

DOORS = [
    Door("my_tickets.listing", "/me/tickets", ME | STRANGER),
    Door("my_tickets.new", "/me/tickets/new?record={record}", ME, strangers=STRANGER),
    Door(
        "my_tickets.create",
        "/me/tickets/new?record={record}",
        ME,
        "POST",
        strangers=STRANGER,
        form=SAID,
    ),
    Door("my_tickets.show", "/me/tickets/{refused}", ME, strangers=STRANGER),
    Door("my_tickets.withdraw", "/me/tickets/{ticket}/withdraw", ME, "POST", strangers=STRANGER),
    Door(
        "my_tickets.appeal",
        "/me/tickets/{refused}/appeal",
        ME,
        "POST",
        strangers=STRANGER,
        form={"words": "请上级再看看"},
    ),
    Door("my_make_ups.find", "/me/make-ups/find", ME | STRANGER),
    Door("my_make_ups.new", "/me/make-ups/new/{missing}", ME | STRANGER),
    Door(
        "my_make_ups.create",
        "/me/make-ups/new/{missing}",
        ME | STRANGER,
        "POST",
        form=CLAIM,
    ),
    Door("my_make_ups.show", "/me/make-ups/{announced}", ME, strangers=STRANGER),
    Door("my_make_ups.withdraw", "/me/make-ups/{asked}/withdraw", ME, "POST", strangers=STRANGER),
    Door("my_make_ups.witness", "/me/make-ups/{witness}/witness", ME, strangers=STRANGER),
    Door("my_make_ups.seen", "/me/make-ups/{witness}/seen", ME, "POST", strangers=STRANGER),
    Door("my_make_ups.not_seen", "/me/make-ups/{witness}/not-seen", ME, "POST", strangers=STRANGER),
    Door("recap.newest", "/me/recap", ME | STRANGER),
    Door("recap.show", "/me/recap/{month}", ME | STRANGER),
    Door("recap.confirm_all", "/me/recap/{month}/confirm", ME | STRANGER, "POST"),
    Door("recap.confirm", "/me/recap/records/{record}/confirm", ME, "POST", strangers=STRANGER),
    Door("tickets.listing", "/tickets", READERS | OTHER),
    Door("tickets.show", "/tickets/{ticket}", READERS, strangers=OTHER),
    Door("tickets.uphold", "/tickets/{ticket}/uphold", DESK, "POST", strangers=OTHER, form=ANSWER),
    Door("tickets.refuse", "/tickets/{ticket}/refuse", DESK, "POST", strangers=OTHER, form=ANSWER),
    Door("make_ups.listing", "/make-ups", READERS | OTHER),
    Door("make_ups.show", "/make-ups/{review}", READERS, strangers=OTHER),
    Door("make_ups.endorse", "/make-ups/{asked}/endorse", DESK, "POST", strangers=OTHER),
    Door(
        "make_ups.approve",
        "/make-ups/{review}/approve",
        OFFICES,
        "POST",
        strangers=OTHER,
        form={"version": "1", "reason": "核实"},
    ),
    Door(
        "make_ups.refuse",
        "/make-ups/{asked}/refuse",
        DESK,
        "POST",
        strangers=OTHER,
        form={"version": "1", "reason": "没有到岗"},
    ),
    Door("make_ups.choose", "/make-ups/for/{missing}", DESK, strangers=OTHER),
    Door("make_ups.new", "/make-ups/for/{missing}/{mate}", DESK, strangers=OTHER),
    Door(
        "make_ups.create",
        "/make-ups/for/{missing}/{mate}",
        DESK,
        "POST",
        strangers=OTHER,
        form=CLAIM,
    ),
    Door("recording.listing", "/recording", READERS | OTHER),
    Door("register.listing", "/register", EVERYONE),
    Door("register.show", "/register/{announced}", EVERYONE),
    Door(
        "register.contest",
        "/register/{announced}",
        EVERYONE,
        "POST",
        form={"words": "那天没有看到这个人"},
    ),
]
