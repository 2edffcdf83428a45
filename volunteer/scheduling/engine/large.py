"""Problems too large for one program: blocks for the bound and a first good plan, then many pieces.

Blocks are parts of the duties in which everybody stands as a copy: the sum of their bounds is a
bound of the whole. Their plans are joined, clashes dropped, and the result is improved piece by
piece: a piece frees some duties, all other seats stay settled, and is solved to its end in both
tiers. Pieces are handed to the workers in a fixed order and taken back in that order, so that the
same seed and workers give the same plan.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from volunteer.scheduling.engine import tally
from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints
from volunteer.scheduling.engine.carve import Piece, carve
from volunteer.scheduling.engine.copies import Copies
from volunteer.scheduling.engine.crew import Crew, Report
from volunteer.scheduling.engine.draft import drop_clashes
from volunteer.scheduling.engine.greedy import refill
from volunteer.scheduling.engine.partition import parts
from volunteer.scheduling.engine.run import Run

BLOCK = 180_000  # pairs of a block
PIECE = 16_000  # pairs of a piece
WARM = 600_000  # pairs up to which pieces come before blocks
PROOF_AFTER = 30  # pieces before the second tier is proven
STYLES = ("people", "mixed", "people", "time", "mixed")


@dataclass(slots=True)
class _Flight:
    """A piece under way."""

    piece: Piece
    people: Bools


class Campaign:
    """One run over a large problem."""

    def __init__(self, run: Run, crew: Crew) -> None:
        self.run, self.crew = run, crew
        a = run.arrays
        self.root = carve(a, np.arange(a.n_duties), np.flatnonzero(a.pinned))
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
        """Wait for one ticket; None once the run has to stop."""
        while ticket not in self._waiting:
            if self.run.stopped():
                return None
            for report in self.crew.wait(min(0.05, max(0.0, self.run.left()))):
                if report.ticket in self._proofs:
                    self._proof(report)
                elif self.copies.takes(report):
                    self._prove_by_copies()
                elif report.kind != "note":
                    self._waiting[report.ticket] = report
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
            plan = value["chosen"]
            if _cost(self.arrays, plan) < _cost(self.arrays, self.chosen):
                self.chosen = plan
                self._publish("people")

    def _prove_by_copies(self) -> None:
        """State what the blocks of copies prove of the second tier, for the present coverage."""
        here = tally.coverage(self.arrays, self.chosen)
        away = self.run.people - tally.people(self.arrays, self._published)
        self.run.prove_people(self.copies.bound(here) + away, here + self.offset)

    def _publish(self, stage: str) -> None:
        whole = self.run.arrays.pinned.copy()
        whole[self.root.pairs] |= self.chosen
        if self.run.offer(whole, stage):
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
            if self.arrays.n_pairs > WARM:
                self._adopt(piece, answer["chosen"])
            joined[piece.pairs] = answer["chosen"]
            worth[piece.pairs] = _worth(piece.arrays, answer["duals"])
            self._remember(piece, answer)
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
        if self.arrays.n_pairs <= WARM:
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
            self._publish("coverage")

    def _join(self, joined: Bools, worth: Floats) -> None:
        """The blocks' plans as one plan: clashes dropped, cheapest seat first, holes filled."""
        plan = drop_clashes(self.arrays, joined, worth)
        plan = refill(self.arrays, plan, self.run.stopped)
        if tally.coverage(self.arrays, plan) < tally.coverage(self.arrays, self.chosen):
            self.chosen = plan
            self._publish("coverage")

    # -- pieces -----------------------------------------------------------------------------

    def rounds(self) -> Iterator[Ints]:
        """Duties of pieces, for ever."""
        turn = 0
        seed = self.run.limits.seed
        while True:
            style = STYLES[turn % len(STYLES)]
            yield from parts(self.arrays, PIECE, seed * 1000 + turn, style)
            turn += 1

    def improve(self, most: int | None = None) -> None:
        """Improve the plan piece by piece, ``most`` pieces or until the run is over."""
        flights: deque[tuple[int, _Flight]] = deque()
        until = None if most is None else self.count + most
        while not self.run.over():
            if until is None:
                self._ask_for_proof()
            busy = bool(self._proofs) or self.copies.busy
            size = self.crew.size - (1 if busy else 0)
            while len(flights) < max(1, size) and (until is None or self.count < until):
                flights.append(self._launch(next(self._work), flights))
                self.count += 1
            if not flights:
                break
            ticket, flight = flights.popleft()
            report = self._answer(ticket)
            if report is None:
                break
            if report.kind == "answer":
                self.chosen[flight.piece.pairs] = report.value
            if self.count % 8 == 0 or self.arrays.n_pairs < 500_000:
                self._publish("people")
        self._publish("people")

    def _ask_for_proof(self) -> None:
        """Once the plan is good, start the proof of its second tier (a single closed block)."""
        if self.count >= PROOF_AFTER and not self._proofs:
            self.copies.launch(self.crew, self.run.left())
        if self._closed_at is None or self.count < PROOF_AFTER:
            return
        if self.run.coverage > self.run.bound_coverage:
            return
        args = (self.arrays, self.chosen, self._closed_at, self.run.left())
        ticket = self.crew.submit("share_block", *args)
        here = tally.people(self.arrays, self.chosen)
        self._proofs[ticket] = self.run.people - here
        self._closed_at = None

    def _launch(self, duties: Ints, flights: deque[tuple[int, _Flight]]) -> tuple[int, _Flight]:
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
        seconds = min(20.0, self.run.left())
        ticket = self.crew.submit("improve_piece", piece.arrays, self.chosen[piece.pairs], seconds)
        return ticket, _Flight(piece, mine)


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
    with Crew(run.limits.workers) as crew:
        campaign = Campaign(run, crew)
        campaign.warm_up()
        if campaign.blocks():
            campaign.improve()
