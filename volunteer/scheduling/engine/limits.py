"""How long, how deterministic and how parallel a run may be, and what it tells while it runs."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """``seconds`` of wall time (0: the first sound plan only), ``seed``, and worker processes.

    ``steps`` is the number of pieces after which a large problem's run ends, whatever the clock says:
    the same problem, seed, workers and steps give the same plan, if the seconds suffice for them.
    """

    seconds: float = 60.0
    seed: int = 1
    workers: int = 2
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """One event of a run: the best sound plan so far and what is proven about it.

    ``stage`` is one of ``read``, ``greedy``, ``bound``, ``coverage``, ``people``, ``done``. Costs and bounds are those of the two
    tiers; a bound of None was not computed yet.
    """

    stage: str
    coverage: int
    bound_coverage: int
    people: int
    bound_people: int | None
    seconds: float


Listener = Callable[[Progress], None]
Cancelled = Callable[[], bool]
