"""Objections (申诉) as lists and pages show them: the person's own, the desk's with filters, one with its story."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import TicketLevel, TicketStep
from volunteer.domain.ticket import LIVE, Course, objection_closes_on
from volunteer.domain.timekeeping import local_date
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.rosters import Assignment
from volunteer.models.tickets import MakeUp, Ticket, TicketEvent
from volunteer.queries.choices import like_words
from volunteer.queries.deciders import calendar_around, may_answer
from volunteer.queries.ledger import newest
from volunteer.queries.matters import beside, with_days_left
from volunteer.queries.policy import policy_on
from volunteer.queries.scope import visible

PAGE = 25


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """What narrows the desk's list. ``stand``: open (default), late, mine, done, all."""

    q: str = ""
    stand: str = "open"
    level: TicketLevel | None = None


@dataclass(frozen=True, slots=True)
class TicketLine:
    """One objection of a list; ``days_left`` are working days, negative when overdue."""

    ticket: Ticket
    volunteer: Volunteer
    unit: Unit
    shift: Shift
    point: CheckPoint
    activity: Activity
    days_left: int

    @property
    def is_live(self) -> bool:
        """Whether it waits for an answer."""
        return self.ticket.state in LIVE


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One page of objections, and how many wait and are overdue in all that the actor reaches."""

    lines: list[TicketLine]
    total: int
    open: int
    late: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class TicketStory:
    """One objection with all that belongs to it."""

    line: TicketLine
    events: list[TicketEvent]
    record: ServiceRecord | None
    result: ServiceRecord | None
    make_up: MakeUp | None
    may_decide: bool = False
    may_appeal: bool = False
    appeal_until: date | None = None
    before: Any = field(default=None)


def _seen(statement: Any, actor: Actor) -> Any:
    return visible(
        statement, actor, Act.VIEW_TICKETS, unit=Ticket.unit_id, district=Ticket.district_id
    )


def tickets_page(actor: Actor, wanted: TicketFilter, *, at: datetime, page: int = 1) -> TicketPage:
    """Objections within reach, the most urgent first, then those that are done, the newest first."""
    require(actor, Act.VIEW_TICKETS)
    today = local_date(at)
    live = Ticket.state.in_(LIVE)
    base = _seen(beside(Ticket), actor)
    open_, late = db.session.execute(
        base.with_only_columns(
            func.count().filter(live), func.count().filter(live, Ticket.due_on < today)
        )
    ).one()
    found = base.where(*_clauses(wanted, today))
    total = db.session.scalar(found.with_only_columns(func.count())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    order = (
        (Ticket.due_on, Ticket.id)
        if wanted.stand in ("open", "late")
        else (Ticket.asked_at.desc(), Ticket.id.desc())
    )
    rows = db.session.execute(found.order_by(*order).limit(PAGE).offset((page - 1) * PAGE))
    return TicketPage(with_days_left(TicketLine, rows, today), total, open_, late, page, pages)


def _clauses(wanted: TicketFilter, today: date) -> list[Any]:
    live = Ticket.state.in_(LIVE)
    clauses: list[Any] = []
    if wanted.stand == "open":
        clauses.append(live)
    elif wanted.stand == "late":
        clauses += [live, Ticket.due_on < today]
    elif wanted.stand == "done":
        clauses.append(~live)
    if wanted.level is not None:
        clauses.append(Ticket.level == wanted.level)
    if wanted.q:
        like = like_words(wanted.q)
        clauses.append(
            or_(
                Volunteer.name.like(like, escape="\\"),
                Volunteer.pinyin.like(like_words(wanted.q.lower())[1:], escape="\\"),
                CheckPoint.name.like(like, escape="\\"),
                Unit.name.like(like, escape="\\"),
            )
        )
    return clauses


def waiting_tickets(actor: Actor, *, at: datetime) -> tuple[int, int]:
    """How many objections within reach wait for an answer, and how many of them are overdue."""
    row = db.session.execute(
        _seen(
            select(func.count(), func.count().filter(Ticket.due_on < local_date(at))).where(
                Ticket.state.in_(LIVE)
            ),
            actor,
        )
    ).one()
    return row[0], row[1]


def ticket_story(actor: Actor, ticket_id: int, *, at: datetime) -> TicketStory:
    """One objection within reach. Raises Refused ``not_found``."""
    require(actor, Act.VIEW_TICKETS)
    return _story(actor, _seen(beside(Ticket), actor).where(Ticket.id == ticket_id), at)


def my_ticket(actor: Actor, ticket_id: int, *, at: datetime) -> TicketStory:
    """One of the own objections. Raises Refused ``not_found``."""
    require(actor, Act.OWN_TICKETS)
    mine = beside(Ticket).where(Ticket.id == ticket_id, Ticket.volunteer_id == actor.volunteer_id)
    return _story(actor, mine, at)


def _story(actor: Actor, statement: Any, at: datetime) -> TicketStory:
    today = local_date(at)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise Refused("not_found", "没有找到这件申诉。", "请从列表重新进入。", status=404)
    line = with_days_left(TicketLine, [row], today)[0]
    ticket = line.ticket
    events = list(
        db.session.scalars(
            select(TicketEvent)
            .where(TicketEvent.ticket_id == ticket.id)
            .order_by(TicketEvent.id.desc())
        )
    )
    record = db.session.scalar(
        select(ServiceRecord).where(ServiceRecord.assignment_id == ticket.assignment_id, newest())
    )
    case = course_of(ticket)
    return TicketStory(
        line,
        events,
        record,
        db.session.get(ServiceRecord, ticket.result_record_id) if ticket.result_record_id else None,
        db.session.scalar(select(MakeUp).where(MakeUp.ticket_id == ticket.id)),
        may_decide=_may_decide(actor, ticket),
        may_appeal=case.may_appeal(today) and open_on(ticket.assignment_id) is None,
        appeal_until=ticket.appeal_until,
        before=db.session.get(ServiceRecord, ticket.record_id) if ticket.record_id else None,
    )


def _may_decide(actor: Actor, ticket: Ticket) -> bool:
    return (
        ticket.state in LIVE
        and actor.volunteer_id != ticket.volunteer_id
        and (ticket.answered_by_id is None or ticket.answered_by_id != actor.account_id)
        and may_answer(actor, ticket.level, ticket.unit_id, ticket.district_id)
    )


def my_tickets(actor: Actor, *, at: datetime) -> list[TicketLine]:
    """The own objections, the newest first; at most a hundred."""
    require(actor, Act.OWN_TICKETS)
    rows = db.session.execute(
        beside(Ticket)
        .where(Ticket.volunteer_id == actor.volunteer_id)
        .order_by(Ticket.id.desc())
        .limit(100)
    )
    return with_days_left(TicketLine, rows, local_date(at))


@dataclass(frozen=True, slots=True)
class Ground:
    """What an objection could be raised about: the seat, its record if there is one, until when."""

    shift: Shift
    point: CheckPoint
    activity: Activity
    unit: Unit
    record: ServiceRecord | None
    closes_on: date
    is_open: bool
    live_ticket_id: int | None


def ground_of(
    actor: Actor, *, at: datetime, record_id: int | None = None, shift_id: int | None = None
) -> Ground:
    """The seat behind one of the own records, or the own seat on a shift.

    Raises Refused ``not_found``.
    """
    require(actor, Act.OWN_TICKETS)
    r = aliased(ServiceRecord)
    statement: Any = (
        select(Shift, CheckPoint, Activity, Unit, Assignment.id)
        .join(Assignment, Assignment.shift_id == Shift.id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Unit, Unit.id == Activity.unit_id)
        .where(Assignment.volunteer_id == actor.volunteer_id)
    )
    if record_id is not None:
        statement = statement.where(
            exists(select(r.id).where(r.id == record_id, r.assignment_id == Assignment.id))
        )
    else:
        statement = statement.where(Shift.id == shift_id)
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise Refused("not_found", "没有找到这条记录。", "请从“我的时长”重新进入。", status=404)
    shift, point, activity, unit, seat_id = row
    record = db.session.scalar(
        select(ServiceRecord).where(ServiceRecord.assignment_id == seat_id, newest())
    )
    recorded_at = record.settled_at if record else shift.settled_at or shift.ends_at
    closes_on = objection_closes_on(local_date(recorded_at), policy_on(local_date(recorded_at)))
    return Ground(
        shift,
        point,
        activity,
        unit,
        record,
        closes_on,
        local_date(at) <= closes_on,
        open_on(seat_id),
    )


def course_of(ticket: Ticket) -> Course:
    """Where an objection stands, for the rules."""
    return Course(
        ticket.state,
        ticket.level,
        ticket.due_on,
        ticket.district_id is not None,
        ticket.appeal_until,
    )


def open_on(seat_id: int) -> int | None:
    """The objection that is under way about a seat, if there is one."""
    return db.session.scalar(select(Ticket.id).where(Ticket.live_seat_id == seat_id))


def due_tickets(*, at: datetime) -> list[int]:
    """Objections that wait and whose day is near or past, the oldest first; at most five hundred."""
    calendar = calendar_around(local_date(at))
    soon = calendar.add_workdays(local_date(at), 2)
    return list(
        db.session.scalars(
            select(Ticket.id)
            .where(Ticket.state.in_(LIVE), Ticket.due_on <= soon)
            .order_by(Ticket.due_on, Ticket.id)
            .limit(500)
        )
    )


def was_reminded(ticket_id: int, *, since: datetime, due_on: date) -> bool:
    """Whether a reminder for this due day was written into the story already."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    TicketEvent.ticket_id == ticket_id,
                    TicketEvent.event == TicketStep.REMINDED,
                    TicketEvent.words == f"{due_on}",
                    TicketEvent.at >= since,
                )
            )
        )
    )
