"""A tree to a Plan, with or without the problem it answers at hand."""

import math
from typing import Any

from volunteer.scheduling.problem import Cost, Plan, Problem, Refusal, Relaxation, Short, Why
from volunteer.scheduling.wire.fault import BadInput, quoted
from volunteer.scheduling.wire.problem_in import judge_pairs
from volunteer.scheduling.wire.shape import (
    Checker,
    Fault,
    exactly,
    fields,
    listed,
    maybe,
    one_of,
    refuse,
    text,
    whole,
)

FORMAT = "volunteer-plan/1"
_any_whole = whole(-(1 << 62), 1 << 62)  # sums of costs go beyond the limit of one number
_count = whole(0, 1 << 62)
_pairs = listed(exactly(2, text))
_WHY: dict[str, Checker] = {"rule": text, "people": _count}
_PINS: dict[str, Checker] = {"rule": text, "pins": _pairs}


def _target(value: Any) -> int | str | None:
    if value is None or type(value) is str:
        return value
    made: int = _any_whole(value)
    return made


_HELP: dict[str, Checker] = {"change": text, "to": _target, "gains": _count}


def _short(value: Any) -> Short:
    shift, missing, why, would_help = fields(value, _SHORT)
    return Short(shift, missing, tuple(why), tuple(would_help))


_SHORT: dict[str, Checker] = {
    "shift": text,
    "missing": _count,
    "why": listed(lambda value: Why(*fields(value, _WHY))),
    "would_help": listed(lambda value: Relaxation(*fields(value, _HELP))),
}


def _refusal(value: Any) -> Refusal:
    rule, pins = fields(value, _PINS)
    return Refusal(rule, tuple(pins))


def _duration(value: Any) -> float:
    if type(value) in (int, float) and 0 <= value < math.inf:
        return float(value)
    raise refuse(value, "a number of seconds")


def _seconds(value: Any) -> dict[str, float]:
    if type(value) is not dict:
        raise refuse(value, "an object")
    return dict(zip(value, fields(value, dict.fromkeys(value, _duration)), strict=True))


def _cost(inner: Checker) -> Checker:
    shape: dict[str, Checker] = {"coverage": inner, "people": inner}
    return maybe(lambda value: tuple(fields(value, shape)))


_ROOT: dict[str, Checker] = {
    "format": one_of(FORMAT),
    "problem": text,
    "status": one_of("optimal", "feasible", "refused"),
    "assignments": _pairs,
    "cost": _cost(_any_whole),
    "bound": _cost(maybe(_any_whole)),
    "seconds": _seconds,
    "seed": _any_whole,
    "short": listed(_short),
    "why": listed(_refusal),
}


def plan_of(tree: Any, problem: Problem | None = None) -> Plan:
    """Return the Plan this tree describes.

    With ``problem`` its name, people and shifts must be those the plan speaks of. Raises BadInput
    with the path of the first value that is not allowed.
    """
    try:
        plan = _plan(fields(tree, _ROOT, ("why",)))
        if problem is not None:
            _judge_against(plan, problem)
    except Fault as fault:
        raise BadInput(fault.below.lstrip(".") or "$", fault.sentence) from None
    return plan


def _plan(made: list[Any]) -> Plan:
    _, name, status, assignments, cost, bound, seconds, seed, short, why = made
    refused = status == "refused"
    for key, value in (("cost", cost), ("bound", bound)):
        if (value is None) != refused:
            raise Fault(f".{key}", "null belongs to a refused plan, and to no other")
    if refused and assignments:
        raise Fault(".assignments", "a refused plan has none")
    if refused and not why:
        raise Fault(".why", "a refused plan says why")
    return Plan(
        problem=name,
        status=status,
        assignments=tuple(assignments),
        cost=None if refused else Cost(*cost),
        bound=None if refused else Cost(*bound),  # coverage may be null in a foreign plan
        seconds=seconds,
        seed=seed,
        short=tuple(short),
        why=tuple(why or ()),
    )


def _judge_against(plan: Plan, problem: Problem) -> None:
    if plan.problem != problem.name:
        told = f"the plan answers {quoted(plan.problem)}, not {quoted(problem.name)}"
        raise Fault(".problem", told)
    people = {person.id for person in problem.people}
    duties = {duty.id for duty in problem.duties}
    judge_pairs("assignments", plan.assignments, people, duties)
    for i, short in enumerate(plan.short):
        if short.shift not in duties:
            raise Fault(f".short[{i}].shift", f"no shift {quoted(short.shift)}")
