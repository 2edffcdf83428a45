"""Mend a plan that people were already told: refill only, or with a few moves, each with its price.

Sick calls, new orders and rain leave holes. The first answer touches nobody who can still come: it
only calls up others for the duties that lost somebody. The second may move people from duty to duty
where that wins coverage; every move has to earn a price, and the price is raised until no more
moves than allowed are left. Nobody is ever moved without gain.
"""

import time
from dataclasses import dataclass

import numpy as np

from volunteer.scheduling.cost import cost_after, cost_of
from volunteer.scheduling.engine import tally
from volunteer.scheduling.engine.arrays import Arrays, Bools, Ints, build
from volunteer.scheduling.engine.audit import sound
from volunteer.scheduling.engine.carve import carve
from volunteer.scheduling.engine.chains import Chains
from volunteer.scheduling.engine.draft import drop_clashes
from volunteer.scheduling.engine.greedy import refill
from volunteer.scheduling.engine.limits import Limits
from volunteer.scheduling.engine.partition import parts
from volunteer.scheduling.engine.piece import improve
from volunteer.scheduling.plan import Unsound, broken_pins, pairs_of
from volunteer.scheduling.problem import Cost, Pair, Plan, Problem, Refusal
from volunteer.scheduling.verify import Judge

PIECE = 8_000  # pairs solved together


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
        self.before = Cost(tally.coverage(arrays, self.kept), tally.people(arrays, self.kept))
        self._holed = self._holes(self.lost, duties)
        self._refilled = self.kept
        self._verified: tuple[tuple[Pair, ...], Cost] | None = None

    def left(self) -> float:
        """Seconds left."""
        return self.limits.seconds - (time.monotonic() - self._began)

    def _pairs(self, chosen: Bools) -> tuple[Pair, ...]:
        return pairs_of(self.problem, self.arrays, chosen)

    def _holes(self, lost: tuple[Pair, ...], duties: dict[str, int]) -> Ints:
        """Duties that lost somebody; without losses every duty that is short."""
        if lost:
            return np.unique(np.array([duties[s] for _, s in lost if s in duties], np.int64))
        return np.flatnonzero(tally.duty_costs(self.arrays, self.kept) > 0)

    def refill(self) -> Bools:
        """Call up free people wherever somebody is missing; nobody who stands is touched."""
        a = self.arrays
        plan = refill(a, self.kept)
        called = np.unique(a.duty[plan & ~self.kept])
        self._refilled = self._polished(plan, np.union1d(called, self._holed), self.kept)
        return self._refilled

    def _polished(self, plan: Bools, duties: Ints, standing: Bools) -> Bools:
        """Choose those who are called up to these duties anew, best in both tiers, piece by piece."""
        whole = carve(self.arrays, duties, np.flatnonzero(standing))
        a, chosen = whole.arrays, plan[whole.pairs]
        for part in parts(a, PIECE, self.limits.seed, "time"):
            inside = np.zeros(a.n_duties, np.bool_)
            inside[part] = True
            picks = np.flatnonzero(chosen)
            piece = carve(a, part, picks[~inside[a.duty[picks]]])
            chosen[piece.pairs], _ = improve(piece.arrays, chosen[piece.pairs], self.left)
        plan = plan.copy()
        plan[whole.pairs] = chosen
        return plan

    def with_moves(self, most: int) -> Bools | None:
        """The best plan found with at most so many people moved; None if no move pays."""
        chains = Chains(self.arrays, self._refilled, self.kept)
        chains.better(most, lambda: self.left() <= 0)
        self._send_back(chains)
        return chains.chosen if self._moved(chains.chosen) else None

    def _send_back(self, chains: Chains) -> None:
        """Undo moves that later ones have made needless."""
        a = self.arrays
        for person in np.unique(a.person[self.kept & ~chains.chosen]).tolist():
            mine = np.arange(a.person_ptr[person], a.person_ptr[person + 1])
            come = mine[self.kept[mine] & ~chains.chosen[mine]].tolist()
            gone = mine[~self.kept[mine] & chains.chosen[mine]].tolist()
            gain = chains.gain(come, gone)
            if gain is None or gain < 0 or chains.facing_foe(np.array(come)).any():
                continue
            chains.take(come, gone)

    def _moved(self, plan: Bools) -> int:
        return len(np.unique(self.arrays.person[self.kept & ~plan]))

    def option(self, kind: str, chosen: Bools) -> Option:
        """Price and verify one answer: the first one whole, then what differs from the one before."""
        pairs = self._pairs(chosen)
        if self._verified is None:
            faults, cost = self.judge.violations(pairs), cost_of(self.problem, pairs, self.judge)
        else:
            sound, known = self._verified
            faults = self.judge.broken_by(sound, pairs)
            cost = cost_after(self.problem, known, sound, pairs, self.judge)
        if faults:
            raise Unsound(str(faults[0]))
        self._verified = pairs, cost
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
