"""The exchange format (docs/schedule-format.md), read and written: the library's door for files.

Reading refuses, and never guesses: :class:`BadInput` names the path of the offending value. Time and
memory grow linearly with the file. Writing is canonical and whole or not at all.
"""

import os
from typing import Any

from volunteer.scheduling.problem import Plan, Problem
from volunteer.scheduling.wire.fault import BadInput, one_line, quoted
from volunteer.scheduling.wire.out import plan_to_json, problem_to_json
from volunteer.scheduling.wire.plan_in import plan_of
from volunteer.scheduling.wire.problem_in import problem_of
from volunteer.scheduling.wire.text import no_collector, read_bytes, tree_of, write_text

Source = bytes | bytearray | str | dict[str, Any]


def _tree(source: Source) -> Any:
    if isinstance(source, dict):
        return source
    if isinstance(source, str):
        source = source.encode("utf-8", "surrogatepass")
    return tree_of(bytes(source))


def problem_from_json(source: Source) -> Problem:
    """Return the Problem in JSON bytes, text or an already parsed object; BadInput if it is none."""
    with no_collector():
        return problem_of(_tree(source))


def plan_from_json(source: Source, problem: Problem | None = None) -> Plan:
    """Return the Plan in JSON bytes, text or an object; BadInput if it is none, or not this problem's."""
    return plan_of(_tree(source), problem)


def read_problem(path: str | os.PathLike[str]) -> Problem:
    """Return the Problem in a ``.json`` or ``.json.gz`` file; BadInput if it is none."""
    with no_collector():
        return problem_of(tree_of(read_bytes(path)))


def read_plan(path: str | os.PathLike[str], problem: Problem | None = None) -> Plan:
    """Return the Plan in a ``.json`` or ``.json.gz`` file; BadInput if it is none."""
    return plan_of(tree_of(read_bytes(path)), problem)


def write_problem(path: str | os.PathLike[str], problem: Problem) -> None:
    """Write the problem to a file, packed if its name ends in ``.gz``; BadInput if that fails."""
    write_text(path, problem_to_json(problem))


def write_plan(path: str | os.PathLike[str], plan: Plan) -> None:
    """Write the plan to a file, packed if its name ends in ``.gz``; BadInput if that fails."""
    write_text(path, plan_to_json(plan))


__all__ = [
    "BadInput",
    "one_line",
    "plan_from_json",
    "plan_of",
    "plan_to_json",
    "problem_from_json",
    "problem_of",
    "problem_to_json",
    "quoted",
    "read_plan",
    "read_problem",
    "write_plan",
    "write_problem",
]
