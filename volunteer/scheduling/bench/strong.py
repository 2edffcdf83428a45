"""The yardstick: GLOP on the strong compact relaxation (one column per pair, cliques per person)."""

import time

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Ints
from volunteer.scheduling.engine.lp import INF, Program, Simplex


def cliques(a: Arrays, v: int) -> list[Ints]:
    """Sets of a person's pairs of which one can be taken: place, rest, one a day, hours of two."""
    lo, hi = int(a.person_ptr[v]), int(a.person_ptr[v + 1])
    duty = a.duty[lo:hi]
    order = np.lexsort((a.minutes[duty], a.start[duty]))
    duty = duty[order]
    minutes = a.minutes[duty]
    clash = a.conflict[np.ix_(duty, duty)] | (minutes[:, None] + minutes > a.max_minutes[v])
    single = a.day_room[lo:hi][order] == 1
    clash = clash | (single[:, None] & (a.day[duty][:, None] == a.day[duty]))
    np.fill_diagonal(clash, False)
    rows = [
        int.from_bytes(np.packbits(row, bitorder="little").tobytes(), "little") for row in clash
    ]
    return [lo + order[np.array(group)] for group in _cover(rows)]


def _cover(rows: list[int]) -> list[list[int]]:
    """Greedy cover of all edges of a graph (bit rows) by cliques."""
    uncovered, groups = rows[:], []
    for i in range(len(rows)):
        while uncovered[i] >> (i + 1):
            rest = uncovered[i] >> (i + 1)
            j = i + (rest & -rest).bit_length()
            group, candidates = [i, j], rows[i] & rows[j]
            while candidates:
                wanted = candidates & uncovered[i] or candidates
                k = (wanted & -wanted).bit_length() - 1
                group.append(k)
                candidates &= rows[k]
            mask = sum(1 << k for k in group)
            for k in group:
                uncovered[k] &= ~mask
            groups.append(group)
    return groups


def relaxation(a: Arrays) -> Program:
    """The program; its columns are the pairs, then the shortages."""
    d, n, pairs = a.n_duties, len(a.need_duty), np.arange(a.n_pairs)
    duties, needs = np.arange(d), np.arange(n)
    first = a.n_pairs
    owner = np.repeat(needs, np.diff(a.need_ptr))
    row = [a.duty, duties, duties, d + a.duty, 2 * d + owner, 2 * d + needs]
    col = [pairs, first + duties, first + d + duties, pairs, a.need_pairs, first + 2 * d + needs]
    value = [np.ones(len(c)) for c in col]
    lower = [a.target.astype(float), np.full(d, -INF), a.need_count.astype(float)]
    upper = [np.full(d, INF), a.max_heads.astype(float), np.full(n, INF)]
    at = 2 * d + n
    groups = [g for v in range(a.n_people) for g in cliques(a, v)]
    for members, weight, cap in _rows(a, groups):
        row.append(np.full(len(members), at))
        col.append(members)
        value.append(weight)
        lower.append(np.array([-INF]))
        upper.append(np.array([cap]))
        at += 1
    cost = np.concatenate(
        (
            np.where(a.published, -a.dropped_weight, 0),
            np.full(d, a.target_weight),
            a.min_weight,
            a.need_weight,
        )
    )
    limit = np.concatenate((np.ones(a.n_pairs), a.target - a.min_heads, a.min_heads, a.need_count))
    join = np.concatenate
    return Program(
        cost.astype(float),
        limit.astype(float),
        join(lower),
        join(upper),
        join(row),
        join(col),
        join(value),
    )


def _rows(a: Arrays, groups: list[Ints]) -> list[tuple[Ints, np.ndarray, float]]:
    rows = [(g, np.ones(len(g)), 1.0) for g in groups]
    rows += [(pair, np.ones(2), 1.0) for pair in a.apart]
    for v in range(a.n_people):
        mine = np.arange(a.person_ptr[v], a.person_ptr[v + 1])
        minutes = a.minutes[a.duty[mine]]
        if minutes.sum() > a.max_minutes[v]:
            rows.append((mine, minutes / 60.0, a.max_minutes[v] / 60.0))
        days = a.day[a.duty[mine]]
        for day in np.unique(days):
            some = mine[days == day]
            cap = int(a.day_room[some[0]])
            if 1 < cap < len(some):
                rows.append((some, np.ones(len(some)), float(cap)))
    return rows


def measure(a: Arrays, seconds: float) -> tuple[float, float]:
    """Seconds GLOP takes, and the value (infinite time if it did not end within the limit)."""
    program = relaxation(a)
    simplex = Simplex(program)
    began = time.monotonic()
    answer = simplex.solve(seconds, presolve=True)
    if answer is None:
        return INF, -INF
    return time.monotonic() - began, answer.value + a.dropped_base
