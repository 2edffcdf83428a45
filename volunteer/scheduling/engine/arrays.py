"""A problem as flat numpy arrays: who may stand where, what excludes what, what a seat is worth.

The optimiser works on *pairs*: one pair per person and duty that may be assigned by the rules of a
single seat (availability, age, qualification, ban, reach) and that is not impossible for another
reason of its own (the person's cap below the duty's length, a duty with no seats). Pairs are sorted
by person, then by duty, and are addressed by their index. A *need* is one wanted count on one duty:
a skill (``at_least``) or a unit's quota.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volunteer.scheduling.columns import Bools, Columns, Ints, floor_root, skill_columns
from volunteer.scheduling.pairing import Asked, conflicts, eligible_people, places
from volunteer.scheduling.problem import Pair, Problem, Weights

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
        return find(self.person, self.duty, self.n_duties, (person, duty))


def find(person: Ints, duty: Ints, n_duties: int, rows: tuple[Ints, Ints]) -> Ints:
    """Where (person, duty) rows stand among pairs sorted by person, then duty; -1 where they do not."""
    wanted = np.asarray(rows[0], np.int64) * n_duties + np.asarray(rows[1], np.int64)
    if not len(person) or not len(wanted):
        return np.full(len(wanted), -1, np.int64)
    key = person * n_duties + duty
    at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    return np.where(key[at] == wanted, at, -1).astype(np.int64)


def _rows_of(columns: Columns, pairs: tuple[Pair, ...]) -> tuple[Ints, Ints]:
    """People and duties of pairs by their numbers."""
    person_at, duty_at = columns.person_at, columns.duty_at
    who = np.array([person_at[v] for v, _ in pairs], np.int64)
    return who, np.array([duty_at[s] for _, s in pairs], np.int64)


def quarters(minutes: Ints) -> Ints:
    """Whole quarter-hours, rounded up."""
    return -(-minutes // 15)


def pointers(sorted_keys: Ints, rows: int) -> Ints:
    """CSR row pointers of a sorted key column."""
    return np.searchsorted(sorted_keys, np.arange(rows + 1)).astype(np.int64)


def build(problem: Problem, asked: Asked | None = None) -> Arrays:
    """Flatten a problem: about 5 s for 100,000 people, 8,000 duties and their 10^7 pairs.

    ``asked`` is called again and again; what it raises ends the building.
    """
    columns = Columns(problem)
    found = eligible_people(columns, asked)
    floor = _floor(columns, found)
    laid = _Layout(columns, [_usable(columns, d, hits) for d, hits in enumerate(found)], asked)
    return Arrays(
        n_people=columns.n_people,
        n_duties=columns.n_duties,
        person=laid.person,
        duty=laid.duty,
        people_cost=laid.people_cost,
        published=laid.published,
        pinned=laid.pinned,
        day_room=columns.max_per_day[laid.person],
        person_ptr=laid.person_ptr,
        duty_ptr=laid.duty_ptr,
        duty_pairs=laid.duty_pairs,
        **_duty_columns(columns),
        conflict=conflicts(columns),
        **laid.needs(),
        max_minutes=columns.max_minutes,
        served=quarters(columns.served),
        spent=np.zeros(columns.n_people, np.int64),
        unit=columns.unit,
        fair=quarters(np.array([u.fair_minutes for u in problem.units], np.int64)),
        apart=_apart(problem, columns.person_at, laid),
        **_constants(problem.weights),
        dropped_base=_told(laid, found) * problem.weights.dropped,
        floor=floor,
        lost_pins=len(problem.pins) - int(laid.pinned.sum()),
    )


def _usable(columns: Columns, duty: int, hits: Ints) -> Ints:
    """Of the people eligible for a duty: whom no cap or seat count of their own makes impossible."""
    if not columns.max_heads[duty]:
        return hits[:0]
    if not columns.everybody_takes(duty):
        fits = columns.minutes[duty] <= columns.max_minutes[hits]
        hits = hits[fits & (columns.max_per_day[hits] > 0)]
    return hits


def _told(laid: "_Layout", found: list[Ints]) -> int:
    """How many published pairs are still eligible, also where a cap makes the pair impossible."""
    rows, at = laid.published_rows, laid.published_at
    lost = zip(*(x[at < 0].tolist() for x in rows), strict=True)
    capped = sum(bool(np.isin(who, found[duty])) for who, duty in lost)
    return int((at >= 0).sum()) + capped


class _Layout:
    """The pairs by person, then duty, with what is known of each; made duty by duty.

    ``found`` are the people of every duty, sorted.
    """

    def __init__(self, columns: Columns, found: list[Ints], asked: Asked | None) -> None:
        self.columns = columns
        seats, walk = places(found, columns.n_people)
        total = int(seats.sum())
        self.person_ptr = _pointers(seats)
        self.duty_ptr = _pointers(np.array([len(hits) for hits in found], np.int64))
        self.person = np.repeat(np.arange(columns.n_people, dtype=np.int64), seats)
        self.duty, self.people_cost = np.empty(total, np.int64), np.empty(total, np.int64)
        self.duty_pairs = np.empty(total, np.int64)
        self.published, self.pinned = np.zeros(total, np.bool_), np.zeros(total, np.bool_)
        self._needs: list[tuple[int, int, int]] = []
        self._members: list[Ints] = [np.zeros(0, np.int64)]
        taste = _Taste(columns)
        for duty, hits, place in walk:
            if asked is not None and duty % 64 == 0:
                asked()
            self.duty_pairs[self.duty_ptr[duty] : self.duty_ptr[duty + 1]] = place
            self.duty[place] = duty
            self.people_cost[place] = taste.of(duty, hits)
            self._note_needs(duty, hits, place)
        self.published_rows = _rows_of(columns, columns.problem.published)
        self.published_at = self._found(self.published_rows)
        self.published[self.published_at[self.published_at >= 0]] = True
        pins = self._found(_rows_of(columns, columns.problem.pins))
        self.pinned[pins[pins >= 0]] = True

    def _found(self, rows: tuple[Ints, Ints]) -> Ints:
        return find(self.person, self.duty, self.columns.n_duties, rows)

    def _note_needs(self, duty: int, hits: Ints, place: Ints) -> None:
        for count, weight, has in _wanted(self.columns, duty, hits):
            self._needs.append((duty, count, weight))
            self._members.append(place[has])

    def needs(self) -> dict[str, Any]:
        """The needs as the arrays hold them."""
        table = np.array(self._needs, np.int64).reshape(-1, 3)
        return {
            "need_duty": table[:, 0],
            "need_count": table[:, 1],
            "need_weight": table[:, 2],
            "need_ptr": np.cumsum([len(m) for m in self._members]).astype(np.int64),
            "need_pairs": np.concatenate(self._members),
        }


def _wanted(columns: Columns, duty: int, hits: Ints) -> Iterator[tuple[int, int, Bools]]:
    """The needs of a duty: count, weight, and which of these people answer it."""
    mine, weights = columns.problem.duties[duty], columns.problem.weights
    for name, count in mine.at_least:
        yield count, weights.skill, columns.holders(name)[hits]
    for name, count in mine.quotas:
        yield count, weights.quota, columns.unit[hits] == columns.unit_at[name]


class _Taste:
    """Wish and distance, weighted, of people on a duty."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._kinds = {
            a: k for k, a in enumerate(sorted({d.activity for d in columns.problem.duties}))
        }
        self._wish = np.ones((max(1, len(self._kinds)), columns.n_people), np.int8)
        for i, person in enumerate(columns.problem.people):
            for activity, cost in person.wishes.items():
                if activity in self._kinds:
                    self._wish[self._kinds[activity], i] = cost

    def of(self, duty: int, who: Ints) -> Ints:
        """What they cost there."""
        columns, weights = self._columns, self._columns.problem.weights
        kind = self._kinds[columns.problem.duties[duty].activity]
        km = (floor_root(columns.squares(duty, who)) + 500) // 1000
        wish = self._wish[kind][who].astype(np.int64)
        return np.asarray(weights.wish * wish + weights.distance * km, np.int64)


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


