"""The verifier: does a plan keep every hard rule? It shares no code with the model or the rules.

Written a second time, on purpose and in plain Python, so that an error in a rule's fast face or in
the formulation cannot hide itself. Every plan passes here before it leaves the library.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import isqrt

from volunteer.scheduling.problem import DAY, Duty, Pair, Person, Problem


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken hard rule: the rule's code, the people and the duties concerned, and figures.

    ``rule`` is a code of the format, or ``unknown`` (no such person or duty) or ``twice`` (a pair
    that stands twice). ``have`` and ``limit`` are the figure found and the figure allowed, in the
    unit of the rule (minutes, shifts, people); 0 where the rule counts nothing.
    """

    rule: str
    who: tuple[str, ...]
    where: tuple[str, ...]
    have: int = 0
    limit: int = 0

    def __str__(self) -> str:
        figures = f" ({self.have}, limit {self.limit})" if self.have or self.limit else ""
        return f"{self.rule}: {', '.join(self.who)} at {', '.join(self.where)}{figures}"


class Judge:
    """Verifies any number of plans of one problem; the indexes are built once."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.people = {person.id: person for person in problem.people}
        self.duties = {duty.id: duty for duty in problem.duties}
        self.places = {site.id: (site.x, site.y) for site in problem.sites}
        self.banned = set(problem.bans)
        self.feuds = defaultdict(list)
        for one, other in problem.apart:
            self.feuds[one].append(other)

    def violations(self, pairs: Iterable[Pair]) -> list[Violation]:
        """Return everything these pairs break; empty for a sound plan."""
        given = list(pairs)
        unique = set(given)
        found: list[Violation] = []
        if len(unique) != len(given):
            found.extend(_twice(given))
        by_person: dict[str, list[Duty]] = defaultdict(list)
        by_duty: dict[str, set[str]] = defaultdict(set)
        people, duties = self.people, self.duties
        for who, where in given if len(unique) == len(given) else sorted(unique):
            person, duty = people.get(who), duties.get(where)
            if person is None or duty is None:
                found.append(Violation("unknown", (who,), (where,)))
                continue
            for rule in self.shut_out(person, duty):
                found.append(Violation(rule, (who,), (where,)))
            by_person[who].append(duty)
            by_duty[where].add(who)
        for who, stands in by_person.items():
            found.extend(self._of_person(people[who], stands))
        for where, crowd in by_duty.items():
            if len(crowd) > duties[where].max:
                found.append(
                    Violation(
                        "seats", tuple(sorted(crowd)), (where,), len(crowd), duties[where].max
                    )
                )
        found.extend(self._feuds(by_person, by_duty))
        found.extend(self._pins(unique))
        return found

    def broken_by(self, sound: Iterable[Pair], pairs: Iterable[Pair]) -> list[Violation]:
        """Return what these pairs break, where ``sound`` is a plan known to break nothing.

        Every rule speaks of one person's pairs or of one duty's crowd, so only the people and duties
        of the pairs that differ are judged anew.
        """
        given = list(pairs)
        unique = set(given)
        other = unique ^ set(sound)
        who, where = {pair[0] for pair in other}, {pair[1] for pair in other}
        near = [pair for pair in given if pair[0] in who or pair[1] in where]
        found = [fault for fault in self.violations(near) if fault.rule != "pins"]
        return [*found, *self._pins(unique)]

    def _pins(self, pairs: set[Pair]) -> Iterable[Violation]:
        return (Violation("pins", (p[0],), (p[1],)) for p in self.problem.pins if p not in pairs)

    def shut_out(self, person: Person, duty: Duty) -> list[str]:
        """Return the codes of the rule "eligible" that this pair breaks, in the format's order."""
        broken = []
        start, end = duty.start, duty.end
        for opens, closes in person.available:
            if opens <= start and end <= closes:
                break
        else:
            broken.append("availability")
        if person.age < duty.min_age or person.age > duty.max_age:
            broken.append("age")
        if duty.requires and not duty.requires.issubset(person.skills):
            broken.append("qualification")
        if self.banned and (person.id, duty.id) in self.banned:
            broken.append("banned")
        if person.unit not in duty.tied and not (duty.open and self._near(person, duty)):
            broken.append("reach")
        return broken

    def _near(self, person: Person, duty: Duty) -> bool:
        if person.home is None:
            return True
        x, y = self.places[duty.site]
        east, north = x - person.home[0], y - person.home[1]
        return east * east + north * north <= duty.reach * duty.reach

    def _of_person(self, person: Person, stands: list[Duty]) -> Iterable[Violation]:
        minutes = sum(duty.end - duty.start for duty in stands)
        if minutes > person.max_minutes:
            where = tuple(duty.id for duty in stands)
            yield Violation("total", (person.id,), where, minutes, person.max_minutes)
        if len(stands) == 1:
            if person.max_shifts_per_day < 1:
                yield Violation("day", (person.id,), (stands[0].id,), 1, person.max_shifts_per_day)
            return
        stands.sort(key=lambda duty: (duty.start, duty.end))
        by_day: dict[int, list[str]] = defaultdict(list)
        for duty in stands:
            by_day[duty.start // DAY].append(duty.id)
        for ids in by_day.values():
            if len(ids) > person.max_shifts_per_day:
                limit = person.max_shifts_per_day
                yield Violation("day", (person.id,), tuple(ids), len(ids), limit)
        for i, first in enumerate(stands):
            for second in stands[i + 1 :]:
                yield from self._between(person, first, second)

    def _between(self, person: Person, first: Duty, second: Duty) -> Iterable[Violation]:
        gap = second.start - first.end
        where = (first.id, second.id)
        need = 0 if first.site == second.site else self._travel(first.site, second.site)
        if gap < need:
            yield Violation("one_place", (person.id,), where, gap, need)
        rest = self.problem.rest_minutes
        if gap < rest and first.start // DAY != second.start // DAY:
            yield Violation("rest", (person.id,), where, gap, rest)

    def _travel(self, one: str, other: str) -> int:
        (x1, y1), (x2, y2) = self.places[one], self.places[other]
        pace = self.problem.travel.metres_per_minute
        squared = (x1 - x2) ** 2 + (y1 - y2) ** 2
        minutes = isqrt(squared) // pace
        while (minutes * pace) ** 2 < squared:
            minutes += 1
        return minutes + self.problem.travel.overhead_minutes

    def _feuds(
        self, by_person: dict[str, list[Duty]], by_duty: dict[str, set[str]]
    ) -> Iterable[Violation]:
        for one, others in self.feuds.items():
            for duty in by_person.get(one, ()):
                for other in others:
                    if other in by_duty[duty.id]:
                        yield Violation("apart", (one, other), (duty.id,))


def _twice(pairs: Collection[Pair]) -> Iterable[Violation]:
    seen: set[Pair] = set()
    for pair in pairs:
        if pair in seen:
            yield Violation("twice", (pair[0],), (pair[1],))
        seen.add(pair)


def violations(problem: Problem, pairs: Iterable[Pair]) -> list[Violation]:
    """Return every hard rule these pairs break, each with the people and duties; empty if sound."""
    return Judge(problem).violations(pairs)
