"""The exchange format: what is good comes back as it went in, what is bad is refused with its path."""

import gzip
import json
import os
import subprocess
import sys
import time

import pytest

from tests.scheduling.malformed import CASES, GOOD, put, text_of
from tests.scheduling.tiny import tiny_problem
from volunteer.scheduling import wire
from volunteer.scheduling.cli import main
from volunteer.scheduling.problem import Cost, Plan, Refusal, Relaxation, Short, Why
from volunteer.scheduling.wire import BadInput


def test_the_corpus_is_large_and_its_root_is_good():
    assert len(CASES) >= 160
    assert len({case.name for case in CASES}) == len(CASES)
    problem = wire.problem_from_json(text_of(GOOD))
    assert problem.people[1].wishes == {"traffic": 0, "elderly": 3}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_malformed_files_are_refused_with_the_path(case, tmp_path, capsys):
    file = tmp_path / f"problem{case.suffix}"
    file.write_bytes(case.body)
    began = time.monotonic()
    status = main(["solve", str(file), str(tmp_path / "plan.json"), "--seconds", "0"])
    said = capsys.readouterr()
    assert status == 2
    assert said.out == ""
    assert said.err.endswith("\n")
    assert said.err.count("\n") == 1
    assert said.err.startswith(case.path), said.err
    assert len(said.err) < 500
    assert not (tmp_path / "plan.json").exists()
    assert time.monotonic() - began < 5


def test_the_example_of_the_format_is_named_as_it_says():
    with pytest.raises(BadInput) as caught:
        wire.problem_from_json(put("shifts[1].site", "x9"))
    assert str(caught.value) == "shifts[1].site: no site 'x9'"


@pytest.mark.parametrize("key", ["pins", "bans", "apart", "published"])
def test_lists_of_pairs_may_be_absent(key):
    tree = json.loads(text_of(GOOD))
    del tree[key]
    assert getattr(wire.problem_from_json(text_of(tree)), key) == ()


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("volunteers[1].id", "v\n1 ' \" \\ 志愿者 \U0001f600"),
        ("volunteers[1].available", []),
        ("volunteers[1].available[0]", [-500, 99999]),
        ("volunteers[1].max_shifts_per_day", 0),
        ("shifts[1].requires", ["care", "care"]),
        ("shifts[1].tied", []),
        ("shifts[1].at_least", [{"skill": "leader", "count": 0}]),
        ("shifts[1].start", -60),
        ("rest_minutes", 0),
        ("weights.target", 64),
        ("name", ""),
    ],
)
def test_what_the_format_allows_is_read(where, value):
    tree = json.loads(put(where, value))
    if where == "volunteers[1].id":
        for key in ("pins", "bans", "published"):
            tree[key] = []
        tree["apart"] = []
    problem = wire.problem_from_json(text_of(tree))
    assert wire.problem_from_json(wire.problem_to_json(problem)) == problem


@pytest.mark.parametrize("seed", range(60))
def test_problems_survive_the_journey(seed, tmp_path):
    problem = tiny_problem(seed)
    text = wire.problem_to_json(problem)
    assert wire.problem_from_json(text) == problem
    assert wire.problem_to_json(wire.problem_from_json(text)) == text
    file = tmp_path / ("p.json.gz" if seed % 2 else "p.json")
    wire.write_problem(file, problem)
    assert wire.read_problem(file) == problem
    assert os.listdir(tmp_path) == [file.name]


def a_plan(**changes) -> Plan:
    fields = {
        "problem": "one week, one district",
        "status": "feasible",
        "assignments": (("v1", "s1"),),
        "cost": Cost(30_000_000, 8120),
        "bound": Cost(3, None),
        "seconds": {"total": 1.5},
        "seed": 1,
        "short": (Short("s1", 2, (Why("age", 31),), (Relaxation("widen_reach", 4000, 2),)),),
    }
    return Plan(**{**fields, **changes})


REFUSED = {"status": "refused", "assignments": (), "cost": None, "bound": None, "short": ()}


