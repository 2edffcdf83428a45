"""Roster (排班表): who stands where, indexed by person, by duty and by day.

A roster is a value. A change makes a new one that shares what did not change and lays a thin layer
over it, so that a hundred "what if" questions cost little, however large the city.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from volunteer.scheduling.book import Book
from volunteer.scheduling.problem import Pair, Plan, Problem

_NOBODY: frozenset[str] = frozenset()
_THIN = 64  # people or duties in the layer of changes, before it is pressed into the base


class Roster:
    """The pairs of one plan over one problem.

    Parameters
    ----------
    book
        The problem, opened.
    pairs
        (person id, duty id); a pair given twice counts once.

    Attributes
    ----------
    memo
        Counts that rules took of this roster and may want again; never carried over to another.

    Raises
    ------
    KeyError
        If a pair names a person or a duty that the problem does not have.
    """

    __slots__ = (
        "book",
        "_by_person",
        "_by_duty",
        "_new_person",
        "_new_duty",
        "_by_unit",
        "_pairs",
        "memo",
    )

    def __init__(self, book: Book, pairs: Iterable[Pair] = ()) -> None:
        self.book = book
        self._pairs: frozenset[Pair] | None = frozenset(pairs)
        by_person: dict[str, list[str]] = {}
        by_duty: dict[str, set[str]] = {}
        for who, where in self._pairs:
            if who not in book.people or where not in book.duties:
                raise KeyError((who, where))
            by_person.setdefault(who, []).append(where)
            by_duty.setdefault(where, set()).add(who)
        self._by_person = {who: self._sorted(them) for who, them in by_person.items()}
        self._by_duty = {where: frozenset(them) for where, them in by_duty.items()}
        self._new_person: dict[str, tuple[str, ...]] = {}
        self._new_duty: dict[str, frozenset[str]] = {}
        self._by_unit: dict[str, int] | None = None
        self.memo: dict[tuple[str, ...], int] = {}

    @classmethod
    def of(cls, problem: Problem, plan: Plan) -> Roster:
        """Return the roster of a plan."""
        return cls(Book(problem), plan.assignments)

    def _sorted(self, where: list[str]) -> tuple[str, ...]:
        if len(where) < 2:
            return tuple(where)
        duties = self.book.duties
        return tuple(sorted(where, key=lambda d: (duties[d].start, duties[d].end, d)))

    @property
    def pairs(self) -> frozenset[Pair]:
        """All (person, duty) pairs."""
        if self._pairs is None:
            self._pairs = frozenset((who, d) for who in self.busy() for d in self.duties_of(who))
        return self._pairs

    def __contains__(self, pair: Pair) -> bool:
        return pair[0] in self.people_on(pair[1])

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[Pair]:
        return iter(sorted(self.pairs))

    def duties_of(self, person: str) -> tuple[str, ...]:
        """Return where the person stands, by start."""
        changed = self._new_person.get(person)
        return self._by_person.get(person, ()) if changed is None else changed

    def duties_on(self, person: str, day: int) -> tuple[str, ...]:
        """Return the person's duties that start on a day, by start."""
        mine, duties = self.duties_of(person), self.book.duties
        return tuple(d for d in mine if duties[d].day == day) if mine else ()

    def people_on(self, duty: str) -> frozenset[str]:
        """Return who stands on the duty."""
        changed = self._new_duty.get(duty)
        return self._by_duty.get(duty, _NOBODY) if changed is None else changed

    def minutes_of(self, person: str) -> int:
        """Return the minutes assigned to the person."""
        mine, duties = self.duties_of(person), self.book.duties
        return sum(duties[d].minutes for d in mine) if mine else 0

    def unit_quarters(self, unit: str) -> int:
        """Return the quarter-hours assigned to the unit's people, each person's rounded up."""
        return self._units().get(unit, 0)

    def _units(self) -> dict[str, int]:
        if self._by_unit is None:
            self._by_unit = {}
            for who in self.busy():
                of = self.book.people[who].unit
                self._by_unit[of] = self._by_unit.get(of, 0) - (-self.minutes_of(who) // 15)
        return self._by_unit

    def busy(self) -> list[str]:
        """Return the people who stand anywhere."""
        if not self._new_person:
            return list(self._by_person)
        known = self._by_person.keys() | self._new_person.keys()
        return [who for who in known if self.duties_of(who)]

    def missing(self, duty: str) -> int:
        """Return how many people the duty lacks to its minimum."""
        return max(0, self.book.duties[duty].min - len(self.people_on(duty)))

    def changed(self, *, add: Iterable[Pair] = (), remove: Iterable[Pair] = ()) -> Roster:
        """Return the roster with some pairs taken out and others put in.

        Taking out what is not there, or putting in what is, changes nothing. Raises KeyError for an
        unknown id.
        """
        new = Roster.__new__(Roster)
        new.book, new._pairs, new.memo = self.book, None, {}
        new._by_person, new._by_duty = self._by_person, self._by_duty
        new._new_person, new._new_duty = dict(self._new_person), dict(self._new_duty)
        new._by_unit = dict(self._units())
        for pair in remove:
            if pair in new:
                new._turn(pair, False)
        for pair in add:
            if pair[0] not in self.book.people or pair[1] not in self.book.duties:
                raise KeyError(pair)
            if pair not in new:
                new._turn(pair, True)
        if len(new._new_person) + len(new._new_duty) > _THIN:
            new._by_person = {**new._by_person, **new._new_person}
            new._by_duty = {**new._by_duty, **new._new_duty}
            new._by_person = {who: them for who, them in new._by_person.items() if them}
            new._new_person, new._new_duty = {}, {}
        return new

    def _turn(self, pair: Pair, here: bool) -> None:
        who, where = pair
        before = self.minutes_of(who)
        mine, crowd = self.duties_of(who), self.people_on(where)
        if here:
            self._new_person[who] = self._sorted([*mine, where])
            self._new_duty[where] = crowd | {who}
        else:
            self._new_person[who] = tuple(d for d in mine if d != where)
            self._new_duty[where] = crowd - {who}
        unit, by_unit = self.book.people[who].unit, self._units()
        step = -(-self.minutes_of(who) // 15) + (-before // 15)
        by_unit[unit] = by_unit.get(unit, 0) + step
