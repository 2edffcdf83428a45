"""The story of an objection (办理经过): each step is a line, an audit line and word to whom it concerns."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import TicketLevel, TicketStep
from volunteer.domain.ticket import Course
from volunteer.domain.timekeeping import day_words
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.models.tickets import Ticket, TicketEvent
from volunteer.operations.journal import note, tell
from volunteer.queries.deciders import deciders
from volunteer.queries.occasion import occasion

AUTOMATIC = "系统"


def held_ticket(ticket_id: int) -> Ticket:
    """Lock an objection until the commit and read it anew. Raises Refused ``not_found``."""
    ticket = db.session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if ticket is None:
        raise Refused("not_found", "没有找到这件申诉。", "请从列表重新进入。", status=404)
    return ticket


def put_course(ticket: Ticket, case: Course) -> None:
    """Write where an objection stands now."""
    ticket.state, ticket.level, ticket.due_on = case.state, case.level, case.due_on
    ticket.appeal_until = case.appeal_until
    ticket.live_seat_id = ticket.assignment_id if case.is_live else None
    ticket.version += 1


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Write an objection that is open from here on; the database admits one for each seat.

    Raises Refused ``already_asked`` where another is under way.
    """
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError:
        raise Refused(
            "already_asked", "这一次您已经提出过申诉，正在办理。", "请在“我的申诉”里查看进展。"
        ) from None


def write_down(
    actor: Actor | None,
    ticket: Ticket,
    event: TicketStep,
    *,
    words: str = "",
    at: datetime,
    before: str = "",
) -> None:
    """Add a step to the story, and its audit line."""
    db.session.flush()
    db.session.add(
        TicketEvent(
            ticket_id=ticket.id,
            at=at,
            by_account_id=actor.account_id if actor else None,
            by_name=actor.name if actor else AUTOMATIC,
            event=event,
            words=words.strip()[:400],
        )
    )
    name = db.session.scalar(select(Volunteer.name).where(Volunteer.id == ticket.volunteer_id))
    note(
        actor,
        f"ticket_{event.value}",
        ticket,
        f"申诉（{name}，{occasion(ticket.shift_id)}）：{event.label}",
        at=at,
        unit_id=ticket.unit_id,
        before={"state": before} if before else None,
        after={"state": ticket.state.value, "level": ticket.level.value},
        reason=words,
    )


def tell_person(ticket: Ticket, title: str, body: str, *, at: datetime) -> None:
    """Tell the person how the objection goes on."""
    tell(
        topic="ticket",
        title=title,
        body=f"{occasion(ticket.shift_id)}：{body}",
        at=at,
        volunteer_id=ticket.volunteer_id,
        link=f"/me/tickets/{ticket.id}",
        dedupe=f"ticket:{ticket.id}:{ticket.version}:{ticket.state.value}",
    )


def tell_deciders(ticket: Ticket, title: str, *, at: datetime, key: str) -> None:
    """Tell all who can answer at the level where the objection lies, its own person left out."""
    unit = db.session.get(Unit, ticket.unit_id)
    assert unit is not None, "an objection has a unit"
    for one in deciders(ticket.level, unit):
        if one.volunteer_id == ticket.volunteer_id:
            continue
        tell(
            topic="ticket_desk",
            title=title,
            body=f"{occasion(ticket.shift_id)}，{day_words(ticket.due_on)}前答复。",
            at=at,
            account_id=one.account_id,
            link=f"/tickets/{ticket.id}",
            dedupe=f"ticket:{ticket.id}:{key}:{one.account_id}",
        )


def level_words(level: TicketLevel) -> str:
    """Who answers at a level, for a message."""
    return {"unit": "记录单位", "district": "区级管理员", "city": "市级管理员"}[level.value]
