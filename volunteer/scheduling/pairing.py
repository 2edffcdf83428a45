"""All pairs and all clashes of a problem, made of the fast faces of the rules.

This is where the optimiser meets the rules: it sees a person on a duty only if every rule of one
seat allows it, and two duties as exclusive exactly where a rule about two duties says so.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from volunteer.scheduling.columns import Bools, Columns, Ints, floor_root
from volunteer.scheduling.nearby import Nearby
from volunteer.scheduling.rules import PAIR, SEAT
from volunteer.scheduling.rules.eligibility import Availability


def eligible(columns: Columns, duty: int, free: Ints | None = None) -> Ints:
    """Return everybody whom the rules of one seat allow on the duty, in the order of ``free``.

    ``free`` are people whom the rule of availability allows, where the caller knows them; else
    everybody is asked.
    """
    who = np.arange(columns.n_people, dtype=np.int64) if free is None else free
    for rule in SEAT:
        if free is not None and isinstance(rule, Availability):
            continue
        if not rule.spares(columns, duty):
            who = who[rule.allows(columns, duty, who)]
    return who


@dataclass(frozen=True, slots=True)
class Pairs:
    """Every eligible pair: person, duty and metres from home, sorted by person, then duty.

    ``by_duty`` lists the same pairs by their index, sorted by duty, then person.
    """

    person: Ints
    duty: Ints
    metres: Ints
    by_duty: Ints


Asked = Callable[[], None]  # called now and then; raises where the caller wants an end


def eligible_people(columns: Columns, asked: Asked | None = None) -> list[Ints]:
    """Return for every duty everybody whom the rules of one seat allow there, sorted.

    ``asked`` is called between windows of time.
    """
    windows: dict[tuple[int, int], list[int]] = defaultdict(list)
    for duty, window in enumerate(zip(columns.start.tolist(), columns.end.tolist(), strict=True)):
        windows[window].append(duty)
    found: list[Ints] = [np.zeros(0, np.int64)] * columns.n_duties
    for (start, end), members in windows.items():
        if asked is not None:
            asked()
        nearby = Nearby(columns, np.flatnonzero(columns.free(start, end)))
        for duty in members:
            found[duty] = eligible(columns, duty, nearby.candidates(duty))
            found[duty].sort()
    return found


def places(found: list[Ints], n_people: int) -> tuple[Ints, Iterator[tuple[int, Ints, Ints]]]:
    """Where pairs stand that are sorted by person, then duty.

    Returns how many pairs each person has, and for duty after duty (duty, people, place of each pair).
    """
    seats = np.zeros(n_people, np.int64)
    for hits in found:
        seats[hits] += 1
    at = np.cumsum(seats) - seats  # where the next duty of each person goes

    def walk() -> Iterator[tuple[int, Ints, Ints]]:
        for duty, hits in enumerate(found):
            place = at[hits]
            at[hits] += 1
            yield duty, hits, place

    return seats, walk()


def eligible_pairs(columns: Columns) -> Pairs:
    """Return every eligible pair of the problem."""
    found = eligible_people(columns)
    seats, walk = places(found, columns.n_people)
    total = int(seats.sum())
    duties, metres = np.zeros(total, np.int64), np.zeros(total, np.int64)
    order = [np.zeros(0, np.int64)]
    for duty, hits, place in walk:
        duties[place] = duty
        metres[place] = floor_root(columns.squares(duty, hits))
        order.append(place)
    people = np.repeat(np.arange(columns.n_people, dtype=np.int64), seats)
    return Pairs(people, duties, metres, np.concatenate(order))


BAND = 64  # duties, neighbours in time, looked at together


def conflicts(columns: Columns) -> Bools:
    """Return duty x duty: True where one person cannot serve on both.

    Only duties near each other in time are asked: behind the longest way and the rest due nothing clashes.
    """
    n = columns.n_duties
    table = np.zeros((n, n), np.bool_)
    if not n:
        return table
    order = np.lexsort((columns.end, columns.start))
    start, end = columns.start[order], columns.end[order]
    reach = max(rule.reach(columns) for rule in PAIR)
    for low in range(0, n, BAND):
        high = min(n, low + BAND)
        last = int(np.searchsorted(start, int(end[low:high].max()) + reach))
        one, other = order[low:high, None], order[None, low:last]
        clash = np.zeros((high - low, last - low), np.bool_)
        for rule in PAIR:
            clash |= rule.clash(columns, one, other)
        table[one, other] = clash
        table[other, one] = clash
    return table
