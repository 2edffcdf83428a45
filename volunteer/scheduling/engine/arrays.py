"""A problem as flat numpy arrays: who may stand where, what excludes what, what a seat is worth.

The optimiser works on *pairs*: one pair per person and duty that may be assigned by the rules of a
single seat (availability, age, qualification, ban, reach) and that is not impossible for another
reason of its own (the person's cap below the duty's length, a duty with no seats). Pairs are sorted
by person, then by duty, and are addressed by their index. A *need* is one wanted count on one duty:
a skill (``at_least``) or a unit's quota.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volunteer.scheduling.columns import Bools, Columns, Ints, skill_columns
from volunteer.scheduling.pairing import conflicts, eligible_pairs
from volunteer.scheduling.problem import Problem, Weights

Floats = NDArray[np.float64]
__all__ = ["Arrays", "Bools", "Floats", "Ints", "build", "pointers", "quarters", "skill_columns"]


@dataclass(frozen=True, slots=True)
class Arrays:
    """The optimiser's view of a problem. ``*_ptr`` arrays are CSR row pointers."""

    n_people: int
    n_duties: int
    # pairs, sorted by (person, duty)
    person: Ints
    duty: Ints
    people_cost: Ints  # wish and distance of the pair, weighted
    published: Bools
    pinned: Bools
    day_room: Ints  # duties the pair's person may take on the pair's day
    person_ptr: Ints
    duty_ptr: Ints
    duty_pairs: Ints  # pair indices by duty
    # duties
    day: Ints
    start: Ints
    minutes: Ints
    min_weight: Ints
    min_heads: Ints
    target: Ints
    max_heads: Ints
    conflict: Bools  # duty x duty: one person cannot serve on both
    # needs: skills and quotas
    need_duty: Ints
    need_count: Ints
    need_weight: Ints
    need_ptr: Ints
    need_pairs: Ints
    # people
    max_minutes: Ints
    served: Ints  # quarter-hours before
    spent: Ints  # minutes of seats that stand outside these arrays
    unit: Ints
    fair: Ints  # per unit, quarter-hours
    apart: Ints  # (k, 2) pairs that exclude each other
    # weights and constants
    target_weight: int
    dropped_weight: int
    fairness_weight: int
    overload_weight: int
    dropped_base: int  # published pairs still eligible: cost when none of them is kept
    floor: int  # coverage cost if every eligible person stood everywhere at once
    lost_pins: int  # pins that are no pair at all

    @property
    def n_pairs(self) -> int:
        """Number of assignable pairs."""
        return len(self.person)

    def index(self, person: Ints, duty: Ints) -> Ints:
        """Pair indices of (person, duty) rows, -1 where that is no pair."""
        key = self.person * self.n_duties + self.duty
        want = np.asarray(person, np.int64) * self.n_duties + np.asarray(duty, np.int64)
        at = np.searchsorted(key, want)
        if not len(key):
            return np.full(len(want), -1, np.int64)
        at = np.minimum(at, len(key) - 1)
        return np.where(key[at] == want, at, -1).astype(np.int64)


