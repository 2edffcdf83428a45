"""What the clock does on site (定时任务): close, settle, expire, remind. Each is safe to run twice."""

import logging
from datetime import timedelta

from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date, now
from volunteer.jobs.queue import periodic
from volunteer.models.base import db, unit_of_work
from volunteer.operations.attendance import close_forgotten
from volunteer.operations.ledger import settle_due
from volunteer.operations.reminders import due_reminders, remind
from volunteer.operations.sign_up import expire_unanswered
from volunteer.queries.due import ended_shifts
from volunteer.queries.policy import policy_on

log = logging.getLogger("volunteer.jobs")


def _each(shift_ids: list[int], act: object, what: str) -> int:
    """Do one thing to each shift in a transaction of its own; one that fails does not stop the others."""
    done = 0
    for shift_id in shift_ids:
        try:
            with unit_of_work():
                done += bool(act(shift_id, at=now()))  # type: ignore[operator]
        except Refused as no:
            log.info("%s of shift %s was refused: %s", what, shift_id, no.code)
        except Exception:
            log.exception("%s of shift %s failed", what, shift_id)
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
    return _each(ended, close_forgotten, "closing")


@periodic("settle_due", seconds=120)
def settle_all_due() -> int:
    """Settle the shifts that are clear, and those that waited for a day."""
    policy = policy_on(local_date(now()))
    ended = _ended(timedelta(minutes=policy.check_out_closes_after_minutes))
    return _each(ended, settle_due, "settling")


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
