"""A bound of the people tier for a city of any number of blocks: everybody priced once, over all duties.

Let coverage have a price p. For any duals, the Lagrangian V of *people cost + p * coverage cost* is at
most what any plan pays, so a plan of coverage C has a people cost of at least V - p * C. A person's
whole week, with its squares of hours, is inside the sets that are priced: nothing is counted twice and
nobody is cut in two. The duals start as p times the prices that prove the first tier; then the duties
are gone through in groups, the duals of a group set by column generation while all others stand.
A unit's overload costs at least nothing: its rows have no dual.
"""

from dataclasses import dataclass, replace

import numpy as np

from volunteer.scheduling.engine import tally
from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints, quarters
from volunteer.scheduling.engine.carve import Piece, select
from volunteer.scheduling.engine.colgen import Generation, Left
from volunteer.scheduling.engine.joint import Prices, closed
from volunteer.scheduling.engine.master import Goal, Rows
from volunteer.scheduling.engine.pool import sets_of
from volunteer.scheduling.engine.pricing import EPS, Pricer, Sets

NO_LIMIT = 10**9  # quarter-hours
HIGH = 1 << 29  # no price is higher than that, so that sums stay exact
TIMES = 3  # a point of coverage is worth so many times what a seat costs people


@dataclass(frozen=True, slots=True)
class First:
    """The prices that prove the first tier: heads, seats, needs and feuds."""

    cover: Floats
    seats: Floats
    need: Floats
    apart: Floats

    @staticmethod
    def of(prices: Prices) -> "First":
        """As they stand now."""
        return First(prices.cover, prices.seats, prices.need, prices.apart)


def toll(a: Arrays, chosen: Bools) -> int:
    """A price of one point of coverage: above what a seat of this plan costs people, as a rule."""
    hours = quarters(tally.person_minutes(a, chosen))
    who, duty = a.person[chosen], a.duty[chosen]
    last = quarters(a.minutes)[duty]
    before = a.served[who] + hours[who] - last
    cost = a.fairness_weight * (2 * before + last) * last + a.people_cost[chosen]
    least = min(a.target_weight or HIGH, int(a.min_weight.min(initial=HIGH)) or HIGH)
    top = max(int(a.min_weight.max(initial=1)), int(a.need_weight.max(initial=1)), 1)
    top = max(top, a.dropped_weight)
    wanted = TIMES * (float(cost.mean()) if len(cost) else 1.0) / least
    return int(min(max(1.0, wanted), max(1, HIGH // top)))


class Tolls:
    """Duals of all duties for *people cost + price * coverage cost*."""

    def __init__(self, arrays: Arrays, first: First, price: int) -> None:
        self.arrays, self.price = arrays, price
        self.rows = rows = Rows(arrays, Goal(price=price))
        y = np.zeros(rows.count)
        y[rows.cover : rows.seats] = price * first.cover
        y[rows.seats : rows.need] = price * first.seats
        y[rows.need : rows.apart] = price * first.need
        y[rows.apart : rows.person] = price * first.apart
        self.duals = rows.tame(y)
        self._pricer = Pricer(arrays)
        self._pricer.plenty = 20_000
        q = quarters(arrays.minutes)[arrays.duty]
        before = arrays.served[arrays.person] + quarters(arrays.spent)[arrays.person]
        self._alone = arrays.fairness_weight * (2 * before + q) * q  # hours of a single duty
        shortest = max(1, int(arrays.minutes.min(initial=1 << 30)))
        longest = int(arrays.max_minutes.max(initial=0)) // shortest
        self._unseen = EPS * (2 + longest) * arrays.n_people

    def value(self) -> float:
        """Proven: what people cost + price * coverage cost any plan; minus infinity if unknown."""
        rows, y = self.rows, self.duals
        best = self._pricer.tops(rows.worth(y), rows.burden(y))
        if not self._pricer.complete:
            return -np.inf
        return rows.shared(y) - float(best.sum()) - self._unseen + rows.constant()

    def better(self, duties: Ints, chosen: Bools, left: Left) -> None:
        """Set the duals of these duties anew, all others standing."""
        a = self.arrays
        inside = np.zeros(a.n_duties, np.bool_)
        inside[duties] = True
        worth = self.rows.worth(self.duals)
        here = inside[a.duty]
        who = np.zeros(a.n_people, np.bool_)
        who[a.person[here]] = True
        pays = who[a.person] & (worth > self._alone)
        piece = select(a, np.flatnonzero(here | pays))
        mine = inside[piece.duties]
        away = ~mine[piece.arrays.duty]
        gen = self._relaxation(piece, mine, np.where(away, worth[piece.pairs], 0.0), chosen)
        state = gen.run(left, many=1)
        if state.closed:
            self._take(piece, mine, state.duals)

    def _relaxation(self, piece: Piece, mine: Bools, earned: Floats, chosen: Bools) -> Generation:
        away = ~mine[piece.arrays.duty]
        small = replace(
            closed(piece, mine, away).arrays, fair=np.full(len(self.arrays.fair), NO_LIMIT)
        )
        goal = Goal(price=self.price, bonus=earned + np.where(away, small.people_cost, 0))
        rows, k = Rows(small, goal), len(piece.duties)
        y, n = np.zeros(rows.count), self.arrays.n_duties
        y[:k] = np.where(mine, self.duals[:n][piece.duties], 0.0)
        y[k : 2 * k] = np.where(mine, self.duals[n : 2 * n][piece.duties], 0.0)
        needs = self.duals[2 * n : 2 * n + len(self.arrays.need_duty)][piece.needs]
        y[2 * k : rows.apart] = np.where(mine[small.need_duty], needs, 0.0)
        nothing = np.zeros(small.n_people)
        _, found = Pricer(small).best(rows.worth(y), rows.burden(y), nothing, many=2, cap=20)
        cheap = self._cheap(piece, away)
        return Generation(small, goal, [*sets_of(small, chosen[piece.pairs]), *found, cheap])

    def _cheap(self, piece: Piece, away: Bools) -> Sets:
        """For every duty the people for whom it alone costs least."""
        a, here = piece.arrays, np.flatnonzero(~away)
        cost = self._alone[piece.pairs[here]] + a.people_cost[here]
        order = here[np.lexsort((cost, a.duty[here]))]
        duty = a.duty[order]
        rank = np.arange(len(order)) - np.searchsorted(duty, duty)
        picks = order[rank < 3 * a.max_heads[duty]]
        return Sets(a.person[picks], picks[:, None], np.zeros(len(picks)))

    def _take(self, piece: Piece, mine: Bools, duals: Floats) -> None:
        y, rows, k = self.duals.copy(), self.rows, len(piece.duties)
        here = np.flatnonzero(mine)
        y[piece.duties[here]] = duals[here]
        y[rows.seats + piece.duties[here]] = duals[k + here]
        needs = np.flatnonzero(mine[piece.arrays.need_duty])
        y[rows.need + piece.needs[needs]] = duals[2 * k + needs]
        if len(self.arrays.apart):
            open_duty = np.zeros(self.arrays.n_duties, np.bool_)
            open_duty[piece.duties[here]] = True
            feuds = np.flatnonzero(open_duty[self.arrays.duty[self.arrays.apart[:, 0]]])
            first = 2 * k + len(piece.needs)
            y[rows.apart + feuds] = duals[first : first + len(feuds)]
        self.duals = rows.tame(y)
