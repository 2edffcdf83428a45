"""Roster (排班表): who stands where, indexed by person, by duty and by day.

A roster is a value. A change makes a new one that shares what did not change, so that a hundred
"what if" questions cost little.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from volunteer.scheduling.book import Book
from volunteer.scheduling.problem import Pair, Plan, Problem

_NOBODY: frozenset[str] = frozenset()


class Roster:
    """The pairs of one plan over one problem.

    Parameters
    ----------
    book
        The problem, opened.
    pairs
        (person id, duty id); a pair given twice counts once.

    Raises
    ------
    KeyError
        If a pair names a person or a duty that the problem does not have.
    """

    __slots__ = ("book", "_by_person", "_by_duty", "_by_unit", "pairs")

    def __init__(self, book: Book, pairs: Iterable[Pair] = ()) -> None:
        self.book = book
        self.pairs: frozenset[Pair] = frozenset(pairs)
        by_person: dict[str, set[str]] = {}
        by_duty: dict[str, set[str]] = {}
        for who, where in self.pairs:
            if who not in book.people or where not in book.duties:
                raise KeyError((who, where))
            by_person.setdefault(who, set()).add(where)
            by_duty.setdefault(where, set()).add(who)
        self._by_person = {who: frozenset(them) for who, them in by_person.items()}
        self._by_duty = {where: frozenset(them) for where, them in by_duty.items()}
        self._by_unit: dict[str, int] | None = None

    @classmethod
    def of(cls, problem: Problem, plan: Plan) -> Roster:
        """Return the roster of a plan."""
        return cls(Book(problem), plan.assignments)

    def __contains__(self, pair: object) -> bool:
        return pair in self.pairs

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[Pair]:
        return iter(sorted(self.pairs))

    def duties_of(self, person: str) -> tuple[str, ...]:
        """Return where the person stands, by start."""
        mine = self._by_person.get(person, _NOBODY)
        duties = self.book.duties
        return tuple(sorted(mine, key=lambda d: (duties[d].start, duties[d].end, d)))

    def duties_on(self, person: str, day: int) -> tuple[str, ...]:
        """Return the person's duties that start on a day, by start."""
        duties = self.book.duties
        return tuple(d for d in self.duties_of(person) if duties[d].day == day)

    def people_on(self, duty: str) -> frozenset[str]:
        """Return who stands on the duty."""
        return self._by_duty.get(duty, _NOBODY)

    def minutes_of(self, person: str) -> int:
        """Return the minutes assigned to the person."""
        duties = self.book.duties
        return sum(duties[d].minutes for d in self._by_person.get(person, _NOBODY))

    def unit_quarters(self, unit: str) -> int:
        """Return the quarter-hours assigned to the unit's people, each person's rounded up."""
        if self._by_unit is None:
            self._by_unit = {}
            for who in self._by_person:
                of = self.book.people[who].unit
                self._by_unit[of] = self._by_unit.get(of, 0) - (-self.minutes_of(who) // 15)
        return self._by_unit.get(unit, 0)

    def busy(self) -> Iterable[str]:
        """Return the people who stand anywhere."""
        return self._by_person.keys()

    def missing(self, duty: str) -> int:
        """Return how many people the duty lacks to its minimum."""
        return max(0, self.book.duties[duty].min - len(self.people_on(duty)))

    def changed(self, *, add: Iterable[Pair] = (), remove: Iterable[Pair] = ()) -> Roster:
        """Return the roster with some pairs taken out and others put in."""
        added, removed = list(add), list(remove)
        new = Roster.__new__(Roster)
        new.book = self.book
        by_person, by_duty = dict(self._by_person), dict(self._by_duty)
        for who, where in removed:
            by_person[who] = by_person.get(who, _NOBODY) - {where}
            by_duty[where] = by_duty.get(where, _NOBODY) - {who}
        for who, where in added:
            if who not in self.book.people or where not in self.book.duties:
                raise KeyError((who, where))
            by_person[who] = by_person.get(who, _NOBODY) | {where}
            by_duty[where] = by_duty.get(where, _NOBODY) | {who}
        new._by_person = {who: them for who, them in by_person.items() if them}
        new._by_duty = {where: them for where, them in by_duty.items() if them}
        new._by_unit = None
        new.pairs = self.pairs.difference(removed).union(added)
        return new
