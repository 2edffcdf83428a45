"""What a run has to say of its plan (排班说明): shortfalls with reasons, pins that could not be kept."""

from dataclasses import dataclass

from volunteer.models.rosters import SchedulingRun
from volunteer.queries.planning import number_of
from volunteer.queries.rosters.saying import help_words, refusal_words, why_words
from volunteer.queries.rosters.table import Table
from volunteer.queries.runs import plan_in, problem_in


@dataclass(frozen=True, slots=True)
class ShortLine:
    """A shift below its wanted heads in the plan, why, and what would fill it."""

    shift_id: int
    shift: str
    missing: int
    below_minimum: bool
    why: tuple[str, ...]
    helps: tuple[str, ...]


def short_lines(run: SchedulingRun) -> list[ShortLine]:
    """Return the shifts below their minimum in the run's plan, as the run found them."""
    problem, plan = problem_in(run), plan_in(run)
    if problem is None or plan is None or not plan.short:
        return []
    table = Table(problem, set())
    heads: dict[str, int] = {}
    for _, duty in plan.assignments:
        heads[duty] = heads.get(duty, 0) + 1
    least = {duty.id: duty.min for duty in problem.duties}
    return [
        ShortLine(
            shift_id=number_of(short.shift),
            shift=table.name("duty", short.shift),
            missing=short.missing,
            below_minimum=heads.get(short.shift, 0) < least[short.shift],
            why=tuple(why_words(short.why)[:4]),
            helps=tuple(help_words(table, short.would_help)[:3]),
        )
        for short in plan.short
        if heads.get(short.shift, 0) < least[short.shift]
    ]


def failure_words(run: SchedulingRun) -> list[str]:
    """Return which pins could not be kept, where that is why the run failed."""
    problem, plan = problem_in(run), plan_in(run)
    if problem is None or plan is None:
        return []
    table = Table(problem, set())
    return [refusal_words(table, refusal.rule, refusal.pins) for refusal in plan.why]
