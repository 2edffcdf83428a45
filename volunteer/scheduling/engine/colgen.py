"""Column generation: the linear relaxation over sets of duties, to its end, with a proven bound."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Floats
from volunteer.scheduling.engine.face import Face
from volunteer.scheduling.engine.lp import Simplex, Solution
from volunteer.scheduling.engine.master import Goal, Rows
from volunteer.scheduling.engine.pool import Pool
from volunteer.scheduling.engine.pricing import EPS, Pricer, Sets

Left = Callable[[], float]


@dataclass(slots=True)
class Relaxed:
    """Where column generation stands: proven bound with its duals, last primal solution."""

    bound: float
    duals: Floats
    solution: Solution | None
    closed: bool
    rounds: int = 0


class Generation:
    """One relaxation: rows, pool of columns, simplex. ``run`` may be called again with more time."""

    def __init__(
        self, arrays: Arrays, goal: Goal, seeds: list[Sets], face: Face | None = None
    ) -> None:
        self.arrays = arrays
        self.rows = Rows(arrays, goal)
        self.pool = Pool(arrays)
        self.pricer = Pricer(arrays)
        shortest = max(1, int(arrays.minutes.min(initial=1 << 30)))
        longest = int(arrays.max_minutes.max(initial=0)) // shortest  # duties of one person
        self._unseen = EPS * (1 + longest) * arrays.n_people
        self.face = face
        self.program = self.rows.program if face is None else face.program(self.rows)
        self.simplex = Simplex(self.program)
        self.state = Relaxed(-np.inf, np.zeros(self.rows.count), None, False)
        self._add(seeds)

    def _add(self, groups: list[Sets]) -> int:
        if self.face is not None:
            groups = [self.face.only(g) for g in groups]
        new = [s for s in (self.pool.add(g) for g in groups) if len(s.person)]
        if not new:
            return 0
        first, parts = 0, []
        for s in new:
            cost, row, col, value = self.rows.columns(s)
            keep = value != 0
            parts.append((cost, row[keep], col[keep] + first, value[keep]))
            first += len(cost)
        cost, row, col, value = (np.concatenate([p[i] for p in parts]) for i in range(4))
        self.simplex.add(cost, row, col, value)
        return first

    def duals_of(self, y: Floats) -> Floats:
        """Duals of the whole problem from those of the simplex."""
        return self.rows.tame(y if self.face is None else self.face.raise_up(self.rows, y))

    def price_at(self, y: Floats, many: int, cap: int) -> tuple[float, list[Sets]]:
        """Proven Lagrangian value at any duals (-inf if pricing was cut), and sets worth adding."""
        y = self.duals_of(y)
        rent = np.maximum(0.0, self.rows.rent(y))
        best, found = self.pricer.best(
            self.rows.worth(y), self.rows.burden(y), rent, many=many, cap=cap
        )
        value = -np.inf
        if self.pricer.complete:
            # what lies within EPS above the rent, and pairs worth less than EPS, were not looked for
            value = self.rows.shared(y) - float(best.sum()) - self._unseen
            value += self.rows.constant()
        return value, found

    def run(
        self,
        left: Left,
        target: float = np.inf,
        many: int = 2,
        cap: int = 20,
        rounds: int = 10_000,
    ) -> Relaxed:
        """Generate until nothing improves, the bound reaches ``target`` or the time is up."""
        state = self.state
        last = state.rounds + rounds
        while not state.closed and state.bound < target and state.rounds < last:
            solution = self.simplex.solve(left())
            if solution is None:
                break
            state.solution = solution
            state.rounds += 1
            bound, found = self.price_at(solution.y, many, cap)
            if bound > state.bound:
                state.bound, state.duals = bound, self.duals_of(solution.y)
            added = self._add(found)
            value = solution.value + self.rows.constant()
            if not added and not self.pricer.complete:
                if cap == 0:
                    break
                cap = cap * 4 if cap < 300 else 0
            elif not added or value - state.bound < 1e-2:
                state.closed = True
        return state
