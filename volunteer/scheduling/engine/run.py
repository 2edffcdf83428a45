"""The state of one run: the best sound plan so far, what is proven, and the clock it lives by."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from volunteer.scheduling.engine import tally
from volunteer.scheduling.engine.arrays import Arrays, Bools
from volunteer.scheduling.engine.audit import sound
from volunteer.scheduling.engine.limits import Cancelled, Limits, Listener, Progress


@dataclass(slots=True)
class Run:
    """Best plan, bounds and time of one call. Bounds only rise, the plan only improves."""

    arrays: Arrays
    limits: Limits
    listener: Listener | None
    cancelled: Cancelled | None
    began: float
    chosen: Bools
    coverage: int = 0
    people: int = 0
    bound_coverage: int = 0
    bound_people: int | None = None
    people_bound_for: int | None = None  # the coverage up to which bound_people holds
    clock: Callable[[], float] = time.monotonic
    timings: dict[str, float] = field(default_factory=dict)

    def start(self, stage: str) -> None:
        """Price the first plan and state what is proven without any work."""
        self.coverage = tally.coverage(self.arrays, self.chosen)
        self.people = tally.people(self.arrays, self.chosen)
        self.bound_coverage = self.arrays.floor
        self.tell(stage)

    def seconds(self) -> float:
        """Seconds since the call began."""
        return self.clock() - self.began

    def left(self) -> float:
        """Seconds until the limit."""
        return self.limits.seconds - self.seconds()

    def over(self) -> bool:
        """Whether to stop: time is up, somebody cancelled, or nothing is left to gain."""
        return self.stopped() or self.proven()

    def stopped(self) -> bool:
        """Whether time is up or somebody cancelled."""
        return self.left() <= 0 or (self.cancelled is not None and self.cancelled())

    def proven(self) -> bool:
        """Whether both tiers equal their bounds."""
        return self.coverage == self.bound_coverage and self.people == self.stated_people_bound()

    def stated_people_bound(self) -> int | None:
        """The people bound, where it holds for plans of the present coverage."""
        if self.people_bound_for is None or self.people_bound_for < self.coverage:
            return None
        return self.bound_people

    def offer(self, chosen: Bools, stage: str) -> bool:
        """Take a plan if it is sound and better, coverage first. Tells the listener."""
        cost = (tally.coverage(self.arrays, chosen), tally.people(self.arrays, chosen))
        if cost >= (self.coverage, self.people) or not sound(self.arrays, chosen):
            return False
        self.chosen = chosen.copy()
        self.coverage, self.people = cost
        self.tell(stage)
        return True

    def prove_coverage(self, bound: int, stage: str = "bound") -> None:
        """A proven lower bound on the coverage of any plan."""
        if bound > self.bound_coverage:
            self.bound_coverage = bound
            self.tell(stage)

    def prove_people(self, bound: int, coverage: int) -> None:
        """A proven lower bound on the people cost of any plan of at most this coverage."""
        before = self.stated_people_bound()
        holds = coverage >= self.coverage
        if holds and (before is None or bound > before):
            self.bound_people, self.people_bound_for = bound, coverage
            self.tell("people")

    def tell(self, stage: str) -> None:
        """Send one progress event."""
        if self.listener is None:
            return
        event = Progress(
            stage,
            self.coverage,
            self.bound_coverage,
            self.people,
            self.stated_people_bound(),
            self.seconds(),
        )
        self.listener(event)
