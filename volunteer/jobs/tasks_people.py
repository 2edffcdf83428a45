"""What the clock does to people (定时事项): pauses begin on their day."""

from volunteer.domain.timekeeping import now
from volunteer.jobs.queue import periodic
from volunteer.models.base import unit_of_work
from volunteer.operations.people.states import begin_due_pauses


@periodic("people.begin_pauses", seconds=600)
def begin_pauses() -> None:
    """Turn people to "paused" whose open pause begins."""
    with unit_of_work():
        begin_due_pauses(at=now())
