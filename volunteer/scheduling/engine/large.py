"""Problems too large for one program: the scarce duties first, then prices and many pieces.

A city of one block is solved as that block. In a larger one the duties that few people can take are
solved as one block, everybody with all their hours; that plan is seated first, the others around it.
The prices of the other duties are then set market by market, and the whole, priced once, proves the
bound. The plan is improved piece by piece: a piece frees some duties, all other seats stay settled,
and is solved to its end in both tiers. Pieces are handed to the workers in a fixed order and taken
back in that order, so that the same seed and workers give the same plan.
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
from volunteer.scheduling.engine.crew import Crew, Report
from volunteer.scheduling.engine.greedy import refill
from volunteer.scheduling.engine.joint import Market, Prices
from volunteer.scheduling.engine.partition import parts
from volunteer.scheduling.engine.piece import whole_bound
from volunteer.scheduling.engine.run import Run
from volunteer.scheduling.engine.scarce import scarce, seat_first
from volunteer.scheduling.engine.tolls import First, toll

BLOCK = 180_000  # pairs of a city that is one block
SCARCE = (30_000, 120_000)  # pairs of the scarce duties solved together: a first look, then more
FIRST = (10.0, 0.25)  # seconds for them, at least; share of the time left
PIECE = 16_000  # pairs of a piece
CHAINED = 2_500_000  # pairs of a piece that is bettered by chains of moves
LONGEST = 20.0  # seconds that a piece may take, where nobody counts steps
PROOF_AFTER = 30  # pieces before the second tier is proven
MARKET = 60_000  # pairs of duties whose prices are set anew together
WIDE = 180_000  # the same, in a city of more than CHAINED pairs
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
        self.prices: Prices | None = None  # of all duties together, and what they prove
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
        self._value: tuple[int, int] | None = None  # proven of people + price * coverage; the price
        self._asked = False
        self._published: Bools = self.chosen.copy()
        self._work = self.rounds()
        self._next: tuple[str, Ints] | None = None
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
        if "price" in value:
            self._value = (value["value"], value["price"])
            self._prove_people()
            return
        if value["bound"] >= 0:
            self.run.prove_people(value["bound"] + offset, value["within"] + self.offset)
        if report.kind == "answer":
            self._spare = value["chosen"]
            if self.run.limits.steps is None:
                self._adopt_spare()

    def _prove_people(self) -> None:
        """What people + price * coverage proves of the second tier, for the present coverage."""
        if self._value is None or self._value[0] < 0:
            return
        here = tally.coverage(self.arrays, self._published)
        away = self.run.people - tally.people(self.arrays, self._published)
        value, price = self._value
        self.run.prove_people(max(0, value - price * here) + away, here + self.offset)

    def _publish(self, stage: str) -> None:
        plan = self.run.arrays.pinned.copy()
        plan[self.root.pairs] |= self.chosen
        before = self.run.coverage
        if self.run.offer(plan, stage):
            self._published = self.chosen.copy()
            if self.run.coverage < before:
                self._prove_people()

    # -- blocks -----------------------------------------------------------------------------

    def open_up(self) -> bool:
        """The first bound and a good plan; False if the run had to stop before."""
        return self.one_block() if self._is_one_block() else self.scarce_first()

    def one_block(self) -> bool:
        """A city of one block: a round of pieces, better at once and a better start; then all of it."""
        first = parts(self.arrays, PIECE, self.run.limits.seed * 1000)
        self.improve(sum(1 for _ in first))
        answer, piece = None, carve(self.arrays, np.arange(self.arrays.n_duties), _NONE)
        start = self.chosen[piece.pairs]
        report = self._answer(self.crew.submit("cover_block", piece.arrays, start, self.run.left()))
        if report is None:
            return False
        if report.kind == "answer":
            answer = report.value
            self.run.prove_coverage(self.offset + answer["bound"])
            plan = np.zeros_like(self.chosen)
            plan[piece.pairs] = answer["chosen"]
            if tally.coverage(self.arrays, plan) < tally.coverage(self.arrays, self.chosen):
                self.chosen = plan
                self._publish("coverage")
            if answer["closed"] and answer["bound"] >= tally.coverage(self.arrays, plan):
                self._closed_at = answer["duals"]
        return True

    def scarce_first(self) -> bool:
        """Solve the scarce duties as one block, seat its plan first, and price the whole by its duals."""
        self.prices = Prices(self.arrays)
        flights: deque[tuple[int, Piece]] = deque()
        for limit in SCARCE:
            piece = carve(self.arrays, scarce(self.arrays, limit), _NONE)
            args = (piece.arrays, self.chosen[piece.pairs], self._patience(*FIRST))
            flights.append((self.crew.submit("cover_block", *args), piece))
        for ticket, piece in flights:
            report = self._answer(ticket)
            if report is None:
                return False
            if report.kind == "answer":
                self._seat_scarce(piece, report.value)
        return True

    def _patience(self, least: float, share: float) -> float:
        """Seconds for one task: a share of what is left; all of it where steps are counted."""
        left = self.run.left()
        return left if self.run.limits.steps is not None else min(left, max(least, share * left))

    def _seat_scarce(self, piece: Piece, answer: dict[str, Any]) -> None:
        """Take over what a block of scarce duties says: prices, and seats before all others."""
        assert self.prices is not None
        a = self.arrays
        bound = self.prices.better(piece, answer["duals"], None, self._joint)
        self._prove(bound)
        inside = np.zeros(a.n_duties, np.bool_)
        inside[piece.duties] = True
        first = np.zeros_like(self.chosen)
        first[piece.pairs] = answer["chosen"]
        plan = seat_first(a, first, self.prices.worth(), self.chosen & ~inside[a.duty])
        plan = refill(a, plan, self.run.stopped)
        if tally.coverage(a, plan) < tally.coverage(a, self.chosen):
            self.chosen = plan
            self._publish("coverage")

    def _prove(self, bound: float) -> None:
        """What the joint prices prove now."""
        if bound > self._joint:
            self._joint = bound
            self.run.prove_coverage(self.offset + whole_bound(bound))

    # -- pieces -----------------------------------------------------------------------------

    def rounds(self) -> Iterator[tuple[str, Ints]]:
        """Tasks and the duties of their pieces, for ever: chains of moves, then pieces of one style."""
        turn, seed = 0, self.run.limits.seed
        a = self.arrays
        while True:
            if not self._is_one_block():
                chains = (("chain_piece", group) for group in parts(a, CHAINED, seed * 1000 + turn))
                if a.n_pairs <= CHAINED:  # it costs little, and the prices start from a better plan
                    yield from chains
                yield from self._markets(turn)
                self._price_people()
                yield from chains
            style = STYLES[turn % len(STYLES)]
            for part in parts(a, PIECE, seed * 1000 + turn, style):
                yield "improve_piece", part
            turn += 1

    def _markets(self, turn: int) -> Iterator[tuple[str, Ints]]:
        """Prices to be set anew: first those of the duties that are not scarce, then all of them."""
        a, seed = self.arrays, self.run.limits.seed * 1000 + 77 + turn
        wide = MARKET if a.n_pairs <= CHAINED else WIDE
        if turn == 0:
            plenty = np.setdiff1d(np.arange(a.n_duties), scarce(a, SCARCE[-1]))
            for market in parts(a, wide, seed, STYLES[0], plenty):
                yield "raise_prices", market
        elif turn < RAISES:
            for market in parts(a, wide, seed, STYLES[turn]):
                yield "raise_prices", market

    def _price_people(self) -> None:
        """A first bound of the second tier, where the city is too large for a proof beside the pieces."""
        if self.prices is not None and self.arrays.n_pairs > CHAINED:
            price = toll(self.arrays, self.chosen)
            self._value = (whole_bound(self.prices.people_value(price)), price)
            self._prove_people()

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
                work = self._next or next(self._work)
                self._next = None
                if work[0] != "raise_prices" and any(flight.alone for _, flight in flights):
                    self._next = work
                    break
                self._ask_for_proof()
                flights.append(self._launch(work, flights))
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
        while self._proofs and not self.run.over():
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
        if self.prices is not None:
            self._ask_for_whole()
        if self._closed_at is None or self.run.coverage > self.run.bound_coverage:
            return
        args = (self.arrays, self.chosen, self._closed_at, self.run.left())
        ticket = self.prover.submit("share_block", *args)
        here = tally.people(self.arrays, self.chosen)
        self._proofs[ticket] = self.run.people - here
        self._closed_at = None

    def _ask_for_whole(self) -> None:
        """The same for a city of several blocks, once."""
        assert self.prover is not None
        assert self.prices is not None
        if self._asked or self.count < 2 * PROOF_AFTER or self.arrays.n_pairs > CHAINED:
            return
        self._asked, left = True, self.run.left()
        limits = (self.run.limits.seed, left, LONGEST if self.run.limits.steps is None else left)
        args = (self.arrays, self.chosen, First.of(self.prices), limits)
        self._proofs[self.prover.submit("share_whole", *args)] = 0

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
        seconds = self._patience(LONGEST, 0.0)
        ticket = self.crew.submit(task, piece.arrays, self.chosen[piece.pairs], seconds)
        return ticket, _Flight(piece, mine, len(duties) == a.n_duties)

    def _launch_market(self, duties: Ints) -> tuple[int, _Flight]:
        """Set the prices of some duties anew, all others standing: it can only prove more."""
        assert self.prices is not None
        market = Market.of(self.prices, duties, self.chosen)
        piece = market.piece
        nobody = np.zeros(self.arrays.n_people, np.bool_)
        none = replace(piece, duties=piece.duties[:0], people=piece.people[:0])
        ticket = self.crew.submit("raise_prices", market, self._patience(LONGEST, 0.0))
        return ticket, _Flight(none, nobody, market=market)

    def _raise(self, market: Market, duals: Floats) -> None:
        """Keep new prices if the whole proves more with them."""
        assert self.prices is not None
        self._prove(self.prices.better(market.piece, duals, market.inside, self._joint))


_NONE = np.zeros(0, np.int64)


def _cost(a: Arrays, chosen: Bools) -> tuple[int, int]:
    return tally.coverage(a, chosen), tally.people(a, chosen)


def solve(run: Run) -> None:
    """Improve the run's plan and prove its bounds, within its limits, with worker processes."""
    with Crew(run.limits.workers) as crew, closing(Campaign(run, crew)) as campaign:
        if campaign.open_up():
            campaign.improve(run.limits.steps)
            campaign.finish()
