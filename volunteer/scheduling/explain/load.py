"""How the load spreads, before the plan and after it: over people, over units, and past whom."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from volunteer.scheduling.candidates import Index
from volunteer.scheduling.columns import Bools, Ints
from volunteer.scheduling.explain.shift import ranked_counts
from volunteer.scheduling.pairing import eligible_pairs
from volunteer.scheduling.problem import Why
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rules import SEAT


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution of minutes over people: mean, quantiles, and the Gini index in thousandths."""

    mean: int
    median: int
    ninth_decile: int
    most: int
    gini: int


@dataclass(frozen=True, slots=True)
class UnitLoad:
    """One unit: its people, how many of them have a duty, minutes assigned, and its fair share."""

    unit: str
    people: int
    busy: int
    assigned: int
    fair: int


@dataclass(frozen=True, slots=True)
class LoadReport:
    """How the load spreads.

    ``before`` counts minutes served so far, ``after`` adds this plan, ``now`` is this plan alone.
    ``reachable`` people are eligible for at least one duty; ``idle`` ones are, and have none.
    ``unreachable`` says, per rule, how many of the others it alone keeps from every duty they lack
    nothing else for, or takes part in keeping away: the counts overlap. ``out_of_reach`` are the
    ids of these people.
    """

    before: Spread
    after: Spread
    now: Spread
    people: int
    busy: int
    reachable: int
    idle: int
    unreachable: tuple[Why, ...]
    out_of_reach: tuple[str, ...]
    units: tuple[UnitLoad, ...]


def _spread(minutes: Ints) -> Spread:
    if not len(minutes):
        return Spread(0, 0, 0, 0, 0)
    ranked = np.sort(minutes)
    n, total = len(ranked), int(ranked.sum())
    weights = 2 * np.arange(1, n + 1) - n - 1
    gini = int(1000 * int((weights * ranked).sum()) // (n * total)) if total else 0
    return Spread(
        mean=total // n,
        median=int(ranked[n // 2]),
        ninth_decile=int(ranked[min(n - 1, 9 * n // 10)]),
        most=int(ranked[-1]),
        gini=gini,
    )


def load_report(index: Index, roster: Roster) -> LoadReport:
    """Return how the load of this roster spreads, and who could not be reached at all and why."""
    columns, problem = index.columns, roster.book.problem
    now = np.array([roster.minutes_of(p.id) for p in problem.people], np.int64)
    reachable: Bools = np.zeros(columns.n_people, np.bool_)
    reachable[eligible_pairs(columns).person] = True
    return LoadReport(
        before=_spread(columns.served),
        after=_spread(columns.served + now),
        now=_spread(now),
        people=columns.n_people,
        busy=int((now > 0).sum()),
        reachable=int(reachable.sum()),
        idle=int((reachable & (now == 0)).sum()),
        unreachable=_unreachable(index, np.flatnonzero(~reachable)),
        out_of_reach=tuple(problem.people[i].id for i in np.flatnonzero(~reachable).tolist()),
        units=_units(roster, now),
    )


def _unreachable(index: Index, who: Ints) -> tuple[Why, ...]:
    """Count, per rule, the people of ``who`` for whom it is the closest thing in the way somewhere.

    For each person the duties with the fewest refusals count, and the rules that refuse there.
    """
    columns = index.columns
    fewest = np.full(len(who), len(SEAT) + 1, np.int64)
    blame = np.zeros((len(SEAT), len(who)), np.bool_)
    by_window = sorted(range(columns.n_duties), key=lambda d: (columns.start[d], columns.end[d]))
    for duty in by_window:
        refused = np.stack([~rule.allows(columns, duty, who) for rule in SEAT])
        count = refused.sum(axis=0)
        better, equal = count < fewest, count == fewest
        blame[:, better] = refused[:, better]
        blame[:, equal] |= refused[:, equal]
        fewest = np.minimum(fewest, count)
    counts = Counter({rule.code: int(row.sum()) for rule, row in zip(SEAT, blame, strict=True)})
    return ranked_counts(counts)


def _units(roster: Roster, now: Ints) -> tuple[UnitLoad, ...]:
    members: dict[str, list[int]] = defaultdict(list)
    for i, person in enumerate(roster.book.problem.people):
        members[person.unit].append(i)
    loads = []
    for unit in roster.book.problem.units:
        mine = now[members[unit.id]] if members[unit.id] else np.zeros(0, np.int64)
        busy, minutes = int((mine > 0).sum()), int(mine.sum())
        loads.append(UnitLoad(unit.id, len(mine), busy, minutes, unit.fair_minutes))
    return tuple(loads)
