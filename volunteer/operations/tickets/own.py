"""The person's own steps in an objection (撤回、请上级再看)."""

from datetime import datetime

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import TicketStep
from volunteer.domain.ticket import appealed, withdrawn
from volunteer.domain.timekeeping import day_words, local_date
from volunteer.models.tickets import Ticket
from volunteer.operations.tickets.story import (
    held_ticket,
    level_words,
    one_at_a_time,
    put_course,
    tell_deciders,
    tell_person,
    write_down,
)
from volunteer.queries.deciders import calendar_around
from volunteer.queries.policy import policy_on
from volunteer.queries.tickets import course_of


def _mine(actor: Actor, ticket_id: int) -> Ticket:
    require(actor, Act.OWN_TICKETS)
    ticket = held_ticket(ticket_id)
    if ticket.volunteer_id != actor.volunteer_id:
        raise Refused("not_found", "没有找到这件申诉。", "请从“我的申诉”重新进入。", status=404)
    return ticket


def withdraw_ticket(actor: Actor, *, ticket_id: int, at: datetime) -> Ticket:
    """Take the own objection back; the record stays as it is.

    Raises Refused ``not_found``, ``already_so``, ``wrong_state``.
    """
    ticket = _mine(actor, ticket_id)
    before = ticket.state.value
    put_course(ticket, withdrawn(course_of(ticket)))
    write_down(actor, ticket, TicketStep.WITHDRAWN, at=at, before=before)
    return ticket


def appeal_ticket(actor: Actor, *, ticket_id: int, words: str, at: datetime) -> Ticket:
    """Take a refusal to the next level, saying why.

    Raises Refused ``not_found``, ``words_needed``, ``not_refused``, ``no_level_above``,
    ``appeal_over``, ``already_asked``.
    """
    ticket = _mine(actor, ticket_id)
    if len(words.strip()) < 4:
        raise Refused("words_needed", "请写一两句为什么不认同。", field="words", status=422)
    today = local_date(at)
    before = ticket.state.value
    case = appealed(
        course_of(ticket), on=today, calendar=calendar_around(today), policy=policy_on(today)
    )
    with one_at_a_time():
        put_course(ticket, case)
    write_down(actor, ticket, TicketStep.APPEALED, words=words, at=at, before=before)
    tell_deciders(ticket, "有一件再申诉等您答复", at=at, key=f"appeal:{ticket.level.value}")
    tell_person(
        ticket,
        "已转上级再看",
        f"由{level_words(ticket.level)}在{day_words(ticket.due_on)}前答复。",
        at=at,
    )
    return ticket
