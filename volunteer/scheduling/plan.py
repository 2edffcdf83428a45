"""The front door: a problem goes in, the best plan found within the limits comes out."""

import time

import numpy as np

from volunteer.scheduling.cost import cost_of
from volunteer.scheduling.engine import greedy, large, small, tally
from volunteer.scheduling.engine.arrays import Arrays, Bools, build
from volunteer.scheduling.engine.limits import Cancelled, Limits, Listener, Progress
from volunteer.scheduling.engine.run import Run
from volunteer.scheduling.problem import Cost, Pair, Plan, Problem, Refusal, Short
from volunteer.scheduling.verify import Judge

__all__ = ["Cancelled", "Limits", "Listener", "Progress", "Unsound", "broken_pins", "plan"]


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
    arrays = build(problem)
    built = time.monotonic() - began
    first = greedy.first_plan(arrays, cancelled).chosen
    run = Run(arrays, limits, progress, cancelled, began, first)
    run.timings["build"] = built
    run.start("greedy")
    if not run.over():
        (small if arrays.n_pairs <= small.PAIRS else large).solve(run)
    return _finish(problem, judge, run, first)


def broken_pins(problem: Problem, judge: Judge | None = None) -> tuple[Refusal, ...]:
    """Return the hard rules that the pins alone break, each with the pins that break it."""
    judge = judge or Judge(problem)
    pins = set(problem.pins)
    found: dict[tuple[str, tuple[Pair, ...]], None] = {}
    for fault in judge.violations(problem.pins):
        guilty = tuple(sorted((v, s) for v in fault.who for s in fault.where if (v, s) in pins))
        found[fault.rule, guilty] = None
    return tuple(Refusal(rule, guilty) for rule, guilty in found)


def _pairs(problem: Problem, arrays: Arrays, chosen: Bools) -> tuple[Pair, ...]:
    picks = np.flatnonzero(chosen)
    people = arrays.person[picks].tolist()
    duties = arrays.duty[picks].tolist()
    return tuple(
        (problem.people[v].id, problem.duties[s].id) for v, s in zip(people, duties, strict=True)
    )


def _finish(problem: Problem, judge: Judge, run: Run, first: Bools) -> Plan:
    pairs = _pairs(problem, run.arrays, run.chosen)
    if judge.violations(pairs):
        pairs = _pairs(problem, run.arrays, first)
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
        short=_short(problem, run),
    )


def _short(problem: Problem, run: Run) -> tuple[Short, ...]:
    """Duties below their minimum, then those below their target, in the problem's order."""
    heads = tally.heads(run.arrays, run.chosen).tolist()
    below = [
        Short(d.id, d.min - n) for n, d in zip(heads, problem.duties, strict=True) if n < d.min
    ]
    thin = [
        Short(d.id, d.target - n)
        for n, d in zip(heads, problem.duties, strict=True)
        if d.min <= n < d.target
    ]
    return (*below, *thin)
