"""Mend a plan that people were already told: refill only, or with a few moves, each with its price.

Sick calls, new orders and rain leave holes. The first answer touches nobody who can still come: it
only calls up others for the duties that lost somebody. The second may move people from duty to duty
where that wins coverage; every move has to earn a price, and the price is raised until no more
moves than allowed are left. Nobody is ever moved without gain.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from volunteer.scheduling.cost import cost_of
from volunteer.scheduling.engine import tally
from volunteer.scheduling.engine.arrays import Arrays, Bools, Ints, build
from volunteer.scheduling.engine.audit import sound
from volunteer.scheduling.engine.carve import carve, spread
from volunteer.scheduling.engine.draft import drop_clashes
from volunteer.scheduling.engine.limits import Limits
from volunteer.scheduling.engine.piece import improve
from volunteer.scheduling.plan import Unsound, broken_pins
from volunteer.scheduling.problem import Cost, Pair, Plan, Problem, Refusal
from volunteer.scheduling.verify import Judge

WIDE = 160  # duties that a repair with moves looks at


@dataclass(frozen=True, slots=True)
class Option:
    """One way to mend: who is called up, who is told not to come, and what that wins.

    ``moves`` counts people who were told to come and are now told otherwise (for at least one duty).
    ``gain`` is the coverage won against doing nothing, ``price`` the coverage won per move against
    the refill (None without moves).
    """

    kind: str
    plan: Plan
    called: tuple[Pair, ...]
    released: tuple[Pair, ...]
    moves: int
    gain: int
    price: float | None


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of a standing plan: the pairs that fell away, and the ways to mend it."""

    lost: tuple[Pair, ...]
    before: Cost
    options: tuple[Option, ...]
    refused: tuple[Refusal, ...] = ()


def repair(
    problem: Problem,
    standing: tuple[Pair, ...] | None = None,
    *,
    moves: int = 5,
    limits: Limits | None = None,
) -> Repair:
    """Mend the standing pairs (``problem.published`` unless given) under the problem as it is now.

    Returns the refill, and beside it the best plan found with at most ``moves`` people moved, if that
    is better. Pins that break a hard rule are returned as ``refused``.
    """
    limits = limits or Limits(seconds=10.0)
    began = time.monotonic()
    judge = Judge(problem)
    refused = broken_pins(problem, judge)
    if refused:
        return Repair((), Cost(0, None), (), refused)
    told = tuple(problem.published if standing is None else standing)
    work = _Mending(problem, judge, build(problem), told, (limits, began))
    options = [work.option("refill", work.refill())]
    if moves > 0 and work.left() > 0:
        best = work.with_moves(moves)
        if best is not None:
            options.append(work.option("moves", best))
    return Repair(work.lost, work.before, tuple(options))


