"""Scheduling runs as jobs (排班任务): two short transactions around a long solve that holds none."""

import logging
import os
import time

from sqlalchemy.exc import OperationalError

from volunteer.config import Settings
from volunteer.domain.timekeeping import now
from volunteer.jobs.queue import periodic, task
from volunteer.models.base import db, unit_of_work
from volunteer.operations.planning import (
    Point,
    fail_run,
    gather,
    keep_draft,
    keep_progress,
    solve,
    tend_runs,
)
from volunteer.scheduling.plan import Progress

log = logging.getLogger("volunteer.jobs")

SAVE_SECONDS = 0.5
MOST_WORKERS = 4


class Reporter:
    """Carries what the solver tells to the run's row twice a second, and the wish to stop back."""

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id
        self.waiting: list[Point] = []
        self.is_stopping = False
        self._due = 0.0

    def tell(self, progress: Progress) -> None:
        """Remember one event; of several within one saving, the last."""
        point: Point = [
            round(progress.seconds, 2),
            progress.stage,
            progress.coverage,
            progress.bound_coverage,
            progress.people,
        ]
        self.waiting = [point]
        self.save()

    def cancelled(self) -> bool:
        """Whether somebody wishes the run to stop, as of the last half second."""
        self.save()
        return self.is_stopping

    def save(self) -> None:
        """Write what waits, if the last time is long enough ago; a busy database waits for the next."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + SAVE_SECONDS
        try:
            with unit_of_work():
                self.is_stopping = keep_progress(self.run_id, self.waiting)
            self.waiting = []
        except OperationalError:
            log.warning("run %s: progress not saved, the database is busy", self.run_id)


def worker_count() -> int:
    """How many processes one run may use."""
    return Settings().solver_workers or min(MOST_WORKERS, os.cpu_count() or 1)


@task("solve_run")
def solve_run(*, job_id: int, run_id: int) -> None:
    """Carry a run out. Safe to run twice: the second time finds the run ended and leaves it."""
    with unit_of_work():
        gathered = gather(run_id, at=now())
    if gathered is None:
        return
    reporter = Reporter(run_id)
    try:
        plan = solve(
            gathered,
            workers=worker_count(),
            progress=reporter.tell,
            cancelled=reporter.cancelled,
        )
    except Exception:
        with unit_of_work():
            fail_run(run_id, "计算时出了问题，没有得出方案。请重新排班。", at=now())
        raise
    db.session.rollback()
    with unit_of_work():
        keep_draft(run_id, gathered.problem, plan, points=reporter.waiting, at=now())


@periodic("tend_runs", seconds=30)
def tend() -> None:
    """Close runs whose job was given up."""
    with unit_of_work():
        tend_runs(at=now())
