"""What was fixed by hand stays (锁定), and whom we told to come we do not tell otherwise without need."""

from collections.abc import Iterator, Sequence

import numpy as np

from volunteer.scheduling.book import Book
from volunteer.scheduling.columns import Columns, Ints
from volunteer.scheduling.problem import Duty, Person
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import DutyRule, Finding, HardRule, SeatRule


class Pins(HardRule):
    """Every pin is in the plan. It never stands against adding anybody, only against taking away."""

    code = "pins"

    def objections(self, roster: Roster, person: Person, duty: Duty) -> Iterator[Finding]:
        """Yield nothing: nobody breaks a pin by joining."""
        return iter(())

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield every pin that is not kept."""
        for who, where in roster.book.problem.pins:
            if (who, where) not in roster:
                yield self._finding((who,), (where,))

    def broken(self, columns: Columns, people: Ints, duties: Ints) -> bool:
        """Look every pin up among the keys."""
        held = people * columns.n_duties + duties
        return bool((~np.isin(columns.keys(columns.problem.pins), held)).any())


class Dropped(DutyRule):
    """A published pair that is no longer in the plan though its person may still stand there.

    Parameters
    ----------
    seat_rules
        The rules of "eligible": a person who may not stand there any more is not dropped.
    """

    code = "dropped"

    def __init__(self, seat_rules: Sequence[SeatRule]) -> None:
        self.seat_rules = seat_rules

    def _still_may(self, book: Book, person: Person, duty: Duty) -> bool:
        return all(rule.refusal(book, person, duty) is None for rule in self.seat_rules)

    def on_duty(self, roster: Roster, duty: Duty) -> Iterator[Finding]:
        """Yield one finding per person told to come who now is told otherwise."""
        book = roster.book
        for who in book.told.get(duty.id, ()):
            if (who, duty.id) not in roster and self._still_may(book, book.people[who], duty):
                weight = book.problem.weights.dropped
                yield Finding(self.code, self.level, (who,), (duty.id,), weight)

    def added(self, roster: Roster, person: Person, duty: Duty) -> int:
        """Earn the weight back when a published pair returns."""
        told = (person.id, duty.id) in roster.book.published
        if told and self._still_may(roster.book, person, duty):
            return -roster.book.problem.weights.dropped
        return 0

    def total(self, columns: Columns, people: Ints, duties: Ints) -> int:
        """Count the published keys that are missing and still allowed."""
        told = columns.keys(columns.problem.published)
        gone = told[~np.isin(told, people * columns.n_duties + duties)]
        count = 0
        for key in gone.tolist():
            who, duty = divmod(key, columns.n_duties)
            one = np.array([who], np.int64)
            count += all(rule.allows(columns, duty, one)[0] for rule in self.seat_rules)
        return count * columns.problem.weights.dropped
