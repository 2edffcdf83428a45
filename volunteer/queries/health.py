"""Health (运行状况) for a monitor: does the database answer, does anybody take the jobs, is there a fresh copy."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from volunteer.domain.terms import JobState
from volunteer.models.base import db
from volunteer.models.journal import Job
from volunteer.models.ledger import LedgerHead

WAITING = timedelta(minutes=5)
"""A due job that nobody took for so long means that no worker runs."""


@dataclass(frozen=True, slots=True)
class Health:
    """What works; ``jobs`` is False, too, when the database does not tell."""

    database: bool
    jobs: bool


def health(*, at: datetime) -> Health:
    """Ask the database two small questions; never raises for a database that is away."""
    try:
        head = db.session.scalar(select(LedgerHead.id))
        waiting = db.session.scalar(
            select(func.min(Job.due_at)).where(Job.state == JobState.QUEUED)
        )
    except SQLAlchemyError:
        db.session.rollback()
        return Health(database=False, jobs=False)
    is_taken = waiting is None or waiting >= at - WAITING
    return Health(database=head is not None, jobs=is_taken)
