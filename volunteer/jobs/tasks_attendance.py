"""What the clock does on site (定时任务): close, settle, expire, remind. Each is safe to run twice."""

import logging
from datetime import timedelta

from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date, now
from volunteer.jobs.queue import periodic
from volunteer.models.base import db, unit_of_work
from volunteer.operations.activities import close_finished
from volunteer.operations.attendance import close_forgotten
from volunteer.operations.ledger import settle_due
from volunteer.operations.reminders import due_reminders, remind
from volunteer.operations.sign_up import expire_unanswered
from volunteer.queries.due import ended_shifts, finished_activities
from volunteer.queries.policy import policy_on

FINISHED_AFTER = timedelta(days=7)
"""Organizers add a day to an activity that is just over; a week later nobody does."""
log = logging.getLogger("volunteer.jobs")


def _each(numbers: list[int], act: object, what: str) -> int:
    """Do one thing to each in a transaction of its own; one that fails does not stop the others."""
    done = 0
    for number in numbers:
        try:
            with unit_of_work():
                done += bool(act(number, at=now()))  # type: ignore[operator]
        except Refused as no:
            log.info("%s %s was refused: %s", what, number, no.code)
        except Exception:
            log.exception("%s %s failed", what, number)
    return done


def _ended(after: timedelta) -> list[int]:
    found = ended_shifts(at=now(), after=after)
    db.session.rollback()
    return found


@periodic("close_forgotten", seconds=60)
def close_all_forgotten() -> int:
    """Check out, at the planned end, who forgot it."""
    policy = policy_on(local_date(now()))
    ended = _ended(timedelta(minutes=policy.check_out_closes_after_minutes))
    return _each(ended, close_forgotten, "closing shift")


@periodic("settle_due", seconds=120)
def settle_all_due() -> int:
    """Settle the shifts that are clear, and those that waited for a day."""
    policy = policy_on(local_date(now()))
    ended = _ended(timedelta(minutes=policy.check_out_closes_after_minutes))
    return _each(ended, settle_due, "settling shift")


@periodic("close_finished", seconds=3600)
def close_all_finished() -> int:
    """Close activities that were over last week and are settled to the last shift."""
    finished = finished_activities(before=local_date(now()) - FINISHED_AFTER)
    db.session.rollback()
    return _each(finished, close_finished, "closing activity")


@periodic("expire_proposals", seconds=60)
def expire_proposals() -> int:
    """Let proposals lapse that nobody answered."""
    with unit_of_work():
        return expire_unanswered(at=now())


@periodic("reminders", seconds=60)
def give_reminders() -> int:
    """Remind people of what is near, and of what they may have forgotten."""
    messages = due_reminders(at=now())
    db.session.rollback()
    if not messages:
        return 0
    with unit_of_work():
        return remind(messages, at=now())
