"""All pairs and all clashes of a problem, made of the fast faces of the rules.

This is where the optimiser meets the rules: it sees a person on a duty only if every rule of one
seat allows it, and two duties as exclusive exactly where a rule about two duties says so.
"""

from collections import defaultdict
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
        if free is None or not isinstance(rule, Availability):
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


def eligible_pairs(columns: Columns) -> Pairs:
    """Return every eligible pair of the problem."""
    windows: dict[tuple[int, int], list[int]] = defaultdict(list)
    for duty, window in enumerate(zip(columns.start.tolist(), columns.end.tolist(), strict=True)):
        windows[window].append(duty)
    found: list[Ints] = [np.zeros(0, np.int64)] * columns.n_duties
    seats = np.zeros(columns.n_people, np.int64)  # eligible duties of each person
    for (start, end), members in windows.items():
        nearby = Nearby(columns, np.flatnonzero(columns.free(start, end)))
        for duty in members:
            found[duty] = eligible(columns, duty, nearby.candidates(duty))
            seats[found[duty]] += 1
    total = int(seats.sum())
    duties, metres = np.zeros(total, np.int64), np.zeros(total, np.int64)
    at = np.cumsum(seats) - seats  # where the next duty of each person goes
    places = [np.zeros(0, np.int64)]
    for duty, hits in enumerate(found):
        place = at[hits]
        duties[place] = duty
        metres[place] = floor_root(columns.squares(duty, hits))
        at[hits] += 1
        place.sort()
        places.append(place)
    people = np.repeat(np.arange(columns.n_people, dtype=np.int64), seats)
    return Pairs(people, duties, metres, np.concatenate(places))


def conflicts(columns: Columns) -> Bools:
    """Return duty x duty: True where one person cannot serve on both."""
    table = np.zeros((columns.n_duties, columns.n_duties), np.bool_)
    for duty in range(columns.n_duties):
        for rule in PAIR:
            table[duty] |= rule.clashes(columns, duty)
    return table
