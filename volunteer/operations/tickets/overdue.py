"""Objections that wait too long (逾期): a reminder before the day, and one level up after it."""

from datetime import datetime

from volunteer.domain.terms import TicketStep
from volunteer.domain.ticket import LIVE, escalated
from volunteer.domain.timekeeping import day_words, local_date, workdays_left
from volunteer.operations.tickets.story import (
    held_ticket,
    level_words,
    put_course,
    tell_deciders,
    tell_person,
    write_down,
)
from volunteer.queries.deciders import calendar_around
from volunteer.queries.policy import policy_on
from volunteer.queries.tickets import course_of, was_reminded

WARNS = 1
"""Working days before the due day on which who has to answer is reminded."""


def tend_ticket(ticket_id: int, *, at: datetime) -> str:
    """Remind or escalate one objection as its day demands; says what was done, nothing if nothing.

    Safe to run twice: a reminder is given once for each due day, and an escalation moves the day.
    """
    ticket = held_ticket(ticket_id)
    today = local_date(at)
    if ticket.state not in LIVE:
        return ""
    calendar = calendar_around(today)
    up = escalated(course_of(ticket), on=today, calendar=calendar, policy=policy_on(today))
    if up is not None:
        before = ticket.state.value
        put_course(ticket, up)
        write_down(None, ticket, TicketStep.ESCALATED, at=at, before=before)
        tell_deciders(ticket, "一件申诉逾期未办，转到您这里", at=at, key=f"up:{ticket.level.value}")
        tell_person(
            ticket,
            "申诉已转上级办理",
            f"因逾期未答复，改由{level_words(ticket.level)}在{day_words(ticket.due_on)}前答复。",
            at=at,
        )
        return "escalated"
    left = workdays_left(calendar, today, ticket.due_on)
    if left < 0:  # nobody is above the city: it is told again every week
        week = today.isocalendar().week
        tell_deciders(ticket, "一件申诉已经超期", at=at, key=f"late:{ticket.due_on}:{week}")
        return "late"
    if left <= WARNS and not was_reminded(ticket.id, since=ticket.asked_at, due_on=ticket.due_on):
        write_down(None, ticket, TicketStep.REMINDED, words=f"{ticket.due_on}", at=at)
        tell_deciders(ticket, "一件申诉快到期了", at=at, key=f"soon:{ticket.due_on}")
        return "reminded"
    return ""
