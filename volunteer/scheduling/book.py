"""A problem opened for looking things up: by id, by site, by pair; and how far places lie apart."""

from collections import defaultdict
from functools import lru_cache
from math import isqrt

from volunteer.scheduling.problem import Duty, Pair, Person, Problem, Site, Unit


class Book:
    """Indexes over one problem, built once and never changed. Everything in it is exact integers."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.people: dict[str, Person] = {person.id: person for person in problem.people}
        self.duties: dict[str, Duty] = {duty.id: duty for duty in problem.duties}
        self.sites: dict[str, Site] = {site.id: site for site in problem.sites}
        self.units: dict[str, Unit] = {unit.id: unit for unit in problem.units}
        self.bans: frozenset[Pair] = frozenset(problem.bans)
        self.pins: frozenset[Pair] = frozenset(problem.pins)
        self.published: frozenset[Pair] = frozenset(problem.published)
        told: dict[str, list[str]] = defaultdict(list)
        for who, where in problem.published:
            told[where].append(who)
        self.told: dict[str, tuple[str, ...]] = {duty: tuple(who) for duty, who in told.items()}
        apart: dict[str, set[str]] = defaultdict(set)
        for one, other in problem.apart:
            apart[one].add(other)
            apart[other].add(one)
        self.apart: dict[str, frozenset[str]] = {
            who: frozenset(them) for who, them in apart.items()
        }
        self.travel_minutes = lru_cache(maxsize=1 << 16)(self._travel_minutes)

    def _travel_minutes(self, one: str, other: str) -> int:
        if one == other:
            return 0
        a, b = self.sites[one], self.sites[other]
        pace = self.problem.travel.metres_per_minute
        squared = (a.x - b.x) ** 2 + (a.y - b.y) ** 2
        # smallest m with (m * pace)^2 >= squared: ceil of the exact root, divided up
        root = isqrt(squared)
        root += root * root < squared
        return -(-root // pace) + self.problem.travel.overhead_minutes

    def squared_metres(self, person: Person, duty: Duty) -> int:
        """Return the square of the metres from home to the duty's site, 0 without a home."""
        if person.home is None:
            return 0
        site = self.sites[duty.site]
        return (person.home[0] - site.x) ** 2 + (person.home[1] - site.y) ** 2

    def metres(self, person: Person, duty: Duty) -> int:
        """Return the whole metres from home to the duty's site, 0 without a home."""
        return isqrt(self.squared_metres(person, duty))

    def kilometres(self, person: Person, duty: Duty) -> int:
        """Return the distance as the people tier counts it: metres rounded to kilometres."""
        return (self.metres(person, duty) + 500) // 1000
