"""The recap of a month (上月服务小结): what was recorded, what is missing, what the person said to it."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.terms import Nature, ShiftState
from volunteer.domain.ticket import CAME, LIVE, objection_closes_on
from volunteer.domain.timekeeping import local_date
from volunteer.models.activities import Activity, ActivityKind, Shift
from volunteer.models.base import db
from volunteer.models.journal import Message
from volunteer.models.ledger import ServiceRecord
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.models.tickets import MakeUp, RecordConfirmation, Ticket
from volunteer.queries.ledger import newest
from volunteer.queries.policy import policy_on

ASKED_DAYS = 3
"""On how many first days of a month people are asked; a worker that slept on the first makes up for it."""


@dataclass(frozen=True, slots=True)
class RecapLine:
    """One record of the month, and what the person said to it."""

    record: ServiceRecord
    kind: ActivityKind
    is_confirmed: bool
    ticket_id: int | None
    is_open: bool

    @property
    def waits(self) -> bool:
        """Whether nothing was said yet and something still can be."""
        return not self.is_confirmed and self.ticket_id is None and self.is_open


@dataclass(frozen=True, slots=True)
class MissingLine:
    """A seat of the month without a record, and what is under way about it."""

    shift: Shift
    point: CheckPoint
    ticket_id: int | None
    make_up_id: int | None


@dataclass(frozen=True, slots=True)
class Recap:
    """One month of a person."""

    first: date
    lines: list[RecapLine]
    missing: list[MissingLine]
    minutes: int
    duty_minutes: int

    @property
    def waiting(self) -> int:
        """How many records wait for the person's word."""
        return sum(line.waits for line in self.lines)


def last_month(today: date) -> date:
    """The first day of the month before."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def _span(first: date) -> tuple[date, date]:
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def my_recap(actor: Actor, first: date, *, at: datetime) -> Recap:
    """The actor's month, in two statements and one for what is missing."""
    require(actor, Act.OWN_HOURS)
    span = _span(first)
    live = (
        select(Ticket.id)
        .where(Ticket.record_id == ServiceRecord.id)
        .order_by(Ticket.id.desc())
        .limit(1)
        .correlate(ServiceRecord)
        .scalar_subquery()
    )
    rows: Any = db.session.execute(
        select(ServiceRecord, ActivityKind, RecordConfirmation.record_id, live)
        .join(ActivityKind, ActivityKind.id == ServiceRecord.kind_id)
        .outerjoin(RecordConfirmation, RecordConfirmation.record_id == ServiceRecord.id)
        .where(
            ServiceRecord.volunteer_id == actor.volunteer_id,
            ServiceRecord.service_on.between(*span),
            newest(),
        )
        .order_by(ServiceRecord.service_on, ServiceRecord.first_in_at, ServiceRecord.id)
    )
    today = local_date(at)
    policy = policy_on(today)
    lines = [
        RecapLine(
            row[0],
            row[1],
            row[2] is not None,
            row[3],
            today <= objection_closes_on(local_date(row[0].settled_at), policy),
        )
        for row in rows
    ]
    duty = sum(x.record.served_minutes for x in lines if x.record.nature is Nature.DUTY)
    return Recap(
        first, lines, _missing(actor, span), sum(x.record.credited_minutes for x in lines), duty
    )


def _missing(actor: Actor, span: tuple[date, date]) -> list[MissingLine]:
    ticket = (
        select(Ticket.id)
        .where(Ticket.assignment_id == Assignment.id, Ticket.state.in_(LIVE))
        .correlate(Assignment)
        .limit(1)
        .scalar_subquery()
    )
    make_up = (
        select(MakeUp.id)
        .where(MakeUp.live_seat_id == Assignment.id)
        .correlate(Assignment)
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Shift, CheckPoint, ticket, make_up)
        .join(Assignment, Assignment.shift_id == Shift.id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(
            Assignment.volunteer_id == actor.volunteer_id,
            Assignment.state.in_(CAME),
            Shift.state == ShiftState.SETTLED,
            Shift.service_on.between(*span),
            ~exists().where(ServiceRecord.assignment_id == Assignment.id),
        )
        .order_by(Shift.starts_at)
        .limit(50)
    )
    return [MissingLine(*row) for row in rows]


def recap_waiting(actor: Actor, *, at: datetime) -> int:
    """How many records of last month wait for the person's word, while it can still be given.

    Asked by the first page of everybody: after the days of the window it answers without looking.
    """
    today = local_date(at)
    if today.day > policy_on(today).objection_days:
        return 0
    return my_recap(actor, last_month(local_date(at)), at=at).waiting


def people_to_ask(*, at: datetime) -> list[int]:
    """Volunteers with records of last month who were not asked yet; nobody after the first days."""
    today = local_date(at)
    if today.day > ASKED_DAYS:
        return []
    first, last = _span(last_month(today))
    people = db.session.scalars(
        select(ServiceRecord.volunteer_id)
        .join(Activity, Activity.id == ServiceRecord.activity_id)
        .where(ServiceRecord.service_on.between(first, last), newest())
        .distinct()
        .order_by(ServiceRecord.volunteer_id)
    ).all()
    asked = set(
        db.session.scalars(
            select(Message.dedupe).where(Message.dedupe.like(f"recap:{first:%Y-%m}:%"))
        )
    )
    return [person for person in people if f"recap:{first:%Y-%m}:{person}" not in asked]
