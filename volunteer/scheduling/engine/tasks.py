"""What worker processes do: plain functions of arrays, by name."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from volunteer.scheduling.engine import tally
from volunteer.scheduling.engine.arrays import Arrays, Bools, Floats
from volunteer.scheduling.engine.chains import Chains
from volunteer.scheduling.engine.colgen import Generation, Left
from volunteer.scheduling.engine.face import Face
from volunteer.scheduling.engine.harvest import reap
from volunteer.scheduling.engine.joint import Market
from volunteer.scheduling.engine.master import Goal, Rows
from volunteer.scheduling.engine.piece import (
    Standing,
    cheap_singles,
    cover,
    improve,
    whole_bound,
)
from volunteer.scheduling.engine.pool import sets_of
from volunteer.scheduling.engine.whole import round_off

Note = Callable[[Any], None]
ROUNDS = 4  # of a relaxation over copies
PRICES = (250, 1000, 4000, 16000)  # people cost that one point of coverage may be worth


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


def share_copies(
    note: Note, arrays: Arrays, chosen: Bools, duals: Floats, smooth: Bools, seconds: float
) -> dict[int, int]:
    """Second tier of a block of copies: for each price of coverage a proven value.

    The value V of price p says: for any plan, people cost + p * coverage cost within the block is at
    least V. ``duals`` close the block's first tier; ``smooth`` people stand in other blocks, too.
    Values are told while they rise.
    """
    left = clock(seconds)
    chosen, harvest = reap(arrays, chosen, left, 1)
    face = Face.of(arrays, Rows(arrays, Goal()), duals)
    high, within = face.scale, tally.coverage(arrays, chosen)
    seeds = [*sets_of(arrays, chosen), cheap_singles(arrays, face, 1), *harvest]
    gen = Generation(arrays, Goal(within=within, smooth=smooth), seeds, face)
    values: dict[int, int] = {}
    while not gen.state.closed and gen.state.rounds < ROUNDS and left() > 0:
        before = gen.state.rounds
        gen.run(left, many=1, cap=0, rounds=1)
        solution = gen.state.solution
        if gen.state.rounds == before or solution is None:
            break
        for price in PRICES:
            face.scale = float(price)
            value, _ = gen.price_at(solution.y, 1, 0)
            if np.isfinite(value):
                proven = int(np.ceil(value - 1e-9)) + price * within
                values[price] = max(values.get(price, proven), proven)
        face.scale = high
        note(dict(values))
    return values


def echo(note: Note, value: Any, seconds: float = 0.0) -> Any:
    """Give back what was given, after some seconds: whether a worker lives."""
    time.sleep(seconds)
    return value


TASKS: dict[str, Callable[..., Any]] = {
    "echo": echo,
    "share_copies": share_copies,
    "share_block": share_block,
    "improve_piece": improve_piece,
    "cover_block": cover_block,
    "chain_piece": chain_piece,
    "raise_prices": raise_prices,
}
