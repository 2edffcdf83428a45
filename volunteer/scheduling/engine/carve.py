"""Cut a smaller problem out of arrays: some duties are free, some seats are settled.

With ``settled`` pairs, what they take (seats, hours, days, place, feuds) is taken from the piece, so
that any sound answer of the piece and the settled pairs together are a sound plan. Without them,
people stand in the piece with all their hours: the pieces of a partition then see *copies* of the
same people, which proves bounds (see docs/scheduling.md) but makes no plan.
"""

from dataclasses import dataclass, replace

import numpy as np

from volunteer.scheduling.engine.arrays import Arrays, Bools, Ints, by_duty, pointers, quarters


@dataclass(frozen=True, slots=True)
class Piece:
    """A smaller problem and where its pairs, people and duties stand in the whole."""

    arrays: Arrays
    pairs: Ints
    people: Ints
    duties: Ints
    needs: Ints


def spread(ptr: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Positions of all entries of some CSR rows, and the rank (in ``rows``) of each one's row."""
    count = ptr[rows + 1] - ptr[rows]
    owner = np.repeat(np.arange(len(rows)), count)
    step = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    return step + ptr[rows][owner], owner


def among(values: Ints, pool: Ints) -> Bools:
    """Which values are in a sorted pool."""
    if not len(pool):
        return np.zeros(values.shape, np.bool_)
    at = np.minimum(np.searchsorted(pool, values), len(pool) - 1)
    return np.asarray(pool[at] == values, np.bool_)


def whole(a: Arrays) -> Piece:
    """Everything as one piece; nothing is settled."""
    return Piece(
        a,
        np.arange(a.n_pairs),
        np.arange(a.n_people),
        np.arange(a.n_duties),
        np.arange(len(a.need_duty)),
    )


def carve(a: Arrays, duties: Ints, settled: Ints, locked: Bools | None = None) -> Piece:
    """The piece of these duties, given the indices of settled pairs (on its duties or elsewhere).

    ``locked`` people take no part in the piece.
    """
    duties, settled = np.unique(duties), np.sort(settled)
    at, _ = spread(a.duty_ptr, duties)
    pairs = np.sort(a.duty_pairs[at])
    free = ~among(pairs, settled)
    if locked is not None:
        free &= ~locked[a.person[pairs]]
    pairs = pairs[free]
    minutes = np.zeros(a.n_people, np.int64)
    np.add.at(minutes, a.person[settled], a.minutes[a.duty[settled]])
    heads = np.bincount(a.duty[settled], minlength=a.n_duties).astype(np.int64)
    person, duty = a.person[pairs], a.duty[pairs]
    room = a.day_room[pairs] - _same_day(a, pairs, settled)
    free = ~_shut_out(a, pairs, settled)
    free &= (a.minutes[duty] <= (a.max_minutes - minutes)[person]) & (room > 0)
    free &= (a.max_heads - heads)[duty] > 0
    people, person = np.unique(person[free], return_inverse=True)
    small = _take(a, (pairs[free], people, duties), person, (minutes, heads))
    small = replace(small, day_room=room[free])
    small, needs = _with_needs(a, small, (pairs[free], duties), settled)
    return Piece(small, pairs[free], people, duties, needs)


def select(a: Arrays, pairs: Ints) -> Piece:
    """The piece of exactly these pairs (sorted); nothing is settled."""
    people, person = np.unique(a.person[pairs], return_inverse=True)
    duties = np.unique(a.duty[pairs])
    none = np.zeros(0, np.int64)
    spare = (np.zeros(a.n_people, np.int64), np.zeros(a.n_duties, np.int64))
    small = _take(a, (pairs, people, duties), person, spare)
    small = replace(small, day_room=a.day_room[pairs])
    small, needs = _with_needs(a, small, (pairs, duties), none)
    return Piece(small, pairs, people, duties, needs)


def _same_day(a: Arrays, pairs: Ints, settled: Ints) -> Ints:
    """Per pair: how many settled pairs its person has on the pair's day."""
    if not len(settled):
        return np.zeros(len(pairs), np.int64)
    low = int(a.day.min())
    width = int(a.day.max()) - low + 1
    keys = a.person[settled] * width + (a.day[a.duty[settled]] - low)
    unique, count = np.unique(keys, return_counts=True)
    want = a.person[pairs] * width + (a.day[a.duty[pairs]] - low)
    at = np.minimum(np.searchsorted(unique, want), len(unique) - 1)
    return np.where(unique[at] == want, count[at], 0).astype(np.int64)


def _shut_out(a: Arrays, pairs: Ints, settled: Ints) -> Bools:
    """Per pair: whether a settled pair of its person or its feud excludes it."""
    shut = np.zeros(len(pairs), np.bool_)
    if not len(settled):
        return shut
    rank = np.arange(len(settled)) - np.searchsorted(a.person[settled], a.person[settled])
    for k in range(int(rank.max()) + 1):
        other = np.full(a.n_people, -1, np.int64)
        mine = settled[rank == k]
        other[a.person[mine]] = a.duty[mine]
        theirs = other[a.person[pairs]]
        shut |= (theirs >= 0) & a.conflict[a.duty[pairs], np.maximum(theirs, 0)]
    if len(a.apart):
        for one, two in ((0, 1), (1, 0)):
            hit = a.apart[among(a.apart[:, one], settled), two]
            shut |= np.isin(pairs, hit)
    return shut


def _take(
    a: Arrays, index: tuple[Ints, Ints, Ints], person: Ints, settled: tuple[Ints, Ints]
) -> Arrays:
    pairs, people, duties = index
    minutes, heads = settled
    duty = np.searchsorted(duties, a.duty[pairs]).astype(np.int64)
    order = by_duty(duty, len(duties))
    spent = a.spent + minutes
    load = np.zeros(len(a.fair), np.int64)
    np.add.at(load, a.unit, quarters(spent) - quarters(a.spent))
    feuds = a.apart
    if len(feuds):
        feuds = feuds[among(feuds, pairs).all(axis=1)]
        feuds = np.searchsorted(pairs, feuds).astype(np.int64).reshape(-1, 2)
    return replace(
        a,
        n_people=len(people),
        n_duties=len(duties),
        person=person.astype(np.int64),
        duty=duty,
        people_cost=a.people_cost[pairs],
        published=a.published[pairs],
        pinned=np.zeros(len(pairs), np.bool_),
        person_ptr=pointers(person, len(people)),
        duty_ptr=pointers(duty[order], len(duties)),
        duty_pairs=order,
        day=a.day[duties],
        start=a.start[duties],
        minutes=a.minutes[duties],
        min_weight=a.min_weight[duties],
        min_heads=np.maximum(0, (a.min_heads - heads)[duties]),
        target=np.maximum(0, (a.target - heads)[duties]),
        max_heads=(a.max_heads - heads)[duties],
        conflict=a.conflict[np.ix_(duties, duties)],
        max_minutes=(a.max_minutes - minutes)[people],
        served=a.served[people],
        spent=spent[people],
        unit=a.unit[people],
        fair=a.fair - load,
        apart=feuds,
        dropped_base=int(a.published[pairs].sum()) * a.dropped_weight,
        floor=0,
        lost_pins=0,
    )


def _with_needs(
    a: Arrays, small: Arrays, index: tuple[Ints, Ints], settled: Ints
) -> tuple[Arrays, Ints]:
    pairs, duties = index
    at = np.minimum(np.searchsorted(duties, a.need_duty), max(0, len(duties) - 1))
    needs = np.flatnonzero(duties[at] == a.need_duty) if len(duties) else np.zeros(0, np.int64)
    where, owner = spread(a.need_ptr, needs)
    members = a.need_pairs[where]
    met = np.bincount(owner[among(members, settled)], minlength=len(needs))
    place = np.minimum(np.searchsorted(pairs, members), max(0, len(pairs) - 1))
    inside = pairs[place] == members if len(pairs) else np.zeros(len(members), np.bool_)
    sizes = np.bincount(owner[inside], minlength=len(needs))
    small = replace(
        small,
        need_duty=at[needs].astype(np.int64),
        need_count=np.maximum(0, a.need_count[needs] - met).astype(np.int64),
        need_weight=a.need_weight[needs],
        need_ptr=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        need_pairs=place[inside].astype(np.int64),
    )
    return small, needs
