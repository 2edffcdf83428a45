"""The blocks' prices put together: one bound of the whole, better than the sum of the blocks' bounds.

In its block everybody stands with all their hours, so a person's time is paid for in every block.
Priced once, over all blocks together, the best set of a person is worth at most the sum of the best
sets of the blocks: the Lagrangian of the whole at the joint prices is never below the sum.
"""

from dataclasses import dataclass, replace

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints
from volunteer.scheduling.engine.carve import Piece, select, spread
from volunteer.scheduling.engine.colgen import Generation, Left
from volunteer.scheduling.engine.master import Goal, Rows, snap
from volunteer.scheduling.engine.pool import sets_of
from volunteer.scheduling.engine.pricing import EPS, Burden, Pricer


class Prices:
    """What a head, a seat, a need and a feud cost, for all duties of some arrays (first tier)."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.cover = np.zeros(arrays.n_duties)
        self.seats = np.zeros(arrays.n_duties)
        self.need = np.zeros(len(arrays.need_duty))
        self.apart = np.zeros(len(arrays.apart))
        self._worth = np.where(arrays.published, float(arrays.dropped_weight), 0.0)
        self._need_ptr = np.searchsorted(arrays.need_duty, np.arange(arrays.n_duties + 1))

    def copy(self) -> "Prices":
        """The same prices, to be changed."""
        other = Prices(self.arrays)
        other.cover, other.seats = self.cover.copy(), self.seats.copy()
        other.need, other.apart = self.need.copy(), self.apart.copy()
        other._worth = self._worth.copy()
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
        self._weigh(piece.duties[here])

    def better(self, piece: Piece, duals: Floats, inside: Bools | None, than: float) -> float:
        """Take over duals if the whole proves more than ``than`` with them; what is proven now."""
        before = (self.cover.copy(), self.seats.copy(), self.need.copy(), self.apart.copy())
        self.take(piece, duals, inside)
        bound = self.bound()
        if bound > than:
            return bound
        self.cover, self.seats, self.need, self.apart = before
        self._weigh(piece.duties if inside is None else piece.duties[inside])
        return than

    def _weigh(self, duties: Ints) -> None:
        """Work out anew what the pairs of these duties earn. All prices lie on the grid: sums are exact."""
        a = self.arrays
        at, owner = spread(a.duty_ptr, duties)
        pairs = a.duty_pairs[at]
        worth = (self.cover + self.seats)[duties][owner]
        self._worth[pairs] = worth + np.where(a.published[pairs], float(a.dropped_weight), 0.0)
        needs, _ = spread(self._need_ptr, duties)
        at, owner = spread(a.need_ptr, needs)
        np.add.at(self._worth, a.need_pairs[at], self.need[needs][owner])
        if len(a.apart):
            mine = np.zeros(a.n_duties, np.bool_)
            mine[duties] = True
            feuds = np.flatnonzero(mine[a.duty[a.apart[:, 0]]])
            for side in (0, 1):
                np.add.at(self._worth, a.apart[feuds, side], self.apart[feuds])

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
        """What every pair earns."""
        return self._worth

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
        picks = np.flatnonzero(worth > EPS)
        piece = select(a, picks).arrays
        nobody = np.zeros(piece.n_people)
        pricer = Pricer(piece)
        burden = Burden(0, nobody, nobody.astype(np.bool_))
        best, _ = pricer.best(worth[picks], burden, nobody, many=1)
        if not pricer.complete:
            return -np.inf
        longest = int(a.max_minutes.max(initial=0)) // max(1, int(a.minutes.min(initial=1 << 30)))
        unseen = EPS * (1 + longest) * a.n_people
        return self._shared() - float(best.sum()) - unseen + a.dropped_base

    def people_value(self, price: int) -> float:
        """Proven: what people cost + price * coverage cost any plan, at these prices times ``price``."""
        a = self.arrays
        worth: Floats = np.asarray(price * self._worth - a.people_cost, np.float64)
        picks = np.flatnonzero(worth > EPS)
        piece = select(a, picks).arrays
        nobody = np.zeros(piece.n_people)
        pricer = Pricer(piece)
        pricer.plenty = 20_000
        burden = Burden(a.fairness_weight, nobody, nobody.astype(np.bool_))
        best = pricer.tops(worth[picks], burden)
        if not pricer.complete:
            return -np.inf
        longest = int(a.max_minutes.max(initial=0)) // max(1, int(a.minutes.min(initial=1 << 30)))
        unseen = EPS * (2 + longest) * a.n_people
        # the products leave the grid: one whole point pays for all that rounding could do
        return price * (self._shared() + a.dropped_base) - float(best.sum()) - unseen - 1.0


@dataclass(frozen=True, slots=True)
class Market:
    """Some duties whose prices are to be set anew, and the people there with their seats elsewhere.

    ``inside`` marks the duties of the piece whose prices move; a seat on another one earns its pair
    the ``bonus``. ``duals`` are the prices as they are, ``chosen`` the pairs of a good plan: near the
    best prices its sets are worth what they cost, so that few others have to be looked for.
    """

    piece: Piece
    inside: Bools
    bonus: Floats
    duals: Floats
    chosen: Bools

    @staticmethod
    def of(prices: Prices, duties: Ints, chosen: Bools) -> "Market":
        """The market of these duties at the prices as they stand, with a sound plan of the whole."""
        a, worth = prices.arrays, prices.worth()
        open_duty = np.zeros(a.n_duties, np.bool_)
        open_duty[duties] = True
        at, _ = spread(a.duty_ptr, np.unique(duties))
        here = a.duty_pairs[at]
        who = np.zeros(a.n_people, np.bool_)
        who[a.person[here]] = True
        earning = np.flatnonzero(worth > EPS)
        earning = earning[who[a.person[earning]] & ~open_duty[a.duty[earning]]]
        piece = select(a, np.sort(np.concatenate((here, earning))))
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
        return Market(closed(piece, inside, away), inside, bonus, duals, chosen[piece.pairs])

    def raised(self, left: Left) -> Floats:
        """Duals that prove the most; those outside mean nothing."""
        a = self.piece.arrays
        goal = Goal(bonus=self.bonus)
        rows = Rows(a, goal)
        y = np.zeros(rows.count)
        y[: len(self.duals)] = self.duals
        nobody = np.zeros(a.n_people)
        _, seeds = Pricer(a).best(rows.worth(y), rows.burden(y), nobody, many=3)
        return Generation(a, goal, [*sets_of(a, self.chosen), *seeds]).run(left).duals


def closed(piece: Piece, inside: Bools, away: Bools) -> Piece:
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