class _Mending:
    """One repair: what stands, what fell away, and the state of the answers."""

    def __init__(
        self,
        problem: Problem,
        judge: Judge,
        arrays: Arrays,
        told: tuple[Pair, ...],
        run: tuple[Limits, float],
    ) -> None:
        self.problem, self.judge, self.arrays = problem, judge, arrays
        self.limits, self._began = run
        people = {p.id: i for i, p in enumerate(problem.people)}
        duties = {d.id: i for i, d in enumerate(problem.duties)}
        known = [p for p in told if p[0] in people and p[1] in duties]
        rows = np.array([(people[v], duties[s]) for v, s in known], np.int64).reshape(-1, 2)
        at = arrays.index(rows[:, 0], rows[:, 1])
        chosen = arrays.pinned.copy()
        chosen[at[at >= 0]] = True
        self.kept = chosen if sound(arrays, chosen) else drop_clashes(arrays, chosen)
        stays = set(self._pairs(self.kept))
        self.lost = tuple(p for p in told if p not in stays)
        self.before = cost_of(problem, self._pairs(self.kept), judge)
        self._holed = self._holes(self.lost, duties)
        self._refilled = self.kept

    def left(self) -> float:
        """Seconds left."""
        return self.limits.seconds - (time.monotonic() - self._began)

    def _pairs(self, chosen: Bools) -> tuple[Pair, ...]:
        a, people, duties = self.arrays, self.problem.people, self.problem.duties
        picks = np.flatnonzero(chosen)
        rows = zip(a.person[picks].tolist(), a.duty[picks].tolist(), strict=True)
        return tuple((people[v].id, duties[s].id) for v, s in rows)

    def _holes(self, lost: tuple[Pair, ...], duties: dict[str, int]) -> Ints:
        """Duties that lost somebody; without losses every duty that is short."""
        if lost:
            return np.unique(np.array([duties[s] for _, s in lost if s in duties], np.int64))
        return np.flatnonzero(tally.duty_costs(self.arrays, self.kept) > 0)

    def refill(self) -> Bools:
        """Fill the holes; nobody who stands is touched."""
        piece = carve(self.arrays, self._holed, np.flatnonzero(self.kept))
        start = np.zeros(piece.arrays.n_pairs, np.bool_)
        answer, _ = improve(piece.arrays, start, self.left)
        self._refilled = self.kept.copy()
        self._refilled[piece.pairs] = answer
        return self._refilled

    def with_moves(self, most: int) -> Bools | None:
        """The best plan found with at most so many people moved; None if no move pays."""
        around = self._around()
        best, low, high = None, 1, None
        price = max(1, min(self.problem.weights.dropped, self.problem.weights.min[0]))
        for _ in range(8):
            if self.left() <= 0:
                break
            plan = self._at_price(around, price)
            count = self._moved(plan)
            if 0 < count <= most and self._better(plan, best):
                best = plan
            if count > most:
                low = price + 1
                price = price * 4 if high is None else (low + high) // 2
            else:
                high = price - 1
                price = (low + high) // 2 if low > 1 else price // 4
            if price < 1 or (high is not None and low > high):
                break
        return best

    def _better(self, plan: Bools, best: Bools | None) -> bool:
        """Whether a plan wins coverage against the refill, and beats the best so far in both tiers."""
        a = self.arrays
        coverage = tally.coverage(a, plan)
        if best is None:
            return coverage < tally.coverage(a, self._refilled)
        return (coverage, tally.people(a, plan)) < (tally.coverage(a, best), tally.people(a, best))

    def _around(self) -> Ints:
        """The holed duties and those where people stand who could fill the holes."""
        a = self.arrays
        where, _ = spread(a.duty_ptr, self._holed)
        can = np.bincount(a.person[a.duty_pairs[where]], minlength=a.n_people)
        picks = np.flatnonzero(self.kept)
        weight = np.bincount(a.duty[picks], can[a.person[picks]], minlength=a.n_duties)
        weight = weight.astype(np.float64)
        weight[self._holed] = np.inf
        order = np.lexsort((np.arange(a.n_duties), -weight))[: max(WIDE, len(self._holed))]
        return np.sort(order[weight[order] > 0])

    def _at_price(self, duties: Ints, price: int) -> Bools:
        """The best plan when every pair given up costs this much coverage."""
        a = replace(self.arrays, published=self.kept, dropped_weight=price)
        inside = np.zeros(a.n_duties, np.bool_)
        inside[duties] = True
        start = self._refilled
        settled = start & (~inside[a.duty] | a.pinned)
        piece = carve(a, duties, np.flatnonzero(settled))
        answer, _ = improve(piece.arrays, start[piece.pairs], self.left)
        plan = start.copy()
        plan[piece.pairs] = answer
        return plan

    def _moved(self, plan: Bools) -> int:
        return len(np.unique(self.arrays.person[self.kept & ~plan]))

    def option(self, kind: str, chosen: Bools) -> Option:
        """Price and verify one answer."""
        pairs = self._pairs(chosen)
        faults = self.judge.violations(pairs)
        if faults:
            raise Unsound(str(faults[0]))
        cost = cost_of(self.problem, pairs, self.judge)
        moves = self._moved(chosen)
        refilled = tally.coverage(self.arrays, self._refilled)
        won = refilled - tally.coverage(self.arrays, chosen)
        seconds = {"total": round(time.monotonic() - self._began, 3)}
        bound = Cost(self.arrays.floor, None)
        plan = Plan(self.problem.name, "feasible", pairs, cost, bound, seconds, self.limits.seed)
        return Option(
            kind=kind,
            plan=plan,
            called=self._pairs(chosen & ~self.kept),
            released=self._pairs(self.kept & ~chosen),
            moves=moves,
            gain=self.before.coverage - cost.coverage,
            price=won / moves if moves else None,
        )
