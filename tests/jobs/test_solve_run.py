"""The run as a job: through the queue, with its progress; a worker that dies between the two transactions."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.builders import City, a_city, a_shift, a_volunteer, an_activity, available
from volunteer.domain.terms import JobState, RunState
from volunteer.domain.timekeeping import local_date, now, week_of
from volunteer.jobs import tasks_planning
from volunteer.jobs.queue import TASKS, Worker
from volunteer.models.base import db
from volunteer.models.journal import Job, Message
from volunteer.models.people import Account
from volunteer.models.rosters import DraftRoster, SchedulingRun
from volunteer.operations.planning import ask_for_run, stop_run
from volunteer.queries.accounts import actor_of
from volunteer.queries.planning import PlanScope


@pytest.fixture
def run(app: Flask) -> SchedulingRun:
    city: City = a_city()
    at = now()
    monday = week_of(local_date(at)) + timedelta(days=7)
    activity = an_activity(city.unit)
    for day in range(3):
        a_shift(activity, city.point, on=monday + timedelta(days=day))
    for _ in range(4):
        available(a_volunteer(city.unit))
    run = ask_for_run(
        actor_of(city.organizer, at=at),
        week_on=monday,
        scope=PlanScope(unit_id=city.unit.id),
        seconds=5,
        at=at,
    )
    db.session.commit()
    return run


def fresh(run: SchedulingRun) -> SchedulingRun:
    db.session.rollback()
    return db.session.get_one(SchedulingRun, run.id, populate_existing=True)


def drafts() -> int:
    return db.session.scalar(select(func.count()).select_from(DraftRoster)) or 0


def test_the_worker_knows_the_task_and_carries_it_out(app: Flask, run: SchedulingRun) -> None:
    worker = Worker(app.app_context)
    assert "solve_run" in TASKS
    assert worker.step()
    done = fresh(run)
    assert done.state is RunState.FINISHED
    assert done.plan_gz
    assert done.curve
    assert done.curve[-1][1] == "done"
    assert db.session.get_one(Job, run.job_id).state is JobState.DONE
    assert drafts() == 1


def test_a_worker_that_dies_in_the_solve_is_followed_by_another(
    app: Flask, run: SchedulingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As a process that is gone: nothing is written down."""

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(tasks_planning, "solve", die)
        with pytest.raises(Killed):
            Worker(app.app_context).step()
    left = fresh(run)
    assert left.state is RunState.RUNNING
    assert left.problem_gz, "what was to be solved is known"
    assert drafts() == 0
    db.session.execute(
        update(Job)
        .where(Job.id == run.job_id)
        .values(state=JobState.RUNNING, heartbeat_at=now() - timedelta(minutes=5))
    )
    db.session.commit()
    assert Worker(app.app_context).step()
    assert fresh(run).state is RunState.FINISHED
    assert drafts() == 1
    assert db.session.get_one(Job, run.job_id).attempts == 2


def test_a_job_that_runs_again_after_the_draft_was_kept_changes_nothing(
    app: Flask, run: SchedulingRun
) -> None:
    tasks_planning.solve_run(job_id=run.job_id or 0, run_id=run.id)
    before = fresh(run).finished_at
    tasks_planning.solve_run(job_id=run.job_id or 0, run_id=run.id)
    assert fresh(run).finished_at == before
    assert drafts() == 1
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1


def test_a_crash_in_the_solver_is_said(
    app: Flask, run: SchedulingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: Any, **__: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(tasks_planning, "solve", crash)
    Worker(app.app_context).step()
    failed = fresh(run)
    assert failed.state is RunState.FAILED
    assert "重新排班" in failed.error
    assert db.session.get_one(Job, run.job_id).state is JobState.FAILED


def test_a_wish_to_stop_reaches_the_solver(
    app: Flask, run: SchedulingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks_planning, "SAVE_SECONDS", 0.0)
    real = tasks_planning.solve
    heard = []

    def watch(gathered: Any, *, cancelled: Any, **rest: Any) -> Any:
        heard.append(cancelled())
        stopper = fresh(run)
        account = db.session.get_one(Account, stopper.asked_by_id)
        stop_run(actor_of(account, at=now()), run.id, at=now())
        db.session.commit()
        heard.append(cancelled())
        return real(gathered, cancelled=cancelled, **rest)

    monkeypatch.setattr(tasks_planning, "solve", watch)
    Worker(app.app_context).step()
    assert heard == [False, True]
    assert fresh(run).state is RunState.CANCELLED
    assert drafts() == 1, "what was found so far is kept"
