"""tools/check_plan.py, the independent judge, at hand for the tests."""

import importlib.util
import json
from functools import cache
from pathlib import Path

from volunteer.scheduling.problem import Pair, Problem
from volunteer.scheduling.wire import problem_to_json

ROOT = Path(__file__).resolve().parents[2]


@cache
def judge_module():
    spec = importlib.util.spec_from_file_location("check_plan", ROOT / "tools" / "check_plan.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def checker_of(problem: Problem):
    """The judge's Checker over this problem."""
    return judge_module().Checker(json.loads(problem_to_json(problem)))


def judged_cost(problem: Problem, pairs: list[Pair]) -> tuple[int, int]:
    cost, _ = checker_of(problem).cost(pairs)
    return cost["coverage"], cost["people"]
