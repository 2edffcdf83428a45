"""How fast questions about a standing plan are answered: repair, candidates, explanations."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from volunteer.scheduling.candidates import Index, candidates
from volunteer.scheduling.explain import explain_pair, explain_shift
from volunteer.scheduling.problem import Pair, Plan, Problem
from volunteer.scheduling.repair import repair
from volunteer.scheduling.roster import Roster


@dataclass(frozen=True, slots=True)
class Answers:
    """Seconds of one answer; for repair also what it wins, for the refill and with moves."""

    refill: float
    both: float
    refill_gain: int
    moves_gain: int
    moved: int
    candidates: float
    pair: float
    shift: float


def after_dropouts(problem: Problem, told: tuple[Pair, ...], seed: int) -> Problem:
    """The problem after the plan was told and 2 % of its people fell ill: their pairs are banned."""
    people = sorted({who for who, _ in told})
    ill = set(random.Random(seed).sample(people, max(1, len(people) // 50)))
    bans = {*problem.bans, *(pair for pair in told if pair[0] in ill)}
    pins = tuple(pair for pair in problem.pins if pair not in bans)
    return replace(problem, published=told, bans=tuple(sorted(bans)), pins=pins)


def measure(problem: Problem, made: Plan, seed: int) -> Answers:
    """Ask about one plan; times are those of the library, the problem being in memory."""
    later = after_dropouts(problem, made.assignments, seed)
    began = time.monotonic()
    repair(later, moves=0)
    refill = time.monotonic() - began
    began = time.monotonic()
    mended = repair(later, moves=5)
    both = time.monotonic() - began
    index = Index(problem)
    roster = Roster(index.book, made.assignments)
    rng = random.Random(seed)
    short = [one.shift for one in made.short] or [duty.id for duty in problem.duties]
    asked = rng.sample(short, min(len(short), 20))
    pairs = [(rng.choice(problem.people).id, rng.choice(problem.duties).id) for _ in range(50)]
    return Answers(
        refill=refill,
        both=both,
        refill_gain=mended.options[0].gain,
        moves_gain=mended.options[-1].gain,
        moved=mended.options[-1].moves,
        candidates=max(_timed(candidates, index, roster, duty) for duty in asked),
        pair=max(_timed(explain_pair, roster, *pair) for pair in pairs),
        shift=max(_timed(explain_shift, index, roster, duty) for duty in asked[:8]),
    )


def _timed(question: Callable[..., object], *about: object) -> float:
    began = time.monotonic()
    question(*about)
    return time.monotonic() - began
