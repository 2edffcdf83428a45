"""What worker processes do: plain functions of arrays, by name."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats
from volunteer.scheduling.engine.chains import Chains
from volunteer.scheduling.engine.colgen import Generation, Left
from volunteer.scheduling.engine.face import Face
from volunteer.scheduling.engine.harvest import reap
from volunteer.scheduling.engine.joint import Market
from volunteer.scheduling.engine.master import Goal, Rows
from volunteer.scheduling.engine.partition import parts
from volunteer.scheduling.engine.piece import (
    Standing,
    cheap_singles,
    cover,
    improve,
    whole_bound,
)
from volunteer.scheduling.engine.pool import sets_of
from volunteer.scheduling.engine.tolls import First, Tolls, toll
from volunteer.scheduling.engine.whole import round_off

Note = Callable[[Any], None]
PASSES = 3  # through all duties, for the second tier's prices
GROUP = 16_000  # pairs of duties whose prices are set together
LOOK = 20  # groups between two bounds


def clock(seconds: float) -> Left:
    """Seconds left from now."""
    until = time.monotonic() + seconds
    return lambda: until - time.monotonic()


def improve_piece(note: Note, arrays: Arrays, chosen: Bools, seconds: float) -> Bools:
    """A plan of the piece at least as good in both tiers."""
    return improve(arrays, chosen, clock(seconds))[0]


def chain_piece(note: Note, arrays: Arrays, chosen: Bools, seconds: float) -> Bools:
    """A plan of the piece that no chain of moves betters any more, if time allows."""
    left = clock(seconds)
    chains = Chains(arrays, chosen, np.zeros_like(chosen))
    chains.settle(lambda: left() <= 0)
    return chains.chosen


def raise_prices(note: Note, market: Market, seconds: float) -> Floats:
    """Prices of the market's duties that prove the most, all others standing."""
    return market.raised(clock(seconds))


def cover_block(note: Note, arrays: Arrays, chosen: Bools, seconds: float) -> dict[str, Any]:
    """First tier of a block: proven bound, duals, and a plan near it."""
    left = clock(seconds)
    best = Standing.of(arrays, chosen)
    gen = Generation(arrays, Goal(), sets_of(arrays, chosen))
    state = gen.run(left)
    note({"bound": whole_bound(state.bound)})
    gen = cover(arrays, best, left, gen)
    return {
        "bound": whole_bound(gen.state.bound),
        "closed": gen.state.closed,
        "duals": gen.state.duals,
        "chosen": best.chosen,
    }


def share_block(
    note: Note, arrays: Arrays, chosen: Bools, duals: Floats, seconds: float
) -> dict[str, Any]:
    """Second tier of a block whose first tier is closed at these duals: notes of proven bounds.

    The answer is the best plan found on the way and the last bound.
    """
    left = clock(seconds)
    chosen, harvest = reap(arrays, chosen, left)
    best = Standing.of(arrays, chosen)
    face = Face.of(arrays, Rows(arrays, Goal()), duals)
    seeds = [*sets_of(arrays, chosen), cheap_singles(arrays, face, 1), *harvest]
    gen = Generation(arrays, Goal(within=best.coverage), seeds, face)
    while not gen.state.closed and left() > 0:
        before = gen.state.rounds
        gen.run(left, many=1, cap=0, rounds=1)
        note({"bound": whole_bound(gen.state.bound), "within": best.coverage})
        if gen.state.rounds == before:
            break
    if gen.state.closed and left() > 0:
        best.offer(round_off(gen, left, 20.0, 0.5))
    return {
        "bound": whole_bound(gen.state.bound),
        "within": best.coverage,
        "chosen": best.chosen,
    }


def share_whole(
    note: Note, arrays: Arrays, chosen: Bools, first: First, limits: tuple[int, float, float]
) -> dict[str, int]:
    """Second tier of a city of several blocks: notes of what people + price * coverage cost any plan.

    ``first`` proves the first tier, ``limits`` are a seed, the seconds of all and of one group of duties.
    """
    seed, seconds, longest = limits
    left = clock(seconds)
    tolls = Tolls(arrays, first, toll(arrays, chosen))
    proven = -np.inf

    def state() -> dict[str, int]:
        nonlocal proven
        proven = max(proven, tolls.value())
        return {"value": whole_bound(proven), "price": tolls.price}

    note(state())
    for turn in range(PASSES):
        for count, duties in enumerate(parts(arrays, GROUP, seed + turn), start=1):
            if left() <= 0:
                return state()
            group = clock(min(left(), longest))
            tolls.better(duties, chosen, group)
            if count % LOOK == 0:
                note(state())
        note(state())
    return state()


def echo(note: Note, value: Any, seconds: float = 0.0) -> Any:
    """Give back what was given, after some seconds: whether a worker lives."""
    time.sleep(seconds)
    return value


TASKS: dict[str, Callable[..., Any]] = {
    "echo": echo,
    "share_whole": share_whole,
    "share_block": share_block,
    "improve_piece": improve_piece,
    "cover_block": cover_block,
    "chain_piece": chain_piece,
    "raise_prices": raise_prices,
}
