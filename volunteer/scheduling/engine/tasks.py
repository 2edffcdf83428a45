"""What worker processes do: plain functions of arrays, by name."""

import time
from collections.abc import Callable
from typing import Any

from volunteer.scheduling.engine.arrays import Arrays, Bools
from volunteer.scheduling.engine.colgen import Generation, Left
from volunteer.scheduling.engine.master import Goal
from volunteer.scheduling.engine.piece import Standing, cover, improve, whole_bound
from volunteer.scheduling.engine.pool import sets_of

Note = Callable[[Any], None]


def clock(seconds: float) -> Left:
    """Seconds left from now."""
    until = time.monotonic() + seconds
    return lambda: until - time.monotonic()


def improve_piece(note: Note, arrays: Arrays, chosen: Bools, seconds: float) -> Bools:
    """A plan of the piece at least as good in both tiers."""
    return improve(arrays, chosen, clock(seconds))


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


def echo(note: Note, value: Any, seconds: float = 0.0) -> Any:
    """Give back what was given, after some seconds: whether a worker lives."""
    time.sleep(seconds)
    return value


TASKS: dict[str, Callable[..., Any]] = {
    "echo": echo,
    "improve_piece": improve_piece,
    "cover_block": cover_block,
}