def _pointers(sizes: Ints) -> Ints:
    """CSR row pointers of row sizes."""
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)


def by_duty(duty: Ints, n_duties: int) -> Ints:
    """Pairs in order of duty, then as they stand (by person); short keys are sorted by radix."""
    key = duty.astype(np.int16) if n_duties < 1 << 15 else duty
    return np.argsort(key, kind="stable").astype(np.int64)


def _floor(columns: Columns, found: list[Ints]) -> int:
    """The coverage cost if every eligible person stood on every duty at once."""
    weights, total = columns.problem.weights, 0
    for duty, hits in enumerate(found):
        d, n = columns.problem.duties[duty], len(hits)
        total += weights.min[d.priority - 1] * max(0, d.min - n)
        total += weights.target * max(0, d.target - max(n, d.min))
        for count, weight, has in _wanted(columns, duty, hits):
            total += weight * max(0, count - int(has.sum()))
    return total


def _apart(problem: Problem, person_at: dict[str, int], laid: _Layout) -> Ints:
    ptr, duty = laid.person_ptr, laid.duty
    found: list[tuple[int, int]] = []
    for a, b in problem.apart:
        va, vb = person_at[a], person_at[b]
        of_b = {int(duty[k]): int(k) for k in range(ptr[vb], ptr[vb + 1])}
        found += [
            (k, of_b[int(duty[k])]) for k in range(ptr[va], ptr[va + 1]) if int(duty[k]) in of_b
        ]
    return np.array(found, np.int64).reshape(-1, 2)
