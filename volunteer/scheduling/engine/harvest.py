"""Sets of duties worth knowing before a large relaxation: those that the pieces found good."""

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Ints, pointers
from volunteer.scheduling.engine.carve import Piece, carve
from volunteer.scheduling.engine.colgen import Generation, Left
from volunteer.scheduling.engine.partition import parts
from volunteer.scheduling.engine.piece import improve
from volunteer.scheduling.engine.pricing import Sets
from volunteer.scheduling.engine.whole import column_values

PIECE = 16_000  # pairs of a piece
NEAR = 20.0  # reduced cost up to which a set is kept


def reap(arrays: Arrays, chosen: Bools, left: Left, rounds: int = 2) -> tuple[Bools, list[Sets]]:
    """Improve a plan piece by piece; also the sets that came near, joined with what was settled."""
    found: list[Sets] = []
    for turn in range(rounds):
        for duties in parts(arrays, PIECE, 7 + turn, "people" if turn % 2 else "mixed"):
            if left() <= 0:
                return chosen, found
            inside = np.zeros(arrays.n_duties, np.bool_)
            inside[duties] = True
            picks = np.flatnonzero(chosen)
            settled = picks[~inside[arrays.duty[picks]]]
            piece = carve(arrays, duties, settled)
            answer, gen = improve(piece.arrays, chosen[piece.pairs], left)
            chosen = chosen.copy()
            chosen[piece.pairs] = answer
            if gen is not None and gen.state.closed:
                found += lifted(arrays, piece, settled, gen)
    return chosen, found


def lifted(arrays: Arrays, piece: Piece, settled: Ints, gen: Generation) -> list[Sets]:
    """The good sets of a piece as sets of the whole."""
    near = column_values(gen) >= -NEAR
    settled = np.sort(settled)
    ptr = pointers(arrays.person[settled], arrays.n_people)
    out, first = [], 0
    for group in gen.pool.chunks():
        keep = near[first : first + len(group.person)]
        first += len(group.person)
        who = piece.people[group.person[keep]]
        pairs = piece.pairs[group.pairs[keep]]
        extra = ptr[who + 1] - ptr[who]
        for k in np.unique(extra).tolist():
            rows = extra == k
            more = settled[ptr[who[rows]][:, None] + np.arange(k)[None, :]]
            joined = np.concatenate((pairs[rows], more), axis=1)
            out.append(Sets(who[rows], joined, np.zeros(int(rows.sum()))))
    return out
