"""The command line keeps its word: exit statuses, one line for bad input, the best plan at a stop."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scheduling.judge import ROOT, judge_module
from tests.scheduling.malformed import GOOD, put, text_of
from tests.scheduling.tiny import tiny_problem
from volunteer.scheduling import wire
from volunteer.scheduling.cli import main
from volunteer.scheduling.verify import violations


@pytest.fixture
def files(tmp_path):
    (tmp_path / "problem.json").write_bytes(text_of(GOOD))
    return str(tmp_path / "problem.json"), str(tmp_path / "plan.json")


def test_solve_writes_a_plan_that_the_judge_accepts(files, capsys):
    assert main(["solve", *files, "--seconds", "2", "--seed", "7", "--workers", "1"]) == 0
    assert judge_module().main(["", *files]) == 0
    assert main(["check", *files]) == 0
    assert wire.read_plan(files[1]).seed == 7


def test_progress_goes_to_stderr(files, capsys):
    assert main(["solve", *files, "--seconds", "1", "--progress"]) == 0
    said = capsys.readouterr()
    assert "stage=" in said.err
    assert "stage=" not in said.out


def test_a_refused_problem_gets_its_own_status_and_a_plan_that_says_why(files, capsys):
    with open(files[0], "wb") as file:
        file.write(put("bans", [["v1", "s1"]]))
    assert main(["solve", *files]) == 3
    assert judge_module().main(["", *files]) == 0
    plan = wire.read_plan(files[1])
    assert plan.status == "refused"
    assert {r.rule for r in plan.why} == {"banned"}
    assert plan.why[0].pins == (("v1", "s1"),)
    assert main(["check", *files]) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"cost": {"coverage": 0, "people": 0}},
        {"assignments": []},
        {"assignments": [["v1", "s1"], ["v1", "s1"]]},
        {"assignments": [["v1", "s1"], ["nobody", "s1"]]},
        {"bound": {"coverage": 10**9, "people": None}},
        {"problem": "another"},
        {
            "status": "refused",
            "assignments": [],
            "cost": None,
            "bound": None,
            "why": [{"rule": "age", "pins": []}],
        },
    ],
)
def test_check_finds_what_is_false(files, change, capsys):
    main(["solve", *files, "--seconds", "0"])
    tree = json.loads(Path(files[1]).read_text("utf-8"))
    with open(files[1], "w", encoding="utf-8") as file:
        json.dump({**tree, **change}, file)
    assert main(["check", *files]) == 1
    assert judge_module().main(["", *files]) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["solve"],
        ["solve", "a.json"],
        ["solve", "a.json", "b.json", "--seconds", "-1"],
        ["solve", "a.json", "b.json", "--seconds", "nan"],
        ["solve", "a.json", "b.json", "--seconds", "inf"],
        ["solve", "a.json", "b.json", "--seconds", "soon"],
        ["solve", "a.json", "b.json", "--seed", "1.5"],
        ["solve", "a.json", "b.json", "--workers", "0"],
        ["solve", "a.json", "b.json", "--speed", "9"],
        ["solve", "{problem}", "/nowhere/plan.json"],
        ["solve", "{problem}", "/"],
        ["solve", "{problem}", "a\0b"],
        ["solve", "/nowhere/problem.json", "{plan}"],
        ["check", "{problem}", "/nowhere/plan.json"],
        ["repair", "{problem}", "{problem}"],
        ["repair", "{problem}", "{plan}", "--moves", "-1"],
        ["repair", "{problem}", "{plan}", "--out", "/nowhere/plan.json"],
        ["repair", "{problem}", "/nowhere/none.json", "--out", "{plan}"],
        ["check", "{problem}", "{problem}"],
        ["explain", "{problem}", "{plan}"],
        ["explain", "{problem}", "{plan}", "--shift", "x"],
        ["explain", "{problem}", "{plan}", "--person", "x"],
        ["explain", "{problem}", "{plan}", "--pair", "v1", "x"],
        ["explain", "{problem}", "{plan}", "--pair", "v1"],
        ["explain", "{problem}", "{plan}", "--shift", "s1", "--person", "v1"],
    ],
)
def test_bad_arguments_and_files_get_one_line_and_status_2(files, arguments, capsys):
    main(["solve", *files, "--seconds", "0"])
    capsys.readouterr()
    filled = [a.format(problem=files[0], plan=files[1]) for a in arguments]
    assert main(filled) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert ": " in said.err
    assert said.out == ""


def test_repair_mends_a_standing_plan_in_place_and_beside(files, tmp_path, capsys):
    """v1 falls ill after everybody was told: the others stay, and the judge accepts the answer."""
    main(["solve", *files, "--seconds", "2"])
    told = wire.read_plan(files[1]).assignments
    tree = json.loads(text_of(GOOD))
    tree |= {"published": [list(p) for p in told], "pins": [], "name": "one week, after the call"}
    tree["bans"] = [["v1", "s0"], ["v1", "s1"]]
    (tmp_path / "problem.json").write_text(json.dumps(tree), "utf-8")
    beside = str(tmp_path / "mended.json")
    capsys.readouterr()
    assert main(["repair", *files, "--out", beside, "--seconds", "2"]) == 0
    assert "refill: " in capsys.readouterr().out
    assert wire.read_plan(files[1]).assignments == told
    assert main(["check", files[0], beside]) == 0
    assert set(wire.read_plan(beside).assignments) >= {p for p in told if p[0] != "v1"}
    assert main(["repair", *files, "--seconds", "2", "--take", "moves", "--moves", "2"]) == 0
    assert judge_module().main(["", *files]) == 0
    fresh = str(tmp_path / "fresh.json")
    assert main(["repair", files[0], fresh, "--seconds", "2"]) == 0
    assert wire.read_plan(fresh).assignments == wire.read_plan(beside).assignments


def test_repair_refuses_pins_that_break_a_rule(files, capsys):
    main(["solve", *files, "--seconds", "0"])
    with open(files[0], "wb") as file:
        file.write(put("bans", [["v1", "s1"]]))
    assert main(["repair", *files]) == 3
    assert wire.read_plan(files[1]).status == "refused"


def test_no_file_but_the_plan_is_left(files, tmp_path):
    main(["solve", *files, "--seconds", "1"])
    assert sorted(os.listdir(tmp_path)) == ["plan.json", "problem.json"]


def test_a_termination_leaves_a_sound_plan(tmp_path):
    make = [sys.executable, str(ROOT / "tools" / "make_city.py"), "district", "3"]
    problem_file, plan_file = str(tmp_path / "p.json"), str(tmp_path / "plan.json")
    subprocess.run([*make, problem_file], check=True, capture_output=True)
    command = [sys.executable, "-m", "volunteer.scheduling", "solve", problem_file, plan_file]
    run = subprocess.Popen(
        [*command, "--seconds", "120", "--progress"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert "stage=" in run.stderr.readline()
        time.sleep(0.5)
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=60) == 0
    finally:
        run.kill()
        run.communicate()
    problem = wire.read_problem(problem_file)
    plan = wire.read_plan(plan_file, problem)
    assert plan.assignments
    assert not violations(problem, plan.assignments)
    assert sorted(os.listdir(tmp_path)) == ["p.json", "plan.json"]


@pytest.mark.parametrize("seed", range(0, 60, 4))
def test_tiny_problems_pass_the_judge_from_end_to_end(seed, tmp_path):
    problem_file, plan_file = str(tmp_path / "p.json"), str(tmp_path / "plan.json.gz")
    wire.write_problem(problem_file, tiny_problem(seed))
    status = main(["solve", problem_file, plan_file, "--seconds", "2"])
    assert status in (0, 3)
    assert judge_module().main(["", problem_file, plan_file]) == 0
    assert main(["check", problem_file, plan_file]) == 0