def quarters(minutes: Ints) -> Ints:
    """Whole quarter-hours, rounded up."""
    return -(-minutes // 15)


def pointers(sorted_keys: Ints, rows: int) -> Ints:
    """CSR row pointers of a sorted key column."""
    return np.searchsorted(sorted_keys, np.arange(rows + 1)).astype(np.int64)


def build(problem: Problem) -> Arrays:
    """Flatten a problem: about 5 s for 100,000 people, 8,000 duties and their 10^7 pairs."""
    people, duties = problem.people, problem.duties
    columns = Columns(problem)
    pairs = eligible_pairs(columns)
    person, duty, order = pairs.person, pairs.duty, pairs.by_duty
    key = person * len(duties) + duty
    is_published = _marked(key, columns.keys(problem.published))
    needs = _needs(columns, person, duty, order)
    floor = _floor(problem, duty, needs)
    base = int(is_published.sum()) * problem.weights.dropped
    usable = _usable(columns, person, duty)
    new = np.cumsum(usable) - 1  # the index of each usable pair among the usable
    needs = _only(needs, usable, new)
    order = new[order[usable[order]]]
    person, duty, key, metres = person[usable], duty[usable], key[usable], pairs.metres[usable]
    is_published = is_published[usable]
    pins = columns.keys(problem.pins)
    pinned = _marked(key, pins)
    return Arrays(
        n_people=len(people),
        n_duties=len(duties),
        person=person,
        duty=duty,
        people_cost=_pair_costs(problem, person, duty, metres),
        published=is_published,
        pinned=pinned,
        day_room=columns.max_per_day[person],
        person_ptr=_counted(person, len(people)),
        duty_ptr=_counted(duty, len(duties)),
        duty_pairs=order,
        **_duty_columns(columns),
        conflict=conflicts(columns),
        need_duty=needs.duty,
        need_count=needs.count,
        need_weight=needs.weight,
        need_ptr=needs.ptr,
        need_pairs=needs.pairs,
        max_minutes=columns.max_minutes,
        served=quarters(columns.served),
        spent=np.zeros(len(people), np.int64),
        unit=columns.unit,
        fair=quarters(np.array([u.fair_minutes for u in problem.units], np.int64)),
        apart=_apart(problem, columns.person_at, person, duty),
        **_constants(problem.weights),
        dropped_base=base,
        floor=floor,
        lost_pins=len(pins) - int(pinned.sum()),
    )


def _usable(columns: Columns, person: Ints, duty: Ints) -> Bools:
    """Which eligible pairs no cap or seat count of their own makes impossible."""
    usable: Bools = columns.minutes[duty] <= columns.max_minutes[person]
    usable &= columns.max_per_day[person] > 0
    usable &= columns.max_heads[duty] > 0
    return usable


def _duty_columns(columns: Columns) -> dict[str, Any]:
    """What the arrays hold per duty."""
    duties, weights = columns.problem.duties, columns.problem.weights
    return {
        "day": columns.day,
        "start": columns.start,
        "minutes": columns.minutes,
        "min_weight": np.array([weights.min[d.priority - 1] for d in duties], np.int64),
        "min_heads": np.array([d.min for d in duties], np.int64),
        "target": np.array([d.target for d in duties], np.int64),
        "max_heads": columns.max_heads,
    }


def _constants(weights: Weights) -> dict[str, Any]:
    """The weights that are the same for everybody."""
    return {
        "target_weight": weights.target,
        "dropped_weight": weights.dropped,
        "fairness_weight": weights.fairness,
        "overload_weight": weights.unit_overload,
    }


def _counted(keys: Ints, rows: int) -> Ints:
    """CSR row pointers of a key column in any order."""
    ptr = np.zeros(rows + 1, np.int64)
    np.cumsum(np.bincount(keys, minlength=rows), out=ptr[1:])
    return ptr


def _marked(key: Ints, wanted: Ints) -> Bools:
    """Which of the sorted keys are among the wanted."""
    marks = np.zeros(len(key), np.bool_)
    at = np.searchsorted(key, wanted)
    at, wanted = at[at < len(key)], wanted[at < len(key)]
    marks[at[key[at] == wanted]] = True
    return marks


def _pair_costs(problem: Problem, person: Ints, duty: Ints, metres: Ints) -> Ints:
    kinds = {a: k for k, a in enumerate(sorted({d.activity for d in problem.duties}))}
    kind = np.array([kinds[d.activity] for d in problem.duties], np.int64)
    wish = np.ones((len(problem.people), max(1, len(kinds))), np.int8)
    for i, p in enumerate(problem.people):
        for activity, cost in p.wishes.items():
            if activity in kinds:
                wish[i, kinds[activity]] = cost
    km = (metres + 500) // 1000
    dislike = wish[person, kind[duty]].astype(np.int64) if len(person) else person
    return problem.weights.wish * dislike + problem.weights.distance * km


@dataclass(frozen=True, slots=True)
class _Needs:
    duty: Ints
    count: Ints
    weight: Ints
    ptr: Ints
    pairs: Ints


def by_duty(duty: Ints, n_duties: int) -> Ints:
    """Pairs in order of duty, then as they stand (by person); short keys are sorted by radix."""
    key = duty.astype(np.int16) if n_duties < 1 << 15 else duty
    return np.argsort(key, kind="stable").astype(np.int64)


def _needs(columns: Columns, person: Ints, duty: Ints, order: Ints) -> _Needs:
    ptr = _counted(duty, columns.n_duties)
    weights = columns.problem.weights
    rows: list[tuple[int, int, int]] = []
    hits: list[Ints] = [np.zeros(0, np.int64)]
    for s, d in enumerate(columns.problem.duties):
        if not d.at_least and not d.quotas:
            continue
        mine = order[ptr[s] : ptr[s + 1]]
        who = person[mine]
        for name, count in d.at_least:
            rows.append((s, count, weights.skill))
            hits.append(mine[columns.holders(name)[who]])
        for name, count in d.quotas:
            rows.append((s, count, weights.quota))
            hits.append(mine[columns.unit[who] == columns.unit_at[name]])
    table = np.array(rows, np.int64).reshape(-1, 3)
    sizes = np.cumsum([len(h) for h in hits]).astype(np.int64)
    return _Needs(table[:, 0], table[:, 1], table[:, 2], sizes, np.concatenate(hits))


def _only(needs: _Needs, usable: Bools, new: Ints) -> _Needs:
    """The same needs over the usable pairs alone, by their new index."""
    keep = usable[needs.pairs]
    kept = np.zeros(len(keep) + 1, np.int64)
    np.cumsum(keep, out=kept[1:])
    ptr = kept[needs.ptr]
    return _Needs(needs.duty, needs.count, needs.weight, ptr, new[needs.pairs[keep]])


def _floor(problem: Problem, duty: Ints, needs: _Needs) -> int:
    heads = np.bincount(duty, minlength=len(problem.duties))
    weights, total = problem.weights, 0
    for n, d in zip(heads.tolist(), problem.duties, strict=True):
        total += weights.min[d.priority - 1] * max(0, d.min - n)
        total += weights.target * max(0, d.target - max(n, d.min))
    missing = np.maximum(0, needs.count - np.diff(needs.ptr)) * needs.weight
    return total + int(missing.sum())


def _apart(problem: Problem, person_at: dict[str, int], person: Ints, duty: Ints) -> Ints:
    ptr = _counted(person, len(problem.people))
    found: list[tuple[int, int]] = []
    for a, b in problem.apart:
        va, vb = person_at[a], person_at[b]
        of_b = {int(duty[k]): int(k) for k in range(ptr[vb], ptr[vb + 1])}
        found += [
            (k, of_b[int(duty[k])]) for k in range(ptr[va], ptr[va + 1]) if int(duty[k]) in of_b
        ]
    return np.array(found, np.int64).reshape(-1, 2)
