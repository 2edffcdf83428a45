"""How much one person may be asked to do: duties on a day, minutes in the whole horizon."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from volunteer.scheduling.columns import Columns, Ints
from volunteer.scheduling.problem import Duty, Person
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import Finding, HardRule


class Day(HardRule):
    """At most ``max_shifts_per_day`` duties that start on one day."""

    code = "day"

    def objections(self, roster: Roster, person: Person, duty: Duty) -> Iterator[Finding]:
        """Name the duties of that day that fill it."""
        there = tuple(d for d in roster.duties_on(person.id, duty.day) if d != duty.id)
        if len(there) >= person.max_shifts_per_day:
            yield self._over(person, (duty.id, *there), duty.day)

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield every person and day with too many duties."""
        for who in sorted(roster.busy()):
            person = roster.book.people[who]
            by_day: dict[int, list[str]] = defaultdict(list)
            for where in roster.duties_of(who):
                by_day[roster.book.duties[where].day].append(where)
            for day, there in by_day.items():
                if len(there) > person.max_shifts_per_day:
                    yield self._over(person, tuple(there), day)

    def _over(self, person: Person, where: tuple[str, ...], day: int) -> Finding:
        limit = person.max_shifts_per_day
        return self._finding((person.id,), where, have=len(where), limit=limit, day=day)

    def broken(self, columns: Columns, people: Ints, duties: Ints) -> bool:
        """Count the pairs by person and day."""
        if not len(people):
            return False
        table = np.stack((people, columns.day[duties]))
        keys, counts = np.unique(table, axis=1, return_counts=True)
        return bool((counts > columns.max_per_day[keys[0]]).any())


class Total(HardRule):
    """At most ``max_minutes`` in the whole horizon."""

    code = "total"

    def objections(self, roster: Roster, person: Person, duty: Duty) -> Iterator[Finding]:
        """Name the sum that would be reached and the duties that make it."""
        there = tuple(d for d in roster.duties_of(person.id) if d != duty.id)
        yield from self._over(roster, person, (duty.id, *there))

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield everybody with too many minutes."""
        for who in sorted(roster.busy()):
            yield from self._over(roster, roster.book.people[who], roster.duties_of(who))

    def _over(self, roster: Roster, person: Person, where: tuple[str, ...]) -> Iterator[Finding]:
        have = sum(roster.book.duties[d].minutes for d in where)
        if have > person.max_minutes:
            yield self._finding((person.id,), where, have=have, limit=person.max_minutes)

    def broken(self, columns: Columns, people: Ints, duties: Ints) -> bool:
        """Add the minutes up by person."""
        sums = np.zeros(columns.n_people, np.int64)
        np.add.at(sums, people, columns.minutes[duties])
        held = np.unique(people)
        return bool((sums[held] > columns.max_minutes[held]).any())