@pytest.mark.parametrize(
    "plan",
    [
        a_plan(),
        a_plan(short=(Short("s0", 1, (), (Relaxation("tie_unit", "u2", 1),)),)),
        a_plan(short=(Short("s0", 1, (), (Relaxation("open_to_residents", None, 1),)),)),
        a_plan(**REFUSED, why=(Refusal("age", (("v1", "s1"),)),)),
    ],
)
def test_plans_survive_the_journey(plan, tmp_path):
    problem = wire.problem_from_json(text_of(GOOD))
    wire.write_plan(tmp_path / "plan.json.gz", plan)
    assert wire.read_plan(tmp_path / "plan.json.gz", problem) == plan


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"status": "perfect"}, "status"),
        ({"problem": "another"}, "problem"),
        ({"assignments": [["v1"]]}, "assignments[0]"),
        ({"assignments": [["v9", "s1"]]}, "assignments[0][0]"),
        ({"assignments": [["v1", "s1"], ["v1", "s1"]]}, "assignments[1]"),
        ({"cost": None}, "cost"),
        ({"cost": {"coverage": 1}}, "cost.people"),
        ({"cost": {"coverage": 1.5, "people": 0}}, "cost.coverage"),
        ({"bound": {"coverage": 1, "people": 0, "more": 0}}, "bound.more"),
        ({"seed": "1"}, "seed"),
        ({"seconds": {"total": -1}}, "seconds.total"),
        ({"seconds": {"total": float("nan")}}, "seconds.total"),
        ({"short": [{"shift": "s1"}]}, "short[0].missing"),
        ({"short": [{"shift": "x", "missing": 1, "why": [], "would_help": []}]}, "short[0].shift"),
        ({"report": {}}, "report"),
        ({"status": "refused"}, "cost"),
    ],
)
def test_malformed_plans_are_refused_with_the_path(change, path):
    problem = wire.problem_from_json(text_of(GOOD))
    tree = {**json.loads(wire.plan_to_json(a_plan())), **change}
    with pytest.raises(BadInput) as caught:
        wire.plan_from_json(json.dumps(tree), problem)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "key", ["format", "problem", "status", "assignments", "cost", "bound", "seed"]
)
def test_plans_need_their_keys(key):
    tree = json.loads(wire.plan_to_json(a_plan()))
    del tree[key]
    with pytest.raises(BadInput) as caught:
        wire.plan_from_json(json.dumps(tree))
    assert caught.value.path == key


def test_reading_takes_time_linear_in_the_file():
    """Ten times the people in well under thirty times the time, and no depth of cleverness lost."""
    seconds = []
    for people in (2_000, 20_000):
        tree = json.loads(text_of(GOOD))
        one = tree["volunteers"][1]
        tree["volunteers"] += [{**one, "id": f"w{i}"} for i in range(people)]
        body = text_of(tree)
        best = min(_timed(body) for _ in range(3))
        seconds.append(best)
    assert seconds[1] < 30 * seconds[0]


def _timed(body: bytes) -> float:
    began = time.process_time()
    wire.problem_from_json(body)
    return time.process_time() - began


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "' + b"\\u0041" * 400_000,
        b'{"a": [' + b"1," * 400_000,
        b'{"' + b"k" * 2_000_000,
        b'{"k":' + b'{"a":0},' * 10,
        b"[" * 2_000_000,
        b'"' + b"\\" * 1_000_001,
    ],
)
def test_hostile_text_is_refused_at_once(body):
    began = time.process_time()
    with pytest.raises(BadInput):
        wire.problem_from_json(body)
    assert time.process_time() - began < 3


def test_a_file_that_is_none_is_refused(tmp_path, capsys):
    for name in (tmp_path / "absent.json", tmp_path, "/dev/null", "a\0b"):
        assert main(["check", str(name), str(name)]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1


def test_a_pipe_is_read(tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "volunteer.scheduling",
            "solve",
            "/dev/stdin",
            str(tmp_path / "p.json"),
        ],
        input=text_of(GOOD),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert wire.read_plan(tmp_path / "p.json").status in ("optimal", "feasible")


def test_a_gzip_is_read_under_its_name(tmp_path):
    file = tmp_path / "p.json.gz"
    file.write_bytes(gzip.compress(text_of(GOOD)))
    assert wire.read_problem(file).name == "one week, one district"
