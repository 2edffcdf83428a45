"""A city in blocks: self-contained problems that other machines solve, and their plans put together.

A block holds some of the duties and everybody who could stand on them, with all their hours. Any plan
of the city, cut down to a block's duties, is a plan of the block, and coverage cost belongs to duties:
so the sum of the blocks' proven bounds is a proven bound of the city. Their plans may ask the same
person twice; the merge leaves out what clashes, fills the holes and betters the whole by chains.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from volunteer.scheduling.check import faults_of
from volunteer.scheduling.cost import cost_of
from volunteer.scheduling.engine.arrays import build
from volunteer.scheduling.engine.chains import Chains
from volunteer.scheduling.engine.draft import drop_clashes
from volunteer.scheduling.engine.greedy import refill
from volunteer.scheduling.engine.large import BLOCK
from volunteer.scheduling.engine.partition import parts
from volunteer.scheduling.plan import Unsound, broken_pins, pairs_of, shortages
from volunteer.scheduling.problem import Cost, Pair, Plan, Problem
from volunteer.scheduling.verify import Judge


class Mismatch(ValueError):
    """The plans are not those of the blocks of this problem; the message names what is wrong."""


def carve(problem: Problem, pairs: int = BLOCK, seed: int = 1) -> list[Problem]:
    """Return the blocks of a problem, each of about ``pairs`` eligible pairs at most.

    Duties and people keep their ids. Same problem, size and seed: the same blocks.
    """
    arrays = build(problem)
    found = sorted((part.tolist() for part in parts(arrays, pairs, seed)), key=min)
    return [_block(problem, n, rows) for n, rows in enumerate(found)]


def _block(problem: Problem, number: int, rows: list[int]) -> Problem:
    duties = tuple(problem.duties[row] for row in rows)
    where = {duty.id for duty in duties}
    part = replace(problem, duties=duties, pins=(), bans=(), apart=(), published=())
    arrays = build(replace(part, bans=_of(problem.bans, where)))
    who = {problem.people[row].id for row in np.unique(arrays.person).tolist()}
    who |= {pair[0] for pair in (*problem.pins, *problem.published) if pair[1] in where}
    people = tuple(person for person in problem.people if person.id in who)
    units = {p.unit for p in people} | {u for d in duties for u in d.tied}
    units |= {unit for duty in duties for unit, _ in duty.quotas}
    sites = {duty.site for duty in duties}
    return replace(
        part,
        name=f"{problem.name} / {number + 1}",
        sites=tuple(site for site in problem.sites if site.id in sites),
        units=tuple(unit for unit in problem.units if unit.id in units),
        people=people,
        pins=_of(problem.pins, where),
        bans=tuple(pair for pair in _of(problem.bans, where) if pair[0] in who),
        apart=tuple(pair for pair in problem.apart if pair[0] in who and pair[1] in who),
        published=_of(problem.published, where),
    )


def _of(pairs: Sequence[Pair], where: set[str]) -> tuple[Pair, ...]:
    return tuple(pair for pair in pairs if pair[1] in where)


def merge(
    problem: Problem,
    blocks: Sequence[tuple[Problem, Plan]],
    stop: Callable[[], bool] = lambda: False,
) -> Plan:
    """Return the plan of the city from its blocks and their plans, with the bound they prove.

    Every block's plan is checked against its problem first, and the blocks must hold every duty of
    the city once, as it stands there. Raises Mismatch otherwise. ``stop`` is asked between betterments.
    """
    began = time.monotonic()
    judge = Judge(problem)
    refused = broken_pins(problem, judge)
    if refused:
        seconds = {"total": time.monotonic() - began}
        return Plan(problem.name, "refused", (), None, None, seconds, 1, why=refused)
    bound = sum(_proven(block, plan) for block, plan in blocks)
    _require_whole(problem, [block for block, _ in blocks])
    arrays = build(problem)
    people = {person.id: row for row, person in enumerate(problem.people)}
    duties = {duty.id: row for row, duty in enumerate(problem.duties)}
    seats = [(people[v], duties[s]) for _, plan in blocks for v, s in plan.assignments]
    told = np.array(seats, np.int64).reshape(-1, 2)
    at = arrays.index(told[:, 0], told[:, 1])
    chosen = arrays.pinned.copy()
    chosen[at[at >= 0]] = True
    joined = drop_clashes(arrays, chosen, arrays.min_weight[arrays.duty].astype(np.float64))
    chains = Chains(arrays, refill(arrays, joined), np.zeros_like(joined))
    chains.settle(stop)
    pairs = pairs_of(problem, arrays, chains.chosen)
    faults = judge.violations(pairs)
    if faults:
        raise Unsound(str(faults[0]))
    cost = cost_of(problem, pairs, judge)
    bound = max(bound, arrays.floor)
    return Plan(
        problem=problem.name,
        status="feasible",
        assignments=pairs,
        cost=cost,
        bound=Cost(bound, None),
        seconds={"total": round(time.monotonic() - began, 3)},
        seed=blocks[0][1].seed if blocks else 1,
        short=shortages(problem, Counter(where for _, where in pairs)),
    )


def _proven(block: Problem, plan: Plan) -> int:
    """The coverage bound of one block, once its plan has been checked."""
    if plan.cost is None or plan.bound is None:
        raise Mismatch(f"{block.name}: its plan was refused")
    faults = faults_of(block, plan).faults
    if faults:
        raise Mismatch(f"{block.name}: {faults[0]}")
    return plan.bound.coverage


def _require_whole(problem: Problem, blocks: list[Problem]) -> None:
    """Pass if the blocks are those of the problem: every duty once, nothing else left out or added."""
    found = sorted((duty for block in blocks for duty in block.duties), key=lambda duty: duty.id)
    if found != sorted(problem.duties, key=lambda duty: duty.id):
        raise Mismatch("the blocks do not hold every shift of the problem once, as it is")
    for number, block in enumerate(blocks):
        where = {duty.id for duty in block.duties}
        if _block(problem, number, _rows(problem, where)) != replace(
            block, name=f"{problem.name} / {number + 1}"
        ):
            raise Mismatch(f"{block.name}: not a block of this problem")


def _rows(problem: Problem, where: set[str]) -> list[int]:
    return [row for row, duty in enumerate(problem.duties) if duty.id in where]
