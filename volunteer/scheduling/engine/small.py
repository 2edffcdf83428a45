"""Problems small enough to be closed in this process: an exact search in both tiers."""

import numpy as np

from volunteer.scheduling.engine.carve import carve
from volunteer.scheduling.engine.exact import settle
from volunteer.scheduling.engine.piece import Standing
from volunteer.scheduling.engine.run import Run

PAIRS = 4_000


def solve(run: Run) -> None:
    """Improve the run's plan and prove its bounds, within its limits."""
    a = run.arrays
    pins = np.flatnonzero(a.pinned)
    piece = carve(a, np.arange(a.n_duties), pins)
    best = Standing.of(piece.arrays, run.chosen[piece.pairs])
    offset = (run.coverage - best.coverage, run.people - best.people)

    def left() -> float:
        return 0.0 if run.stopped() else run.left()

    coverage, people = settle(piece.arrays, best, left)
    chosen = a.pinned.copy()
    chosen[piece.pairs] |= best.chosen
    run.offer(chosen, "coverage")
    run.prove_coverage(coverage + offset[0])
    if people is not None:
        run.prove_people(people + offset[1], run.coverage)


__all__ = ["PAIRS", "solve"]
