"""Answering an objection (办理申诉): adopt it with a correction, or refuse it with the reason."""

from datetime import datetime

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require, require_other
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import MakeUpCause, TicketState, TicketStep, TicketTopic
from volunteer.domain.ticket import answered
from volunteer.domain.timekeeping import day_words, local_date
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.tickets import MakeUp, Ticket
from volunteer.operations.ledger import correct_record, void_record
from volunteer.operations.make_ups.ask import Claim, open_make_up
from volunteer.operations.tickets.story import (
    held_ticket,
    put_course,
    tell_person,
    write_down,
)
from volunteer.queries.deciders import may_answer
from volunteer.queries.ledger import newest
from volunteer.queries.policy import policy_on
from volunteer.queries.tickets import course_of


def uphold_times(
    actor: Actor,
    *,
    ticket_id: int,
    version: int,
    came_at: datetime,
    went_at: datetime,
    answer: str,
    at: datetime,
) -> Ticket:
    """Adopt an objection: correct the record to these times, by reversal and new entry.

    Raises Refused ``not_found``, ``not_yours``, ``own_case``, ``level_above``, ``answered_before``,
    ``already_answered``, ``changed_meanwhile``, ``reason_needed``, ``wrong_topic`` and what
    ``correct_record`` raises.
    """
    ticket = _held(actor, ticket_id, version, answer)
    record = _record_of(ticket)
    done = correct_record(
        actor, record_id=record.id, came_at=came_at, went_at=went_at, reason=answer, at=at
    )
    return _close(actor, ticket, TicketState.UPHELD, answer, at, record=done.after)


def uphold_void(actor: Actor, *, ticket_id: int, version: int, answer: str, at: datetime) -> Ticket:
    """Adopt an objection: take the record's minutes away, for it was not this person.

    Raises Refused as :func:`uphold_times`, and what ``void_record`` raises.
    """
    ticket = _held(actor, ticket_id, version, answer)
    done = void_record(actor, record_id=_record_of(ticket).id, reason=answer, at=at)
    return _close(actor, ticket, TicketState.UPHELD, answer, at, record=done.after)


def uphold_missing(
    actor: Actor,
    *,
    ticket_id: int,
    version: int,
    came_at: datetime,
    went_at: datetime,
    answer: str,
    at: datetime,
) -> MakeUp:
    """Adopt an objection to a missing record: ask for make-up hours in the person's stead.

    Two more people have to confirm, as for all make-up hours; the window is that of the objection.
    Raises Refused as :func:`uphold_times`, and what asking for make-up hours raises.
    """
    ticket = _held(actor, ticket_id, version, answer)
    if ticket.topic is not TicketTopic.MISSING:
        raise Refused("wrong_topic", "这件申诉针对的是已有的记录。", "请更正那条记录。")
    claim = Claim(
        came_at,
        went_at,
        MakeUpCause.OTHER,
        ticket.words,
        ticket.evidence or ticket.witnesses or answer,
    )
    made = open_make_up(actor, ticket.assignment_id, claim, at=at, ticket=ticket)
    _close(actor, ticket, TicketState.UPHELD, answer, at)
    return made


def refuse_ticket(
    actor: Actor, *, ticket_id: int, version: int, answer: str, at: datetime
) -> Ticket:
    """Refuse an objection with the reason that the person reads; the person may go one level up.

    Raises Refused as :func:`uphold_times`.
    """
    ticket = _held(actor, ticket_id, version, answer)
    return _close(actor, ticket, TicketState.REFUSED, answer, at)


def _held(actor: Actor, ticket_id: int, version: int, answer: str) -> Ticket:
    ticket = held_ticket(ticket_id)
    require(actor, Act.DECIDE_TICKETS, unit_id=ticket.unit_id, district_id=ticket.district_id)
    require_other(actor, ticket.volunteer_id)
    if not course_of(ticket).is_live:
        raise Refused(
            "already_answered",
            "这件申诉现在是“%(state)s”，已经办完。",
            "可能已有他人先行办理，请刷新页面。",
            values={"state": ticket.state.label},
        )
    if ticket.version != version:
        raise Refused("changed_meanwhile", "这件申诉刚刚有了变化。", "请刷新页面，看过再办。")
    if not may_answer(actor, ticket.level, ticket.unit_id, ticket.district_id):
        raise Refused(
            "level_above",
            "这件申诉已转到%(level)s，不由您办理。",
            "您仍可以看到经过。",
            status=403,
            values={"level": ticket.level.label},
        )
    if ticket.answered_by_id is not None and ticket.answered_by_id == actor.account_id:
        raise Refused(
            "answered_before",
            "您已经答复过这件申诉，再申诉要由另一个人办理。",
            status=403,
        )
    if len(answer.strip()) < 2:
        raise Refused(
            "reason_needed",
            "请写明答复的理由。",
            "本人会看到，请写清依据。",
            field="answer",
            status=422,
        )
    return ticket


def _record_of(ticket: Ticket) -> ServiceRecord:
    record = db.session.scalar(
        select(ServiceRecord).where(ServiceRecord.assignment_id == ticket.assignment_id, newest())
    )
    if record is None:
        raise Refused("wrong_topic", "这件申诉没有对应的记录。", "请改为同意补录，或不采纳。")
    return record


def _close(
    actor: Actor,
    ticket: Ticket,
    state: TicketState,
    answer: str,
    at: datetime,
    *,
    record: ServiceRecord | None = None,
) -> Ticket:
    today = local_date(at)
    before = ticket.state.value
    put_course(ticket, answered(course_of(ticket), state, on=today, policy=policy_on(today)))
    ticket.answered_at, ticket.answered_by_id = at, actor.account_id
    ticket.answer = answer.strip()[:400]
    if record is not None:
        ticket.result_record_id = record.id
    upheld = state is TicketState.UPHELD
    event = TicketStep.UPHELD if upheld else TicketStep.REFUSED
    write_down(actor, ticket, event, words=answer, at=at, before=before)
    body = f"{ticket.answer}"
    if not upheld and course_of(ticket).may_appeal(today):
        assert ticket.appeal_until is not None, "a refusal says until when one may appeal"
        body += f"。如不认同，{day_words(ticket.appeal_until)}前可以请上级再看。"
    tell_person(ticket, "申诉已采纳" if upheld else "申诉未被采纳", body, at=at)
    return ticket
