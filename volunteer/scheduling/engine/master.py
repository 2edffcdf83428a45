"""The master problem over sets of duties, and the bound that its duals prove.

Columns are sets of duties of one person. Rows are what people share: heads, seats, needs, feuds,
one set per person; for the people tier also the units' fair shares and one row that holds the
TOTAL coverage cost. Duals are snapped to a grid of 2^-20, so that every sum in a bound is exact in
double precision: a stated bound is an integer rounded up from an exact Lagrangian value.
"""

from dataclasses import dataclass

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints
from volunteer.scheduling.engine.lp import INF, Program
from volunteer.scheduling.engine.pricing import Burden, Sets
from volunteer.scheduling.engine.tally import loads

GRID = float(1 << 20)
COARSE = float(1 << 10)  # for prices that carry the price of coverage


def snap(values: Floats) -> Floats:
    """Round to the grid."""
    return np.asarray(np.round(values * GRID) / GRID)


@dataclass(frozen=True, slots=True)
class Goal:
    """What is minimized: coverage alone, or the people cost with coverage held at most ``within``.

    With a ``price`` instead of ``within``: people cost + price * coverage.
    ``smooth`` marks people who also stand in other pieces (bounds only). ``bonus`` is what a pair
    earns beside all rows: the worth of a seat outside, at prices that stand (first tier only).
    """

    within: int | None = None
    price: int | None = None
    smooth: Bools | None = None
    bonus: Floats | None = None

    @property
    def people(self) -> bool:
        """Whether this is the second tier."""
        return self.within is not None or self.price is not None


