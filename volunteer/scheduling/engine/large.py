"""Problems too large for one program: blocks for the bound and a first good plan, then many pieces.

Blocks are parts of the duties in which everybody stands as a copy: the sum of their bounds is a
bound of the whole. Their plans are joined, clashes dropped, and the result is improved piece by
piece: a piece frees some duties, all other seats stay settled, and is solved to its end in both
tiers. Pieces are handed to the workers in a fixed order and taken back in that order, so that the
same seed and workers give the same plan.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from volunteer.scheduling.engine import tally
from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints
from volunteer.scheduling.engine.carve import Piece, carve, whole
from volunteer.scheduling.engine.copies import Copies
from volunteer.scheduling.engine.crew import Crew, Report
from volunteer.scheduling.engine.draft import drop_clashes
from volunteer.scheduling.engine.greedy import refill
from volunteer.scheduling.engine.joint import Market, Prices
from volunteer.scheduling.engine.partition import parts
from volunteer.scheduling.engine.piece import whole_bound
from volunteer.scheduling.engine.run import Run

BLOCK = 180_000  # pairs of a block
PIECE = 16_000  # pairs of a piece
CHAINED = 2_500_000  # pairs of a piece that is bettered by chains of moves
WARM = 600_000  # pairs from which (to CHAINED) every block's plan is taken at once
TOLD = 1_000_000  # pairs to one telling: counting a large plan again takes its time
LONGEST = 20.0  # seconds that a piece may take, where nobody counts steps
PROOF_AFTER = 30  # pieces before the second tier is proven
RAISED = 60_000  # pairs of duties whose prices are set anew together
RAISES = 4  # rounds of it
STYLES = ("people", "mixed", "people", "time", "mixed")


@dataclass(slots=True)
class _Flight:
    """A piece under way."""

    piece: Piece
    people: Bools
    alone: bool = False  # it takes the whole city: nothing can fly beside it
    market: Market | None = None  # prices are to be set, not seats


class Campaign:
    """One run over a large problem."""

    def __init__(self, run: Run, crew: Crew) -> None:
        self.run, self.crew = run, crew
        self.prover: Crew | None = None  # one more worker, once the second tier is to be proven
        self._spare: Bools | None = None
        self._adopted = 0  # blocks whose plan was taken at once
        self.prices: Prices | None = None  # of all blocks together, and what they prove
        self._joint = -np.inf
        a = run.arrays
        pins = np.flatnonzero(a.pinned)
        # the proof of a single block needs its duals to fit: people who can serve nowhere are left out
        as_it_is = not len(pins) and a.n_pairs > BLOCK
        self.root = whole(a) if as_it_is else carve(a, np.arange(a.n_duties), pins)
        self.arrays = self.root.arrays
        self.chosen: Bools = run.chosen[self.root.pairs].copy()
        self.offset = run.coverage - tally.coverage(self.arrays, self.chosen)
        self._waiting: dict[int, Report] = {}
        self._proofs: dict[int, int] = {}  # ticket of a proof under way -> offset of its bound
        self._closed_at: Floats | None = None  # duals that close the first tier of the whole
        self.copies = Copies(self.arrays)
        self._published: Bools = self.chosen.copy()
        self._work = self.rounds()
        self.count = 0  # pieces handed out

    # -- the crew ---------------------------------------------------------------------------

    def _answer(self, ticket: int) -> Report | None:
        """Wait for one ticket (0: for anything); None once the run has to stop."""
        while ticket not in self._waiting:
            if self.run.stopped():
                return None
            reports = self.crew.wait(min(0.05, max(0.0, self.run.left())))
            if self.prover is not None:
                reports += self.prover.wait(0.0)
            for report in reports:
                if report.ticket in self._proofs:
                    self._proof(report)
                elif self.copies.takes(report):
                    self._prove_by_copies()
                elif report.kind != "note":
                    self._waiting[report.ticket] = report
            if not ticket:
                return None
        return self._waiting.pop(ticket)

    def _proof(self, report: Report) -> None:
        """A bound of the people tier, on the way or at the end; in the end perhaps a plan."""
        value, offset = report.value, self._proofs[report.ticket]
        if report.kind != "note":
            del self._proofs[report.ticket]
        if report.kind == "lost":
            return
        if value["bound"] >= 0:
            self.run.prove_people(value["bound"] + offset, value["within"] + self.offset)
        if report.kind == "answer":
            self._spare = value["chosen"]
            if self.run.limits.steps is None:
                self._adopt_spare()

    def _prove_by_copies(self) -> None:
        """State what the blocks of copies prove of the second tier, for the present coverage."""
        here = tally.coverage(self.arrays, self.chosen)
        away = self.run.people - tally.people(self.arrays, self._published)
        self.run.prove_people(self.copies.bound(here) + away, here + self.offset)

    def _publish(self, stage: str) -> None:
        plan = self.run.arrays.pinned.copy()
        plan[self.root.pairs] |= self.chosen
        if self.run.offer(plan, stage):
            self._published = self.chosen.copy()

    # -- blocks -----------------------------------------------------------------------------

    def blocks(self) -> bool:
        """Bounds and plans of all blocks; False if the run had to stop before."""
        none = np.zeros(0, np.int64)
        found = parts(self.arrays, BLOCK, self.run.limits.seed)
        flights: deque[tuple[int, Piece]] = deque()
        joined = np.zeros_like(self.chosen)
        worth = np.zeros(self.arrays.n_pairs)
        bound = self.offset + _least(self.arrays)
        prices = Prices(self.arrays)
        todo = next(found, None)
        while todo is not None or flights:
            while todo is not None and len(flights) < self.crew.size:
                piece = carve(self.arrays, todo, none)
                start = self.chosen[piece.pairs]
                ticket = self.crew.submit("cover_block", piece.arrays, start, self.run.left())
                flights.append((ticket, piece))
                todo = next(found, None)
            ticket, piece = flights.popleft()
            report = self._answer(ticket)
            if report is None:
                return False
            if report.kind == "lost":
                joined[piece.pairs] = self.chosen[piece.pairs]
                continue
            answer = report.value
            bound += max(0, answer["bound"] - _least(piece.arrays))
            self.run.prove_coverage(bound)
            if WARM < self.arrays.n_pairs <= CHAINED:
                self._adopt(piece, answer["chosen"])
            joined[piece.pairs] = answer["chosen"]
            worth[piece.pairs] = _worth(piece.arrays, answer["duals"])
            prices.take(piece, answer["duals"])
            self._remember(piece, answer)
        self.prices, self._joint = prices, prices.bound()
        self.run.prove_coverage(self.offset + whole_bound(self._joint))
        self._join(joined, worth)
        return True

    def _remember(self, piece: Piece, answer: dict[str, Any]) -> None:
        """What the proof of the second tier needs of a block."""
        closed = answer["closed"] and answer["bound"] >= tally.coverage(
            piece.arrays, answer["chosen"]
        )
        if len(piece.duties) == self.arrays.n_duties and closed:
            self._closed_at = answer["duals"]
            return
        duals = answer["duals"] if answer["closed"] else None
        picks = np.flatnonzero(answer["chosen"])
        self.copies.add(piece, max(0, answer["bound"]), picks, duals)

    def warm_up(self) -> None:
        """One round of pieces on the first plan: better at once, and a better start for the blocks."""
        if self._is_one_block():
            first = parts(self.arrays, PIECE, self.run.limits.seed * 1000)
            self.improve(sum(1 for _ in first))

    def _adopt(self, block: Piece, chosen: Bools) -> None:
        """Take a block's plan at once, as far as the seats outside it allow."""
        a = self.arrays
        inside = np.zeros(a.n_duties, np.bool_)
        inside[block.duties] = True
        picks = np.flatnonzero(self.chosen)
        free = carve(a, block.duties, picks[~inside[a.duty[picks]]])
        plan = drop_clashes(free.arrays, np.isin(free.pairs, block.pairs[chosen]))
        plan = refill(free.arrays, plan, self.run.stopped)
        if _cost(free.arrays, plan) < _cost(free.arrays, self.chosen[free.pairs]):
            self.chosen[free.pairs] = plan
            self._adopted += 1
            if self._adopted % max(1, a.n_pairs // TOLD) == 0:
                self._publish("coverage")

    def _join(self, joined: Bools, worth: Floats) -> None:
        """The blocks' plans as one plan: clashes dropped, cheapest seat first, holes filled."""
        plan = drop_clashes(self.arrays, joined, worth)
        plan = refill(self.arrays, plan, self.run.stopped)
        if tally.coverage(self.arrays, plan) < tally.coverage(self.arrays, self.chosen):
            self.chosen = plan
            self._publish("coverage")

    # -- pieces -----------------------------------------------------------------------------

    def rounds(self) -> Iterator[tuple[str, Ints]]:
        """Tasks and the duties of their pieces, for ever: chains of moves, then pieces of one style."""
        turn, seed = 0, self.run.limits.seed
        while True:
            if not self._is_one_block():
                for group in parts(self.arrays, CHAINED, seed * 1000 + turn):
                    yield "chain_piece", group
                if turn < RAISES and self.prices is not None:
                    limit = RAISED if self.arrays.n_pairs <= CHAINED else 2 * RAISED
                    for market in parts(self.arrays, limit, seed * 1000 + 77 + turn, STYLES[turn]):
                        yield "raise_prices", market
            style = STYLES[turn % len(STYLES)]
            for part in parts(self.arrays, PIECE, seed * 1000 + turn, style):
                yield "improve_piece", part
            turn += 1

    def _is_one_block(self) -> bool:
        return self.arrays.n_pairs <= BLOCK

    def improve(self, most: int | None = None) -> None:
        """Improve the plan piece by piece, ``most`` pieces or until the run is over.

        As many pieces are under way as there are workers, whatever else the crew is asked for: what a
        piece is and what it may touch depends on the pieces before it, never on the clock.
        """
        flights: deque[tuple[int, _Flight]] = deque()
        until = None if most is None else self.count + most
        while not self.run.over():
            while len(flights) < self.crew.size and (until is None or self.count < until):
                if any(flight.alone for _, flight in flights):
                    break
                self._ask_for_proof()
                flights.append(self._launch(next(self._work), flights))
                self.count += 1
            if not flights:
                break
            ticket, flight = flights.popleft()
            report = self._answer(ticket)
            if report is None:
                break
            if report.kind == "answer" and flight.market is not None:
                self._raise(flight.market, report.value)
            elif report.kind == "answer":
                self.chosen[flight.piece.pairs] = report.value
            if flight.alone or self.count % 8 == 0 or self.arrays.n_pairs < 500_000:
                self._publish("people")
        self._publish("people")

    def finish(self) -> None:
        """Wait for the proofs under way, where the run ends after so many steps and not by the clock."""
        while (self._proofs or self.copies.busy) and not self.run.over():
            self._answer(0)
        if self._spare is not None and self.run.limits.steps is not None:
            self._adopt_spare()

    def _adopt_spare(self) -> None:
        """Take the plan that a proof brought along, if it is the better one."""
        spare, self._spare = self._spare, None
        if spare is not None and _cost(self.arrays, spare) < _cost(self.arrays, self.chosen):
            self.chosen = spare
            self._publish("people")

    def _ask_for_proof(self) -> None:
        """Once the plan is good, start the proof of its second tier, beside the pieces."""
        if self.count < PROOF_AFTER:
            return
        if self.prover is None:
            self.prover = Crew(1, first=1 << 40)
        if not self._proofs:
            self.copies.launch(self.prover, self.run.left())
        if self._closed_at is None or self.run.coverage > self.run.bound_coverage:
            return
        args = (self.arrays, self.chosen, self._closed_at, self.run.left())
        ticket = self.prover.submit("share_block", *args)
        here = tally.people(self.arrays, self.chosen)
        self._proofs[ticket] = self.run.people - here
        self._closed_at = None

    def close(self) -> None:
        """End the worker of the proofs."""
        if self.prover is not None:
            self.prover.close()

    def _launch(
        self, work: tuple[str, Ints], flights: deque[tuple[int, _Flight]]
    ) -> tuple[int, _Flight]:
        task, duties = work
        if task == "raise_prices":
            return self._launch_market(duties)
        a = self.arrays
        busy = np.zeros(a.n_duties, np.bool_)
        locked = np.zeros(a.n_people, np.bool_)
        for _, other in flights:
            busy[other.piece.duties] = True
            locked |= other.people
        duties = duties[~busy[duties]]
        inside = np.zeros(a.n_duties, np.bool_)
        inside[duties] = True
        picks = np.flatnonzero(self.chosen)
        settled = picks[~inside[a.duty[picks]] | locked[a.person[picks]]]
        piece = carve(a, duties, settled, locked)
        mine = np.zeros(a.n_people, np.bool_)
        mine[piece.people] = True
        seconds = self.run.left()
        if self.run.limits.steps is None:
            seconds = min(LONGEST, seconds)
        ticket = self.crew.submit(task, piece.arrays, self.chosen[piece.pairs], seconds)
        return ticket, _Flight(piece, mine, len(duties) == a.n_duties)

    def _launch_market(self, duties: Ints) -> tuple[int, _Flight]:
        """Set the prices of some duties anew, all others standing: it can only prove more."""
        assert self.prices is not None
        market = Market.of(self.prices, duties)
        piece = market.piece
        nobody = np.zeros(self.arrays.n_people, np.bool_)
        none = replace(piece, duties=piece.duties[:0], people=piece.people[:0])
        ticket = self.crew.submit("raise_prices", market, self.run.left())
        return ticket, _Flight(none, nobody, market=market)

    def _raise(self, market: Market, duals: Floats) -> None:
        """Keep new prices if the whole proves more with them."""
        assert self.prices is not None
        prices = self.prices.copy()
        prices.take(market.piece, duals, market.inside)
        bound = prices.bound()
        if bound > self._joint:
            self.prices, self._joint = prices, bound
            self.run.prove_coverage(self.offset + whole_bound(bound))


def _cost(a: Arrays, chosen: Bools) -> tuple[int, int]:
    return tally.coverage(a, chosen), tally.people(a, chosen)


def _least(a: Arrays) -> int:
    """Coverage cost if everybody stood everywhere at once: a bound without any work."""
    return tally.coverage(a, np.ones(a.n_pairs, np.bool_))


def _worth(a: Arrays, duals: Floats) -> Floats:
    """What a block's duals say a seat is worth."""
    return np.asarray(duals[: a.n_duties][a.duty] + duals[a.n_duties : 2 * a.n_duties][a.duty])


def solve(run: Run) -> None:
    """Improve the run's plan and prove its bounds, within its limits, with worker processes."""
    with Crew(run.limits.workers) as crew, closing(Campaign(run, crew)) as campaign:
        campaign.warm_up()
        if campaign.blocks():
            campaign.improve(run.limits.steps)
            campaign.finish()
