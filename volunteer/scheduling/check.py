"""Checking a plan that comes from anywhere: is it sound, and are the figures it states true?"""

from dataclasses import dataclass

from volunteer.scheduling.cost import COVERAGE, counts_of, gap, weighed
from volunteer.scheduling.problem import Cost, Plan, Problem
from volunteer.scheduling.verify import Judge


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: one line per fault (none for a sound plan whose figures are true), and a summary."""

    faults: tuple[str, ...]
    summary: str


def faults_of(problem: Problem, plan: Plan) -> Checked:
    """Return what is wrong with the plan as an answer to the problem."""
    judge = Judge(problem)
    faults: list[str] = []
    if plan.problem != problem.name:
        faults.append(f"the plan answers {plan.problem!r}, not {problem.name!r}")
    if plan.status == "refused":
        return _refused(problem, judge, faults)
    broken = judge.violations(plan.assignments)
    faults += [str(violation) for violation in broken]
    if any(violation.rule == "unknown" for violation in broken):
        return Checked(tuple(faults), f"{len(plan.assignments)} assignments, {len(faults)} faults")
    counts = counts_of(problem, plan.assignments, judge)
    cost = weighed(problem, counts)
    faults += _false_figures(plan, cost)
    bound = plan.bound or Cost(0, None)
    parts = ", ".join(f"{part} {counts[part]}" for part in COVERAGE if counts[part])
    return Checked(
        tuple(faults),
        f"{len(plan.assignments)} assignments, {len(faults)} faults; coverage {cost.coverage} "
        f"({_gap(cost.coverage, bound.coverage)}), people {cost.people} "
        f"({_gap(cost.people, bound.people)}); short: {parts or 'nothing'}",
    )


def _refused(problem: Problem, judge: Judge, faults: list[str]) -> Checked:
    broken = judge.violations(problem.pins)
    if not broken:
        faults.append("refused, but the pins break no hard rule")
        return Checked(tuple(faults), "refused, wrongly")
    return Checked(tuple(faults), f"refused, rightly: {broken[0]}")


def _false_figures(plan: Plan, cost: Cost) -> list[str]:
    stated, bound = plan.cost, plan.bound
    if stated is None or bound is None:
        return ["the plan states no cost or no bound"]
    faults = []
    for tier in ("coverage", "people"):
        said, true, least = getattr(stated, tier), getattr(cost, tier), getattr(bound, tier)
        if said != true:
            faults.append(f"cost.{tier}: {said} is stated, {true} is true")
        if least is not None and least > true:
            faults.append(f"bound.{tier}: {least} lies above the plan's own cost {true}")
    if plan.status == "optimal" and stated != bound:
        faults.append("status: called optimal with an open gap")
    return faults


def _gap(value: int | None, bound: int | None) -> str:
    share = None if value is None else gap(value, bound)
    return "no bound" if share is None else f"gap {100 * share:.3f} %"
