"""The plans of best coverage as a face: what complementary slackness leaves free.

Let y be coverage duals whose Lagrangian value L equals the coverage C of a plan. Then every plan of
coverage C uses only sets of reduced cost 0, fills exactly the rows with a non-zero dual, and has
every shortage with a non-zero reduced cost at its bound. The people tier is then solved on that
face, without a row for the total. For its bound, the duals of the face are added to ``scale`` * y:
that is a Lagrangian of the full problem with the total's multiplier at ``scale``, and so a proven
bound whether or not the face was exact.
"""

from dataclasses import dataclass, replace

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Floats
from volunteer.scheduling.engine.lp import INF, Program
from volunteer.scheduling.engine.master import Rows
from volunteer.scheduling.engine.pricing import Sets

TOL = 1e-5


@dataclass(slots=True)
class Face:
    """Coverage rows with their duals; ``scale`` is the price of one point of coverage."""

    coverage: Rows
    duals: Floats
    scale: float

    @staticmethod
    def of(arrays: Arrays, coverage: Rows, duals: Floats) -> "Face":
        """The face at these duals, with the highest price that sums exactly."""
        top = max(
            int(arrays.min_weight.max(initial=1)),
            int(arrays.need_weight.max(initial=1)),
            arrays.dropped_weight,
            1,
        )
        scale = 1 << 17
        while scale > 1 and scale * top > 1 << 29:
            scale //= 2
        return Face(coverage, duals, float(scale))

    def program(self, rows: Rows) -> Program:
        """The rows and shortage columns of the people tier, narrowed to the face."""
        cov, base = self.coverage.program, rows.program
        y = self.duals
        reduced = cov.cost.copy()
        np.subtract.at(reduced, cov.col, y[cov.row] * cov.value)
        n = rows.n_short
        upper = base.upper.copy()
        upper[:n][reduced > TOL] = 0.0
        held = np.where(reduced < -TOL, cov.upper, 0.0)
        upper[:n][reduced < -TOL] = 0.0
        used = np.zeros(rows.count)
        np.add.at(used, cov.row, cov.value * held[cov.col])
        lower_row, upper_row = rows.lower.copy(), rows.upper.copy()
        k = self.coverage.count
        tight = np.flatnonzero(np.abs(y) > TOL)
        side = np.where(y > 0, rows.lower[:k], rows.upper[:k])
        lower_row[tight] = upper_row[tight] = side[tight]
        lower_row[rows.budget], upper_row[rows.budget] = -INF, INF
        return replace(base, upper=upper, row_lower=lower_row - used, row_upper=upper_row - used)

    def raise_up(self, rows: Rows, y: Floats) -> Floats:
        """Duals of the full people problem from duals on the face."""
        answer = y.copy()
        k = self.coverage.count
        answer[:k] += self.scale * self.duals
        answer[rows.budget] = -self.scale
        return answer

    def only(self, sets: Sets) -> Sets:
        """Those sets that lie on the face."""
        worth = self.coverage.worth(self.duals)[sets.pairs].sum(axis=1)
        rent = np.maximum(0.0, self.coverage.rent(self.duals))[sets.person]
        keep = worth >= rent - TOL
        return Sets(sets.person[keep], sets.pairs[keep], sets.worth[keep])
