"""The front door: a problem goes in, the best plan found within the limits comes out."""

import time
from collections import Counter
from collections.abc import Mapping

import numpy as np

from volunteer.scheduling.cost import cost_of
from volunteer.scheduling.engine import greedy, large, small
from volunteer.scheduling.engine.arrays import Arrays, Bools, build
from volunteer.scheduling.engine.limits import Cancelled, Limits, Listener, Progress
from volunteer.scheduling.engine.run import Run
from volunteer.scheduling.problem import Cost, Pair, Plan, Problem, Refusal, Short
from volunteer.scheduling.verify import Judge

__all__ = [
    "Cancelled",
    "Limits",
    "Listener",
    "Progress",
    "Unsound",
    "broken_pins",
    "pairs_of",
    "plan",
    "shortages",
]


class Unsound(Exception):
    """The optimiser made a plan that the verifier refuses: an error of this library, never of the input."""


def plan(
    problem: Problem,
    *,
    limits: Limits | None = None,
    progress: Listener | None = None,
    cancelled: Cancelled | None = None,
) -> Plan:
    """Return the best plan found within the limits, with proven bounds.

    A plan is always returned: missing people are a cost. Only pins that break a hard rule are
    refused (status ``refused``, with the rules and the pins). The plan has passed the verifier, which
    shares no code with the optimiser. ``progress`` is called at every step forward; ``cancelled``
    is asked often, and once it says True the best plan so far is returned. Both are called in the
    thread of the caller.
    """
    limits = limits or Limits()
    began = time.monotonic()
    judge = Judge(problem)
    refusals = broken_pins(problem, judge)
    if refusals:
        seconds = {"total": time.monotonic() - began}
        return Plan(problem.name, "refused", (), None, None, seconds, limits.seed, why=refusals)

    def asked() -> None:
        if cancelled is not None and cancelled():
            raise _Stopped

    try:
        arrays = build(problem, asked)
    except _Stopped:
        return _unbuilt(problem, judge, limits, time.monotonic() - began)
    built = time.monotonic() - began
    first = greedy.first_plan(arrays, cancelled).chosen
    run = Run(arrays, limits, progress, cancelled, began, first)
    run.timings["build"] = built
    run.start("greedy")
    if not run.over():
        (small if arrays.n_pairs <= small.PAIRS else large).solve(run)
    return _finish(problem, judge, run, first)


class _Stopped(Exception):
    """Somebody cancelled before there was anything to improve."""


def _unbuilt(problem: Problem, judge: Judge, limits: Limits, seconds: float) -> Plan:
    """What stands without any work: pins and what people were told, if that is sound; else the pins."""
    told = [
        pair
        for pair in problem.published
        if not judge.shut_out(judge.people[pair[0]], judge.duties[pair[1]])
    ]
    pairs = tuple(sorted({*problem.pins, *told}))
    if judge.violations(pairs):
        pairs = problem.pins
    return Plan(
        problem=problem.name,
        status="feasible",
        assignments=pairs,
        cost=cost_of(problem, pairs, judge),
        bound=Cost(0, None),
        seconds={"total": round(seconds, 3)},
        seed=limits.seed,
        short=shortages(problem, Counter(where for _, where in pairs)),
    )


def broken_pins(problem: Problem, judge: Judge | None = None) -> tuple[Refusal, ...]:
    """Return the hard rules that the pins alone break, each with the pins that break it."""
    judge = judge or Judge(problem)
    pins = set(problem.pins)
    found: dict[tuple[str, tuple[Pair, ...]], None] = {}
    for fault in judge.violations(problem.pins):
        guilty = tuple(sorted((v, s) for v in fault.who for s in fault.where if (v, s) in pins))
        found[fault.rule, guilty] = None
    return tuple(Refusal(rule, guilty) for rule, guilty in found)


def pairs_of(problem: Problem, arrays: Arrays, chosen: Bools) -> tuple[Pair, ...]:
    """Return the chosen pairs by their ids."""
    picks = np.flatnonzero(chosen)
    people, duties = problem.people, problem.duties
    who = [people[v].id for v in arrays.person[picks].tolist()]
    where = [duties[s].id for s in arrays.duty[picks].tolist()]
    return tuple(zip(who, where, strict=True))


def _finish(problem: Problem, judge: Judge, run: Run, first: Bools) -> Plan:
    pairs = pairs_of(problem, run.arrays, run.chosen)
    if judge.violations(pairs):
        pairs = pairs_of(problem, run.arrays, first)
        faults = judge.violations(pairs)
        if faults:
            raise Unsound(str(faults[0]))
    cost = cost_of(problem, pairs, judge)
    bound = Cost(run.bound_coverage, run.stated_people_bound())
    run.timings["total"] = run.seconds()
    run.tell("done")
    return Plan(
        problem=problem.name,
        status="optimal" if cost == bound else "feasible",
        assignments=pairs,
        cost=cost,
        bound=bound,
        seconds={key: round(value, 3) for key, value in run.timings.items()},
        seed=run.limits.seed,
        short=shortages(problem, Counter(where for _, where in pairs)),
    )


def shortages(problem: Problem, heads: Mapping[str, int]) -> tuple[Short, ...]:
    """Duties below their minimum, then those below their target, in the problem's order."""
    have = [(duty, heads.get(duty.id, 0)) for duty in problem.duties]
    below = [Short(d.id, d.min - n) for d, n in have if n < d.min]
    return (*below, *(Short(d.id, d.target - n) for d, n in have if d.min <= n < d.target))
