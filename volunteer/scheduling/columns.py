"""A problem as columns: what the fast faces of the rules look at, one numpy array per field.

People and duties are addressed by their index in the problem. Building costs one pass over the
problem; nothing in it grows with people x duties.
"""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from volunteer.scheduling.problem import Pair, Person, Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
EXACT = 1 << 52


def _ints(values: list[int]) -> Ints:
    return np.array(values, np.int64)


class Columns:
    """The fields of a problem that rules judge by, as arrays over people and over duties."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        people, duties = problem.people, problem.duties
        self.person_at = {person.id: i for i, person in enumerate(people)}
        self.duty_at = {duty.id: i for i, duty in enumerate(duties)}
        self.unit_at = {unit.id: i for i, unit in enumerate(problem.units)}
        spans = [(a, b, i) for i, person in enumerate(people) for a, b in person.available]
        table = np.array(spans, np.int64).reshape(-1, 3)
        self.opens, self.closes, self.owner = table[:, 0], table[:, 1], table[:, 2]
        self.age = _ints([person.age for person in people])
        self.youngest = int(self.age.min(initial=1 << 62))
        self.oldest = int(self.age.max(initial=0))
        self.unit = _ints([self.unit_at[person.unit] for person in people])
        self.homeless: Bools = np.array([person.home is None for person in people], np.bool_)
        self._anybody_homeless = bool(self.homeless.any())
        homes = [person.home or (0, 0) for person in people]
        self.home_x, self.home_y = _ints([x for x, _ in homes]), _ints([y for _, y in homes])
        self.max_minutes = _ints([person.max_minutes for person in people])
        self.max_per_day = _ints([person.max_shifts_per_day for person in people])
        self._least_minutes = int(self.max_minutes.min(initial=1 << 62))
        self._least_per_day = int(self.max_per_day.min(initial=1 << 62))
        self.served = _ints([person.served_minutes for person in people])
        self.skills = skill_columns(people)
        self._nobody: Bools = np.zeros(len(people), np.bool_)
        self.start = _ints([duty.start for duty in duties])
        self.end = _ints([duty.end for duty in duties])
        self.day = _ints([duty.day for duty in duties])
        self.minutes = self.end - self.start
        self.max_heads = _ints([duty.max for duty in duties])
        places = {site.id: (site.x, site.y) for site in problem.sites}
        site_at = {site.id: i for i, site in enumerate(problem.sites)}
        self.site = _ints([site_at[duty.site] for duty in duties])
        self.place_x = _ints([places[duty.site][0] for duty in duties])
        self.place_y = _ints([places[duty.site][1] for duty in duties])
        self.bans: dict[int, list[int]] = defaultdict(list)
        for who, where in problem.bans:
            self.bans[self.duty_at[where]].append(self.person_at[who])
        self._tied: dict[frozenset[str], Bools] = {}
        self._window: tuple[tuple[int, int], Bools] | None = None

    @property
    def n_people(self) -> int:
        """Number of people."""
        return len(self.age)

    @property
    def n_duties(self) -> int:
        """Number of duties."""
        return len(self.start)

    def holders(self, skill: str) -> Bools:
        """Who has the skill."""
        return self.skills.get(skill, self._nobody)

    def free(self, start: int, end: int) -> Bools:
        """Who has one interval of availability around ``[start, end)``; the last window is kept."""
        if self._window is None or self._window[0] != (start, end):
            free = self._nobody.copy()
            free[self.owner[(self.opens <= start) & (self.closes >= end)]] = True
            self._window = ((start, end), free)
        return self._window[1]

    def tied(self, duty: int) -> Bools:
        """Which units are tied to the duty."""
        units = self.problem.duties[duty].tied
        known = self._tied.get(units)
        if known is None:
            known = np.zeros(len(self.unit_at), np.bool_)
            known[[self.unit_at[unit] for unit in units]] = True
            self._tied[units] = known
        return known

    def everybody_takes(self, duty: int) -> bool:
        """Whether nobody's own caps shut out this duty by itself."""
        return bool(self.minutes[duty] <= self._least_minutes and self._least_per_day > 0)

    def squares(self, duty: int, who: Ints) -> Ints:
        """Squared metres from the homes of ``who`` to the duty's site; 0 without a home."""
        east, north = self.home_x[who] - self.place_x[duty], self.home_y[who] - self.place_y[duty]
        square: Ints = east * east + north * north
        if self._anybody_homeless:
            square[self.homeless[who]] = 0
        return square

    def keys(self, pairs: tuple[Pair, ...]) -> Ints:
        """Return person * n_duties + duty of each pair, sorted."""
        width = self.n_duties
        made = _ints([self.person_at[v] * width + self.duty_at[s] for v, s in pairs])
        made.sort()
        return made


def skill_columns(people: tuple[Person, ...]) -> dict[str, Bools]:
    """Return one boolean column per skill that anybody has."""
    holders: dict[str, list[int]] = defaultdict(list)
    for i, person in enumerate(people):
        for skill in person.skills:
            holders[skill].append(i)
    columns = {}
    for skill, rows in holders.items():
        columns[skill] = np.zeros(len(people), np.bool_)
        columns[skill][rows] = True
    return columns


def floor_root(square: Ints) -> Ints:
    """Return the whole part of each square root, exactly.

    Below 2^52 the rounded root never reaches the next whole number: k - sqrt(k^2 - 1) > 1 / (2 k), and
    that is more than half a step of double precision below k.
    """
    root = np.sqrt(square.astype(np.float64)).astype(np.int64)
    if int(square.max(initial=0)) < EXACT:
        return root
    root -= root * root > square
    root += (root + 1) * (root + 1) <= square
    return root


def ceil_root(square: Ints) -> Ints:
    """Return each square root, rounded up, exactly."""
    root = floor_root(square)
    root += root * root < square
    return root
