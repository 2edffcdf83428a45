"""Kept answers of forms (一次提交) are erased when nobody can ask for them any more."""

from datetime import timedelta

from volunteer.domain.timekeeping import now
from volunteer.jobs.queue import periodic
from volunteer.models.base import unit_of_work
from volunteer.operations.answers import forget_answers

KEPT = timedelta(days=7)


@periodic("forget_answers", seconds=3600)
def forget_old_answers() -> int:
    """Erase the answers of more than a week ago."""
    with unit_of_work():
        return forget_answers(before=now() - KEPT)
