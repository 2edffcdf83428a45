"""What the days do to objections, make-up hours and records (申诉、补录、记录期限): each is safe to run twice."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local, now
from volunteer.jobs.queue import periodic
from volunteer.models.base import db, unit_of_work
from volunteer.operations.make_ups import tend_make_up
from volunteer.operations.recap import tell_recap
from volunteer.operations.recording import remind_recording
from volunteer.operations.tickets import tend_ticket
from volunteer.queries.make_ups import due_make_ups
from volunteer.queries.recap import people_to_ask
from volunteer.queries.recording import recordings_to_remind
from volunteer.queries.tickets import due_tickets

log = logging.getLogger("volunteer.jobs")

QUIET_UNTIL, QUIET_FROM = 8, 20
"""Hours in Beijing in which people are told; what is due in the night waits for the morning."""
BATCH = 400


def _is_day(at: datetime) -> bool:
    return QUIET_UNTIL <= local(at).hour < QUIET_FROM


def _each(numbers: Iterable[int], act: Callable[[int, datetime], object], what: str) -> int:
    """Do one thing to each in a transaction of its own; one that fails does not stop the others."""
    done = 0
    for number in numbers:
        try:
            with unit_of_work():
                done += bool(act(number, now()))
        except Refused as no:
            log.info("%s %s was refused: %s", what, number, no.code)
        except Exception:
            log.exception("%s %s failed", what, number)
    return done


@periodic("tickets.tend", seconds=900)
def tend_tickets() -> int:
    """Remind of objections that are nearly due, and pass on those that are overdue."""
    if not _is_day(now()):
        return 0
    found = due_tickets(at=now())
    db.session.rollback()
    return _each(found, lambda number, at: tend_ticket(number, at=at), "objection")


@periodic("make_ups.tend", seconds=900)
def tend_make_ups() -> int:
    """Remind, pass on, let lapse, and enter the make-up hours whose register has run out."""
    if not _is_day(now()):
        return 0
    found = due_make_ups(at=now())
    db.session.rollback()
    return _each(found, lambda number, at: tend_make_up(number, at=at), "make-up")


@periodic("recording.remind", seconds=3600)
def remind_of_recording() -> int:
    """Remind organizers of activities whose records are due."""
    if not _is_day(now()):
        return 0
    found = {line.activity_id: line for line in recordings_to_remind(at=now())}
    db.session.rollback()
    return _each(found, lambda number, at: remind_recording(found[number], at=at), "recording")


@periodic("recap.ask", seconds=3600)
def ask_for_recaps() -> int:
    """On the first days of a month ask everybody who served in the last one: are these right?"""
    if not _is_day(now()):
        return 0
    people = people_to_ask(at=now())
    db.session.rollback()
    told = 0
    for start in range(0, len(people), BATCH):
        with unit_of_work():
            told += tell_recap(people[start : start + BATCH], at=now())
    return told
