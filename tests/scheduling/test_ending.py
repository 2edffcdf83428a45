"""However a run ends: the same steps give the same plan, a cancel is heard at once, nothing is left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.scheduling.test_large import _children, _city
from volunteer.scheduling import wire
from volunteer.scheduling.bench.shapes import shaped
from volunteer.scheduling.cost import cost_of
from volunteer.scheduling.plan import Limits, plan
from volunteer.scheduling.verify import violations

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def city():
    return _city(420, 110, 5)


def _solved(path: Path, hashes: int, workers: int) -> dict:
    """The plan that another process, with other hashes, makes within fixed steps."""
    out = path.with_name(f"plan-{hashes}.json")
    options = ["--steps", "40", "--seconds", "300", "--seed", "3", "--workers", str(workers)]
    subprocess.run(
        [sys.executable, "-m", "volunteer.scheduling", "solve", str(path), str(out), *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(hashes)},
        check=True,
        capture_output=True,
        timeout=280,
    )
    made = json.loads(out.read_text("utf-8"))
    del made["seconds"]
    return made


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_steps_give_the_same_plan_and_bounds_in_both_tiers(city, tmp_path, workers):
    path = tmp_path / "city.json"
    wire.write_problem(path, city)
    one, other = _solved(path, 1, workers), _solved(path, 2, workers)
    assert one == other
    assert one["bound"]["people"] is not None


def test_a_small_problem_solved_to_its_end_is_the_same_each_time():
    problem = shaped("ordinary", 4, people=40, duties=14)
    answers = [plan(problem, limits=Limits(seconds=60, seed=2)) for _ in range(2)]
    assert answers[0].status == "optimal"
    assert answers[0].assignments == answers[1].assignments
    assert answers[0].bound == answers[1].bound


def test_cancel_is_asked_while_the_problem_is_laid_out(city):
    asked = []
    events = []

    def cancelled() -> bool:
        if not events:
            asked.append(1)
        return False

    plan(city, limits=Limits(seconds=0), progress=events.append, cancelled=cancelled)
    assert len(asked) > 5


@pytest.mark.parametrize("moment", [0, 1, 3])
def test_cancelled_while_it_is_laid_out_what_people_were_told_stands(city, moment):
    told = plan(city, limits=Limits(seconds=0)).assignments
    problem = replace(city, published=told, pins=told[:5])
    calls = []

    def cancelled() -> bool:
        calls.append(1)
        return len(calls) > moment

    answer = plan(problem, limits=Limits(seconds=60), cancelled=cancelled)
    assert set(answer.assignments) == set(told)
    assert violations(problem, answer.assignments) == []
    assert answer.cost == cost_of(problem, answer.assignments)
    assert answer.bound.coverage <= answer.cost.coverage
    assert {s.shift for s in answer.short} <= {d.id for d in problem.duties}


def test_a_limit_of_nothing_starts_no_worker(city):
    answer = plan(city, limits=Limits(seconds=0))
    assert violations(city, answer.assignments) == []
    assert not _children()


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("moment", [0.3, 1.0, 2.2, 4.0])
def test_ended_at_any_moment_no_process_and_no_part_of_a_file_is_left(city, tmp_path, wish, moment):
    path, out = tmp_path / "city.json", tmp_path / "plan.json"
    wire.write_problem(path, city)
    command = [sys.executable, "-m", "volunteer.scheduling", "solve", str(path), str(out)]
    run = subprocess.Popen(
        [*command, "--seconds", "60", "--workers", "2"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(moment)
    run.send_signal(wish)
    run.wait(timeout=60)
    assert not _in_session(run.pid)
    left = {p.name for p in tmp_path.iterdir()} - {"city.json"}
    assert left <= {"plan.json"}
    if left:
        made = wire.read_plan(out, city)
        assert violations(city, made.assignments) == []
        assert made.cost == cost_of(city, made.assignments)
    elif wish == signal.SIGTERM and moment >= 2:
        pytest.fail("asked to end, it leaves the best plan")


def _in_session(session: int) -> list[int]:
    """Processes of the session that live; those dying are waited for, ten seconds at most."""
    for _ in range(100):
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                state = Path(f"/proc/{name}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(state[3]) == session and state[0] != "Z":
                found.append(int(name))
        if not found:
            return []
        time.sleep(0.1)
    return found