class Rows:
    """The rows of a master problem over some arrays, and its columns of shortage."""

    def __init__(self, arrays: Arrays, goal: Goal) -> None:
        self.arrays, self.goal = arrays, goal
        a = arrays
        d, n, k = a.n_duties, len(a.need_duty), len(a.apart)
        u = len(a.fair) if goal.people else 0
        self.cover, self.seats, self.need = 0, d, 2 * d
        self.apart = 2 * d + n
        self.person = self.apart + k
        self.unit = self.person + a.n_people
        self.budget = self.unit + u
        self.count = self.budget + (1 if goal.people else 0)
        self.lower = np.full(self.count, -INF)
        self.upper = np.full(self.count, INF)
        self.lower[:d] = a.target
        self.upper[d : 2 * d] = a.max_heads
        self.lower[self.need : self.apart] = a.need_count
        self.upper[self.apart : self.unit] = 1.0
        if goal.people:
            self.upper[self.unit : self.budget] = a.fair
        if goal.within is not None:
            self.upper[self.budget] = goal.within - a.dropped_base
        self._pair_rows()
        self._shortage()

    def _pair_rows(self) -> None:
        a = self.arrays
        owner = np.repeat(np.arange(len(a.need_duty)), np.diff(a.need_ptr))
        feuds = np.repeat(np.arange(len(a.apart)), 2)
        rows = np.concatenate(
            (a.duty, self.seats + a.duty, self.need + owner, self.apart + feuds)
        ).astype(np.int64)
        every = np.arange(a.n_pairs)
        pairs = np.concatenate((every, every, a.need_pairs, a.apart.reshape(-1)))
        if self.goal.bonus is not None:  # seats outside are in no row
            here = self.goal.bonus[pairs] == 0
            rows, pairs = rows[here], pairs[here]
        order = np.argsort(pairs, kind="stable")
        self.pair_rows = rows[order]
        self.pair_ptr = np.searchsorted(pairs[order], np.arange(a.n_pairs + 1)).astype(np.int64)

    def _shortage(self) -> None:
        """Columns: missing to target, missing to minimum, missing need, overload of a unit."""
        a = self.arrays
        d, n = a.n_duties, len(a.need_duty)
        price = np.concatenate((np.full(d, a.target_weight), a.min_weight, a.need_weight))
        upper = np.concatenate((a.target - a.min_heads, a.min_heads, a.need_count))
        row = np.concatenate((np.arange(d), np.arange(d), self.need + np.arange(n)))
        col = np.arange(len(price))
        value = np.ones(len(price))
        cost = price.astype(np.float64)
        self.n_short = len(price)
        if self.goal.people:
            u = len(a.fair)
            toll = price * float(self.goal.price or 0)
            cost = np.concatenate((toll, np.full(u, float(a.overload_weight))))
            row = np.concatenate((row, np.full(len(price), self.budget), self.unit + np.arange(u)))
            col = np.concatenate((col, col, len(price) + np.arange(u)))
            value = np.concatenate((value, price, np.full(u, -1.0)))
            upper = np.concatenate((upper, np.full(u, INF)))
        self.program = Program(
            cost, upper.astype(np.float64), self.lower, self.upper, row, col, value.astype(float)
        )

    # -- columns ------------------------------------------------------------------------------

    def pair_costs(self) -> Floats:
        """Cost of a pair in the objective, hours aside."""
        a = self.arrays
        price = (self.goal.price or 0) if self.goal.people else 1
        cost = np.where(a.published, -float(a.dropped_weight) * price, 0.0)
        if self.goal.people:
            cost += a.people_cost
        return cost if self.goal.bonus is None else cost - self.goal.bonus

    def columns(self, sets: Sets) -> tuple[Floats, Ints, Ints, Floats]:
        """Cost and entries (row, column, value) of sets of one size."""
        a, k = self.arrays, sets.pairs.shape[1]
        n = len(sets.person)
        pairs = sets.pairs.reshape(-1)
        count = self.pair_ptr[pairs + 1] - self.pair_ptr[pairs]
        step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        row = self.pair_rows[step + np.repeat(self.pair_ptr[pairs], count)]
        col = np.repeat(np.repeat(np.arange(n), k), count)
        cost = self.pair_costs()[sets.pairs].sum(axis=1)
        rows, cols = [row, self.person + sets.person], [col, np.arange(n)]
        values = [np.ones(len(row)), np.ones(n)]
        if self.goal.people:
            minutes = a.minutes[a.duty[sets.pairs]].sum(axis=1)
            hours = self.burden(np.zeros(self.count))
            cost = cost + hours.of(a, sets.person, minutes)
            load = loads_of(a, sets.person, minutes)
            kept = a.published[sets.pairs].sum(axis=1) * a.dropped_weight
            rows += [self.unit + a.unit[sets.person], np.full(n, self.budget)]
            cols += [np.arange(n), np.arange(n)]
            values += [load.astype(np.float64), -kept.astype(np.float64)]
        return cost, np.concatenate(rows), np.concatenate(cols), np.concatenate(values)

    def burden(self, y: Floats) -> Burden:
        """What hours cost at these duals."""
        a = self.arrays
        smooth = self.goal.smooth
        if smooth is None:
            smooth = np.zeros(a.n_people, np.bool_)
        if not self.goal.people:
            return Burden(0, np.zeros(a.n_people), smooth)
        per_unit = -y[self.unit : self.budget]
        return Burden(a.fairness_weight, np.maximum(0.0, per_unit)[a.unit], smooth)

    # -- duals --------------------------------------------------------------------------------

    def tame(self, y: Floats) -> Floats:
        """Duals on the grid, with the signs (and the one limit) that a bound needs."""
        y = snap(y) if self.goal.price is None else np.round(y * COARSE) / COARSE
        y[: self.seats] = np.maximum(0.0, y[: self.seats])
        y[self.seats : self.need] = np.minimum(0.0, y[self.seats : self.need])
        y[self.need : self.apart] = np.maximum(0.0, y[self.need : self.apart])
        y[self.apart :] = np.minimum(0.0, y[self.apart :])
        limit = -float(self.arrays.overload_weight)
        y[self.unit : self.budget] = np.maximum(limit, y[self.unit : self.budget])
        if self.goal.price is not None:
            y[self.budget :] = 0.0  # coverage has its price; the row of its total asks nothing
        return y

    def worth(self, y: Floats) -> Floats:
        """What a pair earns at these duals, less its own cost."""
        running = np.concatenate(([0.0], np.cumsum(y[self.pair_rows])))
        earned = running[self.pair_ptr[1:]] - running[self.pair_ptr[:-1]]
        a = self.arrays
        if self.goal.people:
            earned += np.where(a.published, -y[self.budget] * a.dropped_weight, 0.0)
        return np.asarray(earned - self.pair_costs())

    def rent(self, y: Floats) -> Floats:
        """What a person's time is worth at these duals."""
        return -y[self.person : self.unit]

    def shared(self, y: Floats) -> float:
        """The part of the Lagrangian that knows no person: rows and columns of shortage."""
        p = self.program
        y = y.copy()
        y[self.person : self.unit] = 0.0
        used = np.flatnonzero(y)
        side = np.where(y > 0, self.lower, self.upper)
        total = float((y[used] * side[used]).sum())
        reduced = p.cost.copy()
        np.subtract.at(reduced, p.col, y[p.row] * p.value)
        down = np.flatnonzero(reduced < 0)
        return total + float((reduced[down] * p.upper[down]).sum())

    def constant(self) -> int:
        """What is not in the program's objective."""
        times = (self.goal.price or 0) if self.goal.people else 1
        return times * self.arrays.dropped_base


def loads_of(a: Arrays, person: Ints, minutes: Ints) -> Ints:
    """Quarter-hours added, by row."""
    before = -(-a.spent[person] // 15)
    return np.asarray(-(-(a.spent[person] + minutes) // 15) - before, np.int64)


__all__ = ["GRID", "Goal", "Rows", "loads", "loads_of", "snap"]
