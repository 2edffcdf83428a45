"""Hours that are put right (申诉、补录): a few objections and make-up requests at different steps."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select

from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    MakeUpCause,
    ShiftState,
    TicketLevel,
    TicketTopic,
)
from volunteer.domain.timekeeping import Window
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db, unit_of_work
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Account, Unit
from volunteer.models.rosters import Assignment
from volunteer.operations.make_ups import Claim, approve_make_up, ask_for, say_seen
from volunteer.operations.tickets import Said, object_to_record, refuse_ticket
from volunteer.queries.accounts import actor_of
from volunteer.queries.deciders import deciders
from volunteer.queries.ledger import newest
from volunteer.queries.witnesses import witnesses_of

WORDS = (
    ("我 7 点半就到了，二维码一直刷不出来，后来才签上", "工作群 7:32 有合影"),
    ("签到时手机没有信号，走到路口东侧才签上", "带队和同班的人都在"),
    ("收班时帮忙收护栏，签退晚了，来的时候没有迟到", ""),
    ("到岗时间记晚了，当时先去摆反光锥", "路口监控可查"),
)
CLAIMS = (
    (MakeUpCause.PHONE, "手机没电关机了，全程在路口东北角", "纸质签到表在带队处"),
    (MakeUpCause.CODE, "签到码那天打不开，带队让先上岗", "工作群有合影"),
    (MakeUpCause.FORGOT, "到岗后直接帮忙疏导，忘了签到", "同班的人可以证明"),
)


def raise_disputes(admin: Actor, at: datetime) -> None:
    """Raise objections to late records, one of them refused; ask for make-up hours at three steps."""
    asked = at - timedelta(hours=20)
    for number, (record, shift, account) in enumerate(_late_records(asked)):
        words, evidence = WORDS[number % len(WORDS)]
        said = Said(TicketTopic.TIMES, words, shift.starts_at, shift.ends_at, evidence)
        with unit_of_work():
            ticket = object_to_record(
                actor_of(account, at=asked), record_id=record.id, said=said, at=asked
            )
            if number == 0:
                refuse_ticket(
                    admin,
                    ticket_id=ticket.id,
                    version=ticket.version,
                    answer="调看了路口监控，到岗时间与记录一致",
                    at=asked + timedelta(hours=14),
                )
    made = 0
    for seat, shift, unit_id in _missed(asked):
        if made < len(CLAIMS):
            made += _make_up(admin, seat, shift, unit_id, step=made, at=asked)


def _late_records(asked: datetime) -> list[tuple[Any, Any, Any]]:
    rows = db.session.execute(
        select(ServiceRecord, Shift, Account)
        .join(Shift, Shift.id == ServiceRecord.shift_id)
        .join(Account, Account.volunteer_id == ServiceRecord.volunteer_id)
        .where(
            ServiceRecord.late_minutes > 0,
            ServiceRecord.version == 1,
            ServiceRecord.settled_at.between(asked - timedelta(days=4), asked),
            newest(),
        )
        .order_by(ServiceRecord.id.desc())
        .limit(len(WORDS))
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _missed(asked: datetime) -> Iterable[tuple[Assignment, Shift, int]]:
    """Seats that were accepted and have no record, on shifts settled in the days before."""
    rows = db.session.execute(
        select(Assignment, Shift, Activity.unit_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(
            Assignment.state == AssignmentState.ACCEPTED,
            Shift.state == ShiftState.SETTLED,
            Shift.settled_at.between(asked - timedelta(days=5), asked),
            ~exists().where(ServiceRecord.assignment_id == Assignment.id),
        )
        .order_by(Assignment.id.desc())
        .limit(60)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _make_up(
    admin: Actor, seat: Assignment, shift: Shift, unit_id: int, *, step: int, at: datetime
) -> bool:
    """One request: asked for by the unit's organizer, then vouched for, then reviewed, as far as ``step``."""
    unit = db.session.get(Unit, unit_id)
    assert unit is not None, "an activity has a unit"
    window = Window(shift.starts_at, shift.ends_at)
    desks = deciders(TicketLevel.UNIT, unit)
    people = witnesses_of(shift.id, window, besides=(seat.volunteer_id,))
    if not desks or not people:
        return False
    cause, words, evidence = CLAIMS[step]
    try:
        with unit_of_work():
            row = ask_for(
                _actor(desks[0].account_id, at),
                shift_id=shift.id,
                volunteer_id=seat.volunteer_id,
                claim=Claim(shift.starts_at, shift.ends_at, cause, words, evidence),
                at=at,
            )
            if step:
                witness = _actor(people[0][1], at)
                say_seen(witness, make_up_id=row.id, has_seen=True, words="我们站同一角", at=at)
            if step > 1:
                approve_make_up(admin, make_up_id=row.id, version=row.version, words="属实", at=at)
    except Refused:
        return False
    return True


def _actor(account_id: int, at: datetime) -> Actor:
    account = db.session.get(Account, account_id)
    assert account is not None, "a decider has an account"
    return actor_of(account, at=at)
