"""Close small problems: all sets of duties within the gap, and a complete search over them."""

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays
from volunteer.scheduling.engine.colgen import Generation, Left
from volunteer.scheduling.engine.master import Goal
from volunteer.scheduling.engine.piece import Standing, whole_bound
from volunteer.scheduling.engine.pool import sets_of
from volunteer.scheduling.engine.pricing import EPS
from volunteer.scheduling.engine.whole import branch, round_off

MOST = 60_000  # sets in a complete search


def close(gen: Generation, best: Standing, value: int, left: Left) -> bool:
    """Search all plans below ``value``: True if the search was complete.

    Any plan cheaper than ``value`` uses only sets whose reduced cost is at most the gap. Those are
    all listed and branched on; ``best`` takes what is found. A pair in such a set may be worth less
    than nothing, by the gap at most: without it the set would be worth that much more than the best.
    """
    state = gen.state
    if not np.isfinite(state.bound):
        return False
    gap = max(0.0, value - state.bound) + 1e-3
    y = state.duals
    rent = np.maximum(0.0, gen.rows.rent(y)) - gap
    gen.pricer.every, gen.pricer.least = True, -gap
    _, found = gen.pricer.best(gen.rows.worth(y), gen.rows.burden(y), rent, many=MOST)
    gen.pricer.every, gen.pricer.least = False, EPS
    listed = sum(len(s.person) for s in found)
    if not gen.pricer.complete or listed > MOST or left() <= 0:
        return False
    for group in found:
        gen.pool.add(group)
    keep = np.ones(gen.pool.count, np.bool_)
    chosen, account = branch(gen, keep, ~keep, left(), 0.5)
    best.offer(chosen)
    return account.closed


def settle(arrays: Arrays, best: Standing, left: Left) -> tuple[int, int | None]:
    """Both tiers of a small problem, as far as time goes: proven (coverage, people) bounds."""
    first = Generation(arrays, Goal(), sets_of(arrays, best.chosen))
    state = first.run(left)
    bound = max(0, whole_bound(state.bound))
    _near(first, best, bound >= best.coverage, 2.0, left)
    if best.coverage > bound and close(first, best, best.coverage, left):
        bound = best.coverage
    if best.coverage > bound or left() <= 0:
        return bound, None
    second = Generation(arrays, Goal(within=best.coverage), sets_of(arrays, best.chosen))
    state = second.run(left)
    people = max(0, whole_bound(state.bound))
    _near(second, best, people >= best.people, 50.0, left)
    if best.people > people and close(second, best, best.people, left):
        people = best.people
    return bound, people


def _near(gen: Generation, best: Standing, done: bool, tolerance: float, left: Left) -> None:
    """Look for a plan near the relaxation first: a small gap keeps the complete search small."""
    if not done and gen.state.solution is not None and left() > 0:
        best.offer(round_off(gen, left, tolerance, 0.5))


__all__ = ["close", "settle"]
