"""What a rule is: one class with two faces.

The *fast* face speaks in numpy arrays over a :class:`~volunteer.scheduling.columns.Columns` and
serves the optimiser; the *human* face speaks in :class:`Finding` over a
:class:`~volunteer.scheduling.roster.Roster` and serves everybody who asks "may I?" and "why not?":
sign-up, swaps, drag and drop, explanations. A property test holds the two faces together.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

import numpy as np

from volunteer.scheduling.book import Book
from volunteer.scheduling.columns import Bools, Columns, Ints
from volunteer.scheduling.problem import Duty, Person
from volunteer.scheduling.roster import Roster


class Level(Enum):
    """How much a finding weighs: HARD forbids, WANTED is coverage (tier 1), NICE is people (tier 2)."""

    HARD = "hard"
    WANTED = "wanted"
    NICE = "nice"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule has to say, as data; :mod:`volunteer.scheduling.words` makes the sentence.

    Parameters
    ----------
    rule
        The rule's code, as in the format.
    level
        HARD, WANTED or NICE.
    who
        Person ids, the one concerned first. Empty where nobody in particular is meant.
    where
        Duty ids: first the one asked about, then those in its way.
    cost
        What it adds to its tier; 0 for a hard rule.
    params
        The figures of the sentence, by name.
    """

    rule: str
    level: Level
    who: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    cost: int = 0
    params: Mapping[str, int | str | tuple[str, ...]] = field(default_factory=dict)


class Rule(ABC):
    """Anything that has an opinion on a roster."""

    code: ClassVar[str]
    level: ClassVar[Level]

    @abstractmethod
    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield everything this rule has to say about a whole roster."""


class HardRule(Rule):
    """A rule that no plan may break."""

    level = Level.HARD

    @abstractmethod
    def objections(self, roster: Roster, person: Person, duty: Duty) -> Iterator[Finding]:
        """Yield what stands against putting the person on the duty, who is not there yet."""

    @abstractmethod
    def broken(self, columns: Columns, people: Ints, duties: Ints) -> bool:
        """Return whether these pairs (by index, no pair twice) break the rule anywhere."""

    def _finding(
        self, who: tuple[str, ...], where: tuple[str, ...], **params: int | str | tuple[str, ...]
    ) -> Finding:
        return Finding(self.code, Level.HARD, who, where, params=params)


class SeatRule(HardRule):
    """A hard rule about one person on one duty, whatever else the roster holds ("eligible")."""

    def spares(self, columns: Columns, duty: int) -> bool:
        """Whether it is plain, without looking at anybody, that the rule shuts nobody out there."""
        return False

    @abstractmethod
    def allows(self, columns: Columns, duty: int, who: Ints) -> Bools:
        """Return, for each of these people, whether the rule lets them stand on the duty."""

    @abstractmethod
    def refusal(self, book: Book, person: Person, duty: Duty) -> Finding | None:
        """Return why the person may not stand there, None if the rule has nothing against it."""

    def objections(self, roster: Roster, person: Person, duty: Duty) -> Iterator[Finding]:
        """Yield the refusal, if there is one."""
        found = self.refusal(roster.book, person, duty)
        if found is not None:
            yield found

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield the refusal of every pair of the roster that has one."""
        book = roster.book
        for who, where in roster:
            found = self.refusal(book, book.people[who], book.duties[where])
            if found is not None:
                yield found

    def broken(self, columns: Columns, people: Ints, duties: Ints) -> bool:
        """Return whether any pair is refused."""
        return any(
            not self.allows(columns, int(duty), people[duties == duty]).all()
            for duty in np.unique(duties)
        )


class PairRule(HardRule):
    """A hard rule about two duties of one person."""

    @abstractmethod
    def clash(self, columns: Columns, one: Ints, other: Ints) -> Bools:
        """Return, row by row (arrays of duties of one shape, or broadcast), where both exclude each other."""

    @abstractmethod
    def reach(self, columns: Columns) -> int:
        """Return the minutes between two duties from which on the rule has nothing against them."""

    def clashes(self, columns: Columns, duty: int) -> Bools:
        """Return, for each duty, whether one person cannot serve on it and on this one."""
        every = np.arange(columns.n_duties, dtype=np.int64)
        return self.clash(columns, np.full(len(every), duty, np.int64), every)

    @abstractmethod
    def between(self, book: Book, who: str, duty: Duty, other: Duty) -> Finding | None:
        """Return why the person cannot serve on both; ``other`` is the one in the way."""

    def objections(self, roster: Roster, person: Person, duty: Duty) -> Iterator[Finding]:
        """Yield one finding per duty of the person that stands in the way."""
        book = roster.book
        for where in roster.duties_of(person.id):
            if where != duty.id:
                found = self.between(book, person.id, duty, book.duties[where])
                if found is not None:
                    yield found

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield every two duties of one person that clash."""
        book = roster.book
        for who in sorted(roster.busy()):
            mine = [book.duties[where] for where in roster.duties_of(who)]
            for i, first in enumerate(mine):
                for second in mine[i + 1 :]:
                    found = self.between(book, who, first, second)
                    if found is not None:
                        yield found

    def broken(self, columns: Columns, people: Ints, duties: Ints) -> bool:
        """Return whether anybody holds two duties that clash."""
        order = np.lexsort((duties, people))
        people, duties = people[order], duties[order]
        held: dict[int, set[int]] = {}
        for who, duty in zip(people.tolist(), duties.tolist(), strict=True):
            held.setdefault(who, set()).add(duty)
        wanted = {duty for mine in held.values() if len(mine) > 1 for duty in mine}
        rows = {duty: set(np.flatnonzero(self.clashes(columns, duty)).tolist()) for duty in wanted}
        return any(rows[duty] & mine for mine in held.values() if len(mine) > 1 for duty in mine)


class SoftRule(Rule):
    """A rule whose breach costs."""

    def cost(self, roster: Roster) -> int:
        """Return what the roster pays to this rule."""
        return sum(finding.cost for finding in self.findings(roster))

    @abstractmethod
    def added(self, roster: Roster, person: Person, duty: Duty) -> int:
        """Return how the cost changes when the person, who is not there yet, joins the duty."""

    @abstractmethod
    def total(self, columns: Columns, people: Ints, duties: Ints) -> int:
        """Return the cost of these pairs (by index, no pair twice), counted on arrays."""


class DutyRule(SoftRule):
    """A rule of the first tier: what one duty lacks."""

    level = Level.WANTED

    @abstractmethod
    def on_duty(self, roster: Roster, duty: Duty) -> Iterator[Finding]:
        """Yield what the duty lacks."""

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield what every duty lacks."""
        for duty in roster.book.problem.duties:
            yield from self.on_duty(roster, duty)
