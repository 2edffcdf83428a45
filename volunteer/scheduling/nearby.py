"""A first sieve: who comes into question for a duty at all, found by unit and by square of the map.

It only spares work. Whoever it lets through is judged by the rules; whomever it leaves out is of no
tied unit and lives in a square that the circle of reach does not touch, or the duty is not open.
"""

import numpy as np

from volunteer.scheduling.columns import Columns, Ints

SIDE = 1000  # metres, a square


class Nearby:
    """The people of one window of time, sorted by unit and by square.

    Parameters
    ----------
    columns
        The problem.
    free
        Indices of the people to choose from.
    """

    def __init__(self, columns: Columns, free: Ints) -> None:
        self._columns = columns
        unit = columns.unit[free]
        by_unit = np.argsort(unit, kind="stable")
        self._of_unit = free[by_unit]
        self._unit_ptr = np.searchsorted(unit[by_unit], np.arange(len(columns.unit_at) + 1))
        homeless = columns.homeless[free]
        self._homeless, housed = free[homeless], free[~homeless]
        self._west = int(columns.home_x.min(initial=0)) // SIDE
        self._south = int(columns.home_y.min(initial=0)) // SIDE
        self._across = int(columns.home_x.max(initial=0)) // SIDE - self._west + 1
        self._up = int(columns.home_y.max(initial=0)) // SIDE - self._south + 1
        east = columns.home_x[housed] // SIDE - self._west
        north = columns.home_y[housed] // SIDE - self._south
        square = north * self._across + east
        by_square = np.argsort(square, kind="stable")
        self._squares, self._of_square = square[by_square], housed[by_square]

    def candidates(self, duty: int) -> Ints:
        """Return everybody who comes into question for the duty, in no order, nobody twice."""
        columns = self._columns
        mine = columns.problem.duties[duty]
        tied = columns.tied(duty)
        units = np.flatnonzero(tied)
        found = self._slices(self._of_unit, self._unit_ptr[units], self._unit_ptr[units + 1])
        if mine.open:
            around = [*self._around(duty, mine.reach), self._homeless]
            near = around[0] if len(around) == 1 else np.concatenate(around)
            found.append(near[~tied[columns.unit[near]]])
        if len(found) == 1:
            return found[0].copy()
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def _around(self, duty: int, reach: int) -> list[Ints]:
        x, y = int(self._columns.place_x[duty]), int(self._columns.place_y[duty])
        west = max(0, (x - reach) // SIDE - self._west)
        east = min(self._across - 1, (x + reach) // SIDE - self._west)
        south = max(0, (y - reach) // SIDE - self._south)
        north = min(self._up - 1, (y + reach) // SIDE - self._south)
        if west > east or south > north:
            return []
        if (north - south + 1) * 4 > len(self._squares):  # a wide reach over few people: take all
            return [self._of_square]
        rows = np.arange(south, north + 1, dtype=np.int64) * self._across
        first = np.searchsorted(self._squares, rows + west)
        return self._slices(self._of_square, first, np.searchsorted(self._squares, rows + east + 1))

    @staticmethod
    def _slices(who: Ints, first: Ints, after: Ints) -> list[Ints]:
        bounds = zip(first.tolist(), after.tolist(), strict=True)
        return [who[a:b] for a, b in bounds if a < b]
