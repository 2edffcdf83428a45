"""The blocks' prices put together: one bound of the whole, better than the sum of the blocks' bounds.

In its block everybody stands with all their hours, so a person's time is paid for in every block.
Priced once, over all blocks together, the best set of a person is worth at most the sum of the best
sets of the blocks: the Lagrangian of the whole at the joint prices is never below the sum.
"""

from dataclasses import dataclass, replace

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints
from volunteer.scheduling.engine.carve import Piece, select
from volunteer.scheduling.engine.colgen import Generation, Left
from volunteer.scheduling.engine.master import Goal, Rows, snap
from volunteer.scheduling.engine.pricing import EPS, Burden, Pricer


class Prices:
    """What a head, a seat, a need and a feud cost, for all duties of some arrays (first tier)."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.cover = np.zeros(arrays.n_duties)
        self.seats = np.zeros(arrays.n_duties)
        self.need = np.zeros(len(arrays.need_duty))
        self.apart = np.zeros(len(arrays.apart))

    def copy(self) -> "Prices":
        """The same prices, to be changed."""
        other = Prices(self.arrays)
        other.cover, other.seats = self.cover.copy(), self.seats.copy()
        other.need, other.apart = self.need.copy(), self.apart.copy()
        return other

    def take(self, piece: Piece, duals: Floats, inside: Bools | None = None) -> None:
        """Take over the duals of a piece's duties, or of those ``inside`` alone."""
        k, n = len(piece.duties), len(piece.needs)
        if inside is None:
            inside = np.ones(k, np.bool_)
        here = np.flatnonzero(inside)
        self.cover[piece.duties[here]] = np.maximum(0.0, snap(duals[here]))
        self.seats[piece.duties[here]] = np.minimum(0.0, snap(duals[k + here]))
        needs = np.flatnonzero(inside[piece.arrays.need_duty])
        self.need[piece.needs[needs]] = np.maximum(0.0, snap(duals[2 * k + needs]))
        feuds = self.feuds(piece, inside)
        first = 2 * k + n
        self.apart[feuds] = np.minimum(0.0, snap(duals[first : first + len(feuds)]))

    def feuds(self, piece: Piece, inside: Bools) -> Ints:
        """The feuds of a piece on duties ``inside``, by their index in the whole, in order.

        On those duties the piece holds every pair of the whole.
        """
        a = self.arrays
        if not len(a.apart):
            return np.zeros(0, np.int64)
        mine = np.zeros(a.n_duties, np.bool_)
        mine[piece.duties[inside]] = True
        return np.flatnonzero(mine[a.duty[a.apart[:, 0]]])

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


@dataclass(frozen=True, slots=True)
class Market:
    """Some duties whose prices are to be set anew, and the people there with their seats elsewhere.

    ``inside`` marks the duties of the piece whose prices move; a seat on another one earns its pair
    the ``bonus``. ``duals`` are the prices as they are.
    """

    piece: Piece
    inside: Bools
    bonus: Floats
    duals: Floats

    @staticmethod
    def of(prices: Prices, duties: Ints) -> "Market":
        """The market of these duties at the prices as they stand."""
        a, worth = prices.arrays, prices.worth()
        open_duty = np.zeros(a.n_duties, np.bool_)
        open_duty[duties] = True
        here = open_duty[a.duty]
        who = np.zeros(a.n_people, np.bool_)
        who[a.person[here]] = True
        piece = select(a, np.flatnonzero(here | (who[a.person] & (worth > EPS))))
        inside = open_duty[piece.duties]
        away = ~inside[piece.arrays.duty]
        bonus = np.where(away, worth[piece.pairs], 0.0)
        duals = np.concatenate(
            (
                np.where(inside, prices.cover[piece.duties], 0.0),
                np.where(inside, prices.seats[piece.duties], 0.0),
                np.where(open_duty[a.need_duty[piece.needs]], prices.need[piece.needs], 0.0),
                prices.apart[prices.feuds(piece, inside)],
            )
        )
        return Market(_closed(piece, inside, away), inside, bonus, duals)

    def raised(self, left: Left) -> Floats:
        """Duals that prove the most; those outside mean nothing."""
        a = self.piece.arrays
        goal = Goal(bonus=self.bonus)
        rows = Rows(a, goal)
        y = np.zeros(rows.count)
        y[: len(self.duals)] = self.duals
        nobody = np.zeros(a.n_people)
        _, seeds = Pricer(a).best(rows.worth(y), rows.burden(y), nobody, many=3)
        return Generation(a, goal, seeds).run(left).duals


def _closed(piece: Piece, inside: Bools, away: Bools) -> Piece:
    """The piece with nothing asked or forbidden on the duties outside."""
    a = piece.arrays
    shut = ~inside
    feuds = a.apart
    if len(feuds):
        feuds = feuds[~away[feuds[:, 0]]]
    return replace(
        piece,
        arrays=replace(
            a,
            published=a.published & ~away,
            min_heads=np.where(shut, 0, a.min_heads),
            target=np.where(shut, 0, a.target),
            max_heads=np.where(shut, a.n_people, a.max_heads),
            need_count=np.where(shut[a.need_duty], 0, a.need_count),
            apart=feuds,
        ),
    )
