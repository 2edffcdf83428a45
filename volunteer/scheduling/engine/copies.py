"""A bound of the people tier from blocks of copies.

Let block b prove V_b(p): any plan has people cost + p * coverage cost of at least V_b(p) within b.
Coverage costs add up over blocks exactly. People costs add up to at most the true cost where a
person who stands in several blocks is counted by real hours (squares of sums exceed sums of
squares) and a unit that stands in several blocks has no limit. So for every p, a plan of coverage C
has a people cost of at least sum of V_b(p) - p * C. A block not proven yet has V_b(p) = p * bound.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats, Ints
from volunteer.scheduling.engine.carve import Piece, carve
from volunteer.scheduling.engine.crew import Crew, Report
from volunteer.scheduling.engine.tasks import PRICES

NO_LIMIT = 10**9  # quarter-hours


@dataclass(slots=True)
class _Block:
    duties: Ints
    bound: int
    picks: Ints
    duals: Floats | None
    values: dict[int, int] = field(default_factory=dict)
    asked: bool = False


class Copies:
    """The blocks of one run, and what they have proven."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self._blocks: list[_Block] = []
        self._seen = np.zeros(arrays.n_people, np.int64)
        self._under_way: dict[int, _Block] = {}

    def add(self, piece: Piece, bound: int, picks: Ints, duals: Floats | None) -> None:
        """A block, its coverage bound, its plan and the duals that close it (None if none do)."""
        self._seen[piece.people] += 1
        self._blocks.append(_Block(piece.duties, bound, picks, duals))

    @property
    def busy(self) -> bool:
        """Whether a proof is under way."""
        return bool(self._under_way)

    def launch(self, crew: Crew, seconds: float) -> None:
        """Ask for the next proof, one at a time."""
        if self._under_way:
            return
        for block in self._blocks:
            if not block.asked and block.duals is not None:
                block.asked = True
                piece = carve(self.arrays, block.duties, np.zeros(0, np.int64))
                arrays, smooth = self._relaxed(piece)
                chosen = np.zeros(arrays.n_pairs, np.bool_)
                chosen[block.picks] = True
                args = (arrays, chosen, block.duals, smooth, seconds)
                self._under_way[crew.submit("share_copies", *args)] = block
                return

    def _relaxed(self, piece: Piece) -> tuple[Arrays, Bools]:
        """The block with no limit on units that stand in several blocks, and who is smooth."""
        several = self._seen > 1
        units = np.zeros(len(self.arrays.fair), np.bool_)
        units[self.arrays.unit[several]] = True
        fair = np.where(units, NO_LIMIT, piece.arrays.fair)
        # a unit's people of no block at all change nothing: they never serve
        homes = self._homes()
        fair = np.where(homes > 1, NO_LIMIT, fair)
        return replace(piece.arrays, fair=fair), several[piece.people]

    def _homes(self) -> Ints:
        """In how many blocks each unit has people."""
        count = np.zeros(len(self.arrays.fair), np.int64)
        for block in self._blocks:
            inside = np.zeros(self.arrays.n_duties, np.bool_)
            inside[block.duties] = True
            units = np.unique(self.arrays.unit[self.arrays.person[inside[self.arrays.duty]]])
            count[units] += 1
        return count

    def takes(self, report: Report) -> bool:
        """Take a report if it is of a proof under way."""
        block = self._under_way.get(report.ticket)
        if block is None:
            return False
        if report.kind != "note":
            del self._under_way[report.ticket]
        if report.kind != "lost":
            for price, value in report.value.items():
                block.values[price] = max(block.values.get(price, value), value)
        return True

    def bound(self, coverage: int) -> int:
        """Proven people cost of any plan of at most this coverage."""
        best = 0
        for price in PRICES:
            total = sum(
                max(b.values.get(price, price * b.bound), price * b.bound) for b in self._blocks
            )
            best = max(best, total - price * coverage)
        return best
