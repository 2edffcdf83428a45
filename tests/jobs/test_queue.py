"""The queue: a job is done once, a failing one is told, a silent one is found again."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from volunteer.domain.terms import JobState
from volunteer.domain.timekeeping import now
from volunteer.jobs import queue
from volunteer.jobs.queue import MOST_ATTEMPTS, SILENT_AFTER, Worker
from volunteer.models.base import db, unit_of_work
from volunteer.models.journal import Job
from volunteer.operations.journal import enqueue

done: list[Any] = []


@pytest.fixture(autouse=True)
def _tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    done.clear()

    def write(*, job_id: int, word: str) -> None:
        done.append(word)

    def fail(*, job_id: int) -> None:
        raise ValueError("no such street")

    monkeypatch.setattr(queue, "TASKS", {"write": write, "fail": fail})
    monkeypatch.setattr(queue, "PERIODIC", [])


def _ask(task: str = "write", **arguments: Any) -> int:
    with unit_of_work():
        return enqueue(task, arguments, at=now()).id


def _state(job_id: int) -> Job:
    db.session.rollback()
    job = db.session.scalar(
        select(Job).where(Job.id == job_id).execution_options(populate_existing=True)
    )
    assert job is not None
    return job


def test_a_job_is_done_and_written_down(app: Flask) -> None:
    job_id = _ask(word="one")
    assert Worker(app.app_context).step()
    assert done == ["one"]
    job = _state(job_id)
    assert (job.state, job.attempts, job.error) == (JobState.DONE, 1, "")
    assert not Worker(app.app_context).step()


def test_a_failing_job_says_why(app: Flask) -> None:
    job_id = _ask("fail")
    Worker(app.app_context).step()
    assert (_state(job_id).state, _state(job_id).error) == (
        JobState.FAILED,
        "ValueError: no such street",
    )


def test_a_job_waits_for_its_time(app: Flask) -> None:
    with unit_of_work():
        enqueue("write", {"word": "later"}, at=now(), due_at=now() + timedelta(hours=1))
    assert not Worker(app.app_context).step()
    assert done == []


def test_many_workers_do_each_job_once(app: Flask) -> None:
    for i in range(12):
        _ask(word=i)
    db.session.remove()

    def work() -> None:
        worker = Worker(app.app_context)
        for _ in range(20):
            worker.step()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done) == list(range(12))


def test_a_job_whose_worker_fell_silent_runs_again_and_at_last_fails(app: Flask) -> None:
    job_id = _ask(word="again")
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with unit_of_work():
            db.session.execute(
                update(Job)
                .where(Job.id == job_id)
                .values(
                    state=JobState.RUNNING,
                    claimed_by="another-machine:1",
                    heartbeat_at=now() - SILENT_AFTER - timedelta(seconds=1),
                    attempts=attempt,
                )
            )
        with app.app_context():
            assert Worker(app.app_context).recover(at=now()) == 1
        expected = JobState.FAILED if attempt == MOST_ATTEMPTS else JobState.QUEUED
        assert _state(job_id).state is expected


def test_a_beating_job_of_another_machine_is_left_alone(app: Flask) -> None:
    job_id = _ask(word="mine")
    with unit_of_work():
        db.session.execute(
            update(Job)
            .where(Job.id == job_id)
            .values(state=JobState.RUNNING, claimed_by="another-machine:1", heartbeat_at=now())
        )
    with app.app_context():
        assert Worker(app.app_context).recover(at=now()) == 0


def test_a_job_of_a_dead_process_here_is_found_at_once(app: Flask) -> None:
    import socket

    job_id = _ask(word="dead")
    with unit_of_work():
        db.session.execute(
            update(Job)
            .where(Job.id == job_id)
            .values(
                state=JobState.RUNNING,
                claimed_by=f"{socket.gethostname()}:4194304",
                heartbeat_at=now(),
                attempts=1,
            )
        )
    assert Worker(app.app_context).step()
    assert done == ["dead"]
    assert _state(job_id).state is JobState.DONE
