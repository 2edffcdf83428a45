"""The blocks' prices put together: one bound of the whole, better than the sum of the blocks' bounds.

In its block everybody stands with all their hours, so a person's time is paid for in every block.
Priced once, over all blocks together, the best set of a person is worth at most the sum of the best
sets of the blocks: the Lagrangian of the whole at the joint prices is never below the sum.
"""

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Floats, Ints
from volunteer.scheduling.engine.carve import Piece, select
from volunteer.scheduling.engine.master import snap
from volunteer.scheduling.engine.pricing import EPS, Burden, Pricer


class Prices:
    """What a head, a seat, a need and a feud cost, for all duties of some arrays (first tier)."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.cover = np.zeros(arrays.n_duties)
        self.seats = np.zeros(arrays.n_duties)
        self.need = np.zeros(len(arrays.need_duty))
        self.apart = np.zeros(len(arrays.apart))

    def take(self, piece: Piece, duals: Floats) -> None:
        """Take over the duals of a piece's duties."""
        k, n = len(piece.duties), len(piece.needs)
        self.cover[piece.duties] = np.maximum(0.0, snap(duals[:k]))
        self.seats[piece.duties] = np.minimum(0.0, snap(duals[k : 2 * k]))
        self.need[piece.needs] = np.maximum(0.0, snap(duals[2 * k : 2 * k + n]))
        feuds = self._feuds(piece.pairs)
        first = 2 * k + n
        self.apart[feuds] = np.minimum(0.0, snap(duals[first : first + len(feuds)]))

    def _feuds(self, pairs: Ints) -> Ints:
        if not len(self.arrays.apart):
            return np.zeros(0, np.int64)
        return np.flatnonzero(np.isin(self.arrays.apart, pairs).all(axis=1))

    def worth(self) -> Floats:
        """What every pair earns. All prices lie on the grid: sums are exact."""
        a = self.arrays
        owner = np.repeat(np.arange(len(a.need_duty)), np.diff(a.need_ptr))
        worth = (self.cover + self.seats)[a.duty]
        worth += np.bincount(a.need_pairs, self.need[owner], a.n_pairs)
        if len(a.apart):
            for side in (0, 1):
                worth += np.bincount(a.apart[:, side], self.apart, a.n_pairs)
        return np.asarray(worth + np.where(a.published, float(a.dropped_weight), 0.0))

    def _shared(self) -> float:
        """The part of the Lagrangian that knows no person."""
        a = self.arrays
        total = float(self.cover @ a.target + self.seats @ a.max_heads + self.need @ a.need_count)
        total += float(self.apart.sum())
        lacks: list[tuple[int | Ints, Floats, Ints]] = [
            (a.target_weight, self.cover, a.target - a.min_heads),
            (a.min_weight, self.cover, a.min_heads),
            (a.need_weight, self.need, a.need_count),
        ]
        for cost, price, most in lacks:
            total += float((np.minimum(0.0, cost - price) * most).sum())
        return total

    def bound(self) -> float:
        """A proven lower bound on the coverage cost; minus infinity where pricing was too much work."""
        a, worth = self.arrays, self.worth()
        piece = select(a, np.flatnonzero(worth > EPS)).arrays
        nobody = np.zeros(piece.n_people)
        pricer = Pricer(piece)
        burden = Burden(0, nobody, nobody.astype(np.bool_))
        best, _ = pricer.best(worth[worth > EPS], burden, nobody, many=1)
        if not pricer.complete:
            return -np.inf
        longest = int(a.max_minutes.max(initial=0)) // max(1, int(a.minutes.min(initial=1 << 30)))
        unseen = EPS * (1 + longest) * a.n_people
        return self._shared() - float(best.sum()) - unseen + a.dropped_base
