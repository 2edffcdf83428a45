"""Worker processes: answers, losses, and no orphan."""

import os
import signal
import time

import pytest

from volunteer.scheduling.engine.crew import Crew


def _wait(crew, ticket, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for report in crew.wait(0.2):
            if report.ticket == ticket and report.kind != "note":
                return report
    pytest.fail("no report")


def _gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_task_that_fails_is_lost_and_the_next_one_runs():
    with Crew(1) as crew:
        assert _wait(crew, crew.submit("no such task")).kind == "lost"
        assert _wait(crew, crew.submit("echo", [1, 2])).value == [1, 2]


def test_a_killed_worker_costs_its_task_only():
    with Crew(1) as crew:
        ticket = crew.submit("echo", 1, 30.0)
        time.sleep(0.3)
        os.kill(crew.pids()[0], signal.SIGKILL)
        assert _wait(crew, ticket).kind == "lost"
        assert _wait(crew, crew.submit("echo", "again")).value == "again"


def test_close_leaves_no_process():
    crew = Crew(2)
    crew.submit("echo", 1, 30.0)
    crew.submit("echo", 2, 30.0)
    pids = crew.pids()
    assert len(pids) == 2
    crew.close()
    assert all(_gone(pid) for pid in pids)
