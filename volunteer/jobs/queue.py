"""The queue (任务队列): claims Job rows by compare-and-swap, beats, retries, and finds the silent ones.

A worker is a loop in a thread of the web process, or a process of its own; both speak to the same table,
on SQLite and PostgreSQL alike. A killed worker's job is found by its silent heartbeat and run again, so
every task is safe to run twice.
"""

import logging
import os
import pkgutil
import socket
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from sqlalchemy import select, update

from volunteer.domain.terms import JobState
from volunteer.domain.timekeeping import now
from volunteer.models.base import db, unit_of_work
from volunteer.models.journal import Job

log = logging.getLogger("volunteer.jobs")

BEAT_SECONDS = 5.0
SILENT_AFTER = timedelta(seconds=45)
MOST_ATTEMPTS = 3
POLL_SECONDS = 0.5

Task = Callable[..., object]
TASKS: dict[str, Task] = {}
PERIODIC: list[tuple[str, float, Task]] = []


def task(name: str) -> Callable[[Task], Task]:
    """Register a task under the name that Job rows use."""

    def register(function: Task) -> Task:
        TASKS[name] = function
        return function

    return register


def periodic(name: str, *, seconds: float) -> Callable[[Task], Task]:
    """Register a task that each worker runs every so many seconds; it must not mind company."""

    def register(function: Task) -> Task:
        PERIODIC.append((name, seconds, function))
        return function

    return register


def load_tasks() -> None:
    """Import every module of this room that holds tasks (``tasks``, ``tasks_*``), so that they register."""
    folder = import_module("volunteer.jobs")
    for module in pkgutil.iter_modules(folder.__path__):
        if module.name.startswith("tasks"):
            import_module(f"volunteer.jobs.{module.name}")


def _name_of_this_worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:60]


def _is_gone(claimed_by: str) -> bool:
    """Whether a worker of this machine has died; others are judged by their heartbeat."""
    host, _, pid = claimed_by.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


class Worker:
    """A loop that does jobs until it is stopped."""

    def __init__(self, context: Callable[[], AbstractContextManager[Any]]) -> None:
        load_tasks()
        self.context = context
        self.name = _name_of_this_worker()
        self.stopping = threading.Event()
        self._running: int | None = None
        self._due: dict[str, float] = {}
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run in a thread of this process."""
        self._thread = threading.Thread(target=self.run, name="jobs", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 10) -> None:
        """Ask the loop to end; a job under way is found again by the next worker."""
        self.stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def run(self) -> None:
        """Do jobs until stopped."""
        while not self.stopping.is_set():
            try:
                busy = self.step()
            except Exception:
                log.exception("the job loop stumbled")
                busy = False
            if not busy:
                self.stopping.wait(POLL_SECONDS)

    def step(self) -> bool:
        """Recover, run what is periodic, and do one job. Returns whether there was one."""
        with self.context():
            self.recover(at=now())
        self.run_periodic()
        with self.context():
            job_id = self.claim(at=now())
        if job_id is None:
            return False
        self.carry_out(job_id)
        return True

    def run_periodic(self) -> None:
        """Run the periodic tasks that are due."""
        for name, seconds, function in PERIODIC:
            if time.monotonic() < self._due.get(name, 0.0):
                continue
            self._due[name] = time.monotonic() + seconds
            try:
                with self.context():
                    function()
            except Exception:
                log.exception("periodic task %s failed", name)

    def recover(self, *, at: datetime) -> int:
        """Queue again the jobs whose worker died or fell silent; give up after three attempts."""
        if time.monotonic() < self._due.get("recover", 0.0):
            return 0
        self._due["recover"] = time.monotonic() + 5
        running = db.session.scalars(select(Job).where(Job.state == JobState.RUNNING)).all()
        lost = [
            job
            for job in running
            if job.id != self._running
            and (
                _is_gone(job.claimed_by)
                or job.heartbeat_at is None
                or job.heartbeat_at < at - SILENT_AFTER
            )
        ]
        db.session.rollback()
        if not lost:
            return 0
        with unit_of_work():
            for job in lost:
                is_last = job.attempts >= MOST_ATTEMPTS
                db.session.execute(
                    update(Job)
                    .where(
                        Job.id == job.id,
                        Job.state == JobState.RUNNING,
                        Job.heartbeat_at == job.heartbeat_at,
                    )
                    .values(
                        state=JobState.FAILED if is_last else JobState.QUEUED,
                        error="执行进程中断" if is_last else job.error,
                        finished_at=at if is_last else None,
                    )
                )
        return len(lost)

    def claim(self, *, at: datetime) -> int | None:
        """Take the oldest due job, if there is one and no other worker was quicker."""
        candidate = db.session.scalar(
            select(Job.id)
            .where(Job.state == JobState.QUEUED, Job.due_at <= at)
            .order_by(Job.due_at, Job.id)
            .limit(1)
        )
        db.session.rollback()
        if candidate is None:
            return None
        with unit_of_work():
            taken = db.session.execute(
                update(Job)
                .where(Job.id == candidate, Job.state == JobState.QUEUED)
                .values(
                    state=JobState.RUNNING,
                    claimed_by=self.name,
                    heartbeat_at=at,
                    attempts=Job.attempts + 1,
                )
            )
        return candidate if taken.rowcount == 1 else None  # type: ignore[attr-defined]

    def carry_out(self, job_id: int) -> None:
        """Run one claimed job with a beating heart, and write down how it ended."""
        self._running = job_id
        quiet = threading.Event()
        heart = threading.Thread(
            target=self._beat, args=(job_id, quiet), name=f"beat-{job_id}", daemon=True
        )
        heart.start()
        state, error = JobState.DONE, ""
        try:
            with self.context():
                job = db.session.get(Job, job_id)
                assert job is not None
                name, arguments = job.task, dict(job.arguments)
                db.session.rollback()
                TASKS[name](job_id=job_id, **arguments)
        except Exception as failure:
            log.exception("job %s failed", job_id)
            state, error = JobState.FAILED, f"{type(failure).__name__}: {failure}"[:400]
        finally:
            quiet.set()
            heart.join(2)
            self._running = None
        with self.context(), unit_of_work():
            db.session.execute(
                update(Job)
                .where(Job.id == job_id, Job.claimed_by == self.name, Job.state == JobState.RUNNING)
                .values(state=state, error=error, finished_at=now())
            )

    def _beat(self, job_id: int, quiet: threading.Event) -> None:
        while not quiet.wait(BEAT_SECONDS):
            try:
                with self.context(), unit_of_work():
                    db.session.execute(
                        update(Job).where(Job.id == job_id).values(heartbeat_at=now())
                    )
            except Exception:
                log.warning("job %s missed a beat", job_id)
