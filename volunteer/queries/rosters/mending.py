"""Ways to mend a published week (补位方案), side by side: refill only, or with a few people moved.

Computed from the rows as they are now, in seconds; nothing is written. What an organizer takes becomes
a draft (operations.rosters.mending), to be looked over and published like any other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from volunteer.queries.planning import number_of, problem_of
from volunteer.queries.planning.scope import PlanScope
from volunteer.queries.rosters.drafts import names_of
from volunteer.queries.rosters.table import shift_names
from volunteer.scheduling.plan import Limits
from volunteer.scheduling.problem import Pair, Problem
from volunteer.scheduling.repair import Option, Repair, repair

SECONDS = 10.0
MOST_MOVES = 20
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Step:
    """What one person is told: where they no longer stand, where they are asked to come."""

    volunteer_id: int
    name: str
    leaves: tuple[str, ...]
    comes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to mend. ``missing`` are the heads still below minimum, ``key_missing`` those of key points.

    ``filled`` are heads won against doing nothing, ``more`` those won beyond the refill for ``moves``
    people who are told otherwise; ``wants`` counts skills, quotas and wished heads won besides.
    """

    kind: str
    missing: int
    key_missing: int
    filled: int
    more: int
    moves: int
    called: int
    wins: bool
    moved: tuple[Step, ...]
    asked: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """How many told people fell away, what is missing if nothing is done, and the ways to mend."""

    lost: int
    missing: int
    ways: tuple[Way, ...]
    blocked: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing to mend, or nobody who could."""
        return not any(way.wins for way in self.ways)


def mending(week_on: date, scope: PlanScope, *, moves: int, at: datetime) -> tuple[Problem, Repair]:
    """Return the problem of the week as it stands, and the ways to mend what people were told.

    The same rows give the same ways. The caller has checked the rights to the scope.
    """
    problem = problem_of(week_on, scope, at=at)
    limits = Limits(seconds=SECONDS, workers=1)
    return problem, repair(problem, moves=max(0, min(MOST_MOVES, moves)), limits=limits)


def ways_to_mend(week_on: date, scope: PlanScope, *, moves: int, at: datetime) -> Mended:
    """Return the ways side by side, with names; ``moves`` is the most people to be moved."""
    problem, found = mending(week_on, scope, moves=moves, at=at)
    if found.refused:
        return Mended(0, 0, (), blocked=True)
    stand = set(problem.published) - set(found.lost)
    before, key_before = _missing(problem, stand)
    first = before
    ways = []
    for option in found.options:
        missing, key_missing = _missing(problem, option.plan.assignments)
        if option.kind == "refill":
            first = missing
        ways.append(
            Way(
                kind=option.kind,
                missing=missing,
                key_missing=key_missing,
                filled=before - missing,
                more=first - missing,
                moves=option.moves,
                called=len({who for who, _ in option.called} - {w for w, _ in option.released}),
                wins=option.gain > 0,
                **_steps(option),
            )
        )
    return Mended(len(found.lost), before, tuple(ways))


def _missing(problem: Problem, pairs: Iterable[Pair]) -> tuple[int, int]:
    """Heads below minimum: of all shifts, and of those of the first priority."""
    heads: dict[str, int] = {}
    for _, where in pairs:
        heads[where] = heads.get(where, 0) + 1
    lacks = [(d.priority, max(0, d.min - heads.get(d.id, 0))) for d in problem.duties]
    return sum(n for _, n in lacks), sum(n for priority, n in lacks if priority == 1)


def _steps(option: Option) -> dict[str, tuple[Step, ...]]:
    """Who is moved and who is called up, by name; the first of each, where they are many."""
    leaves: dict[str, list[str]] = {}
    comes: dict[str, list[str]] = {}
    for who, where in option.released:
        leaves.setdefault(who, []).append(where)
    for who, where in option.called:
        comes.setdefault(who, []).append(where)
    moved, asked = sorted(leaves)[:SHOWN], sorted(set(comes) - set(leaves))[:SHOWN]
    people = names_of(number_of(who) for who in (*moved, *asked))
    shown = {d for who in (*moved, *asked) for d in (*leaves.get(who, ()), *comes.get(who, ()))}
    shifts = shift_names(number_of(duty) for duty in shown)

    def step(who: str) -> Step:
        number = number_of(who)
        return Step(
            number,
            people[number].name if number in people else "",
            tuple(shifts.get(number_of(d), "") for d in leaves.get(who, ())),
            tuple(shifts.get(number_of(d), "") for d in comes.get(who, ())),
        )

    return {"moved": tuple(map(step, moved)), "asked": tuple(map(step, asked))}
