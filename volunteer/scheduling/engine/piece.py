"""Solve one piece in both tiers: relax, round, and on the face of best coverage relax and round again."""

from dataclasses import dataclass

import numpy as np

from volunteer.scheduling.engine import tally
from volunteer.scheduling.engine.arrays import Arrays, Bools
from volunteer.scheduling.engine.audit import sound
from volunteer.scheduling.engine.colgen import Generation, Left
from volunteer.scheduling.engine.face import Face
from volunteer.scheduling.engine.master import Goal
from volunteer.scheduling.engine.pool import sets_of
from volunteer.scheduling.engine.pricing import Sets
from volunteer.scheduling.engine.whole import round_off

ROUNDING = (
    2.0,
    0.15,
)  # seconds of one search for a plan near the relaxation, at least; share of the time left


def whole_bound(value: float) -> int:
    """The smallest integer that a proven real bound allows; -1 where there is none."""
    return int(np.ceil(value - 1e-9)) if np.isfinite(value) else -1


@dataclass(slots=True)
class Standing:
    """The best plan of a piece, with its costs; ``offer`` keeps the better one."""

    arrays: Arrays
    chosen: Bools
    coverage: int
    people: int

    @staticmethod
    def of(arrays: Arrays, chosen: Bools) -> "Standing":
        """Price a plan."""
        return Standing(
            arrays, chosen, tally.coverage(arrays, chosen), tally.people(arrays, chosen)
        )

    def offer(self, chosen: Bools | None) -> bool:
        """Take a plan if it is sound and better."""
        if chosen is None:
            return False
        cost = (tally.coverage(self.arrays, chosen), tally.people(self.arrays, chosen))
        if cost >= (self.coverage, self.people) or not sound(self.arrays, chosen):
            return False
        self.chosen, (self.coverage, self.people) = chosen, cost
        return True


def brief(left: Left) -> Left:
    """A share of the time that is left: what a search brings, it mostly brings soon.

    Where the relaxation is far from whole, a search without an end would take all of it.
    """
    seconds = max(ROUNDING[0], ROUNDING[1] * left())
    return lambda: min(seconds, left())


def cover(arrays: Arrays, best: Standing, left: Left, gen: Generation | None = None) -> Generation:
    """First tier: the relaxation to its end, then a plan near it."""
    gen = gen or Generation(arrays, Goal(), sets_of(arrays, best.chosen))
    state = gen.run(left)
    tolerance = 0.01
    while state.solution is not None and left() > 0:
        bound = whole_bound(state.bound)
        if best.coverage <= bound:
            break
        best.offer(round_off(gen, brief(left), tolerance, 0.5))
        if tolerance > 1.5 or best.coverage <= bound:
            break
        tolerance = 2.0
    return gen


def share(arrays: Arrays, best: Standing, gen: Generation, left: Left) -> Generation | None:
    """Second tier on the face of the first; None where the first left a gap."""
    if not gen.state.closed or whole_bound(gen.state.bound) < best.coverage:
        return None
    face = Face.of(arrays, gen.rows, gen.state.duals)
    seeds = [*sets_of(arrays, best.chosen), cheap_singles(arrays, face)]
    second = Generation(arrays, Goal(within=best.coverage), seeds, face)
    state = second.run(left)
    if state.solution is not None and left() > 0:
        best.offer(round_off(second, brief(left), 20.0, 0.5))
    return second


def cheap_singles(arrays: Arrays, face: Face, many: int = 3) -> Sets:
    """For every duty the people for whom one more duty costs least, on the face."""
    a = arrays
    worth = face.coverage.worth(face.duals)
    rent = np.maximum(0.0, face.coverage.rent(face.duals))
    quarters = a.minutes[a.duty] // 15
    before = (a.served + a.spent // 15)[a.person]
    cost = a.fairness_weight * (2 * before + quarters) * quarters + a.people_cost
    on = np.flatnonzero(np.abs(worth - rent[a.person]) < 1e-5)
    order = on[np.lexsort((cost[on], a.duty[on]))]
    duty = a.duty[order]
    rank = np.arange(len(order)) - np.searchsorted(duty, duty)
    picks = order[rank < many * a.max_heads[duty]]
    return Sets(a.person[picks], picks[:, None], np.zeros(len(picks)))


def improve(arrays: Arrays, chosen: Bools, left: Left) -> tuple[Bools, Generation | None]:
    """A plan of the piece at least as good as ``chosen`` in both tiers, and how the second went."""
    best = Standing.of(arrays, chosen)
    gen = cover(arrays, best, left)
    second = share(arrays, best, gen, left) if left() > 0 else None
    return best.chosen, second
