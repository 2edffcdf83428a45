"""Who shares a duty: no more than it has seats, and never two who are to be kept apart."""

from collections.abc import Iterator

import numpy as np

from volunteer.scheduling.columns import Columns, Ints
from volunteer.scheduling.problem import Duty, Person
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import Finding, HardRule


class Seats(HardRule):
    """At most ``max`` people on a duty."""

    code = "seats"

    def objections(self, roster: Roster, person: Person, duty: Duty) -> Iterator[Finding]:
        """Say that the duty is full."""
        there = roster.people_on(duty.id) - {person.id}
        if len(there) >= duty.max:
            yield self._finding((person.id,), (duty.id,), have=len(there) + 1, limit=duty.max)

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield every duty with too many people."""
        for duty in roster.book.problem.duties:
            there = roster.people_on(duty.id)
            if len(there) > duty.max:
                who = tuple(sorted(there))
                yield self._finding(who, (duty.id,), have=len(there), limit=duty.max)

    def broken(self, columns: Columns, people: Ints, duties: Ints) -> bool:
        """Count the pairs by duty."""
        heads = np.bincount(duties, minlength=columns.n_duties)
        return bool((heads > columns.max_heads).any())


class Apart(HardRule):
    """The two of an ``apart`` pair never serve on one duty."""

    code = "apart"

    def objections(self, roster: Roster, person: Person, duty: Duty) -> Iterator[Finding]:
        """Name each person on the duty whom this one is kept apart from."""
        foes = roster.book.apart.get(person.id, frozenset())
        for other in sorted(foes & roster.people_on(duty.id)):
            yield self._finding((person.id, other), (duty.id,))

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield every pair that stands together."""
        for one, other in roster.book.problem.apart:
            for where in roster.duties_of(one):
                if other in roster.people_on(where):
                    yield self._finding((one, other), (where,))

    def broken(self, columns: Columns, people: Ints, duties: Ints) -> bool:
        """Meet the keys of the one with the keys of the other."""
        held = set((people * columns.n_duties + duties).tolist())
        width = columns.n_duties
        for one, other in columns.problem.apart:
            a, b = columns.person_at[one], columns.person_at[other]
            mine = duties[people == a].tolist()
            if any(b * width + duty in held for duty in mine):
                return True
        return False
