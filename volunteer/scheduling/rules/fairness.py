"""Even shares over people, with history, and over units, by size. Part of the second tier.

With s, a the quarter-hours served before and assigned now: ``fairness·Σ_v ((s+a)² - s²)``. The
square makes the next quarter-hour cost most for whoever has done most, so hours flow to the idle
(a majorization argument: any plan that moves a quarter-hour from the busier to the less busy is
cheaper). ``unit_overload·Σ_u max(0, Σ_{v in u} a - ceil(fair_minutes/15))`` keeps a unit to its share.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from volunteer.scheduling.columns import Columns, Ints
from volunteer.scheduling.problem import Duty, Person
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import Finding, Level, SoftRule

QUARTER = 15  # minutes


def _quarters(minutes: int) -> int:
    return -(-minutes // QUARTER)


def _assigned(columns: Columns, people: Ints, duties: Ints) -> Ints:
    """Quarter-hours assigned now, by person."""
    sums = np.zeros(columns.n_people, np.int64)
    np.add.at(sums, people, columns.minutes[duties])
    return -(-sums // QUARTER)


class Fairness(SoftRule):
    """The square of a person's load, history included."""

    code = "fairness"
    level = Level.NICE

    def _cost(self, roster: Roster, person: Person, minutes: int) -> int:
        before, now = _quarters(person.served_minutes), _quarters(minutes)
        return roster.book.problem.weights.fairness * (2 * before + now) * now

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield what each person's load costs."""
        for who in sorted(roster.busy()):
            person, minutes = roster.book.people[who], roster.minutes_of(who)
            figures = {"served": person.served_minutes, "assigned": minutes}
            cost = self._cost(roster, person, minutes)
            if cost:
                yield Finding(self.code, self.level, (who,), roster.duties_of(who), cost, figures)

    def added(self, roster: Roster, person: Person, duty: Duty) -> int:
        """Price the step from the load now to the load then."""
        now = roster.minutes_of(person.id)
        return self._cost(roster, person, now + duty.minutes) - self._cost(roster, person, now)

    def total(self, columns: Columns, people: Ints, duties: Ints) -> int:
        """Square the column of loads."""
        now = _assigned(columns, people, duties)
        before = -(-columns.served // QUARTER)
        return columns.problem.weights.fairness * int(((2 * before + now) * now).sum())


class UnitOverload(SoftRule):
    """Quarter-hours of a unit's people beyond the unit's fair share."""

    code = "unit_overload"
    level = Level.NICE

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield every unit beyond its share."""
        by_unit: dict[str, int] = defaultdict(int)
        for who in roster.busy():
            by_unit[roster.book.people[who].unit] += _quarters(roster.minutes_of(who))
        weight = roster.book.problem.weights.unit_overload
        for unit in roster.book.problem.units:
            over = by_unit[unit.id] - _quarters(unit.fair_minutes)
            if over > 0 and weight:
                figures: dict[str, int | str | tuple[str, ...]] = {
                    "unit": unit.id,
                    "have": by_unit[unit.id] * QUARTER,
                    "limit": unit.fair_minutes,
                }
                yield Finding(self.code, self.level, (), (), weight * over, figures)

    def added(self, roster: Roster, person: Person, duty: Duty) -> int:
        """Price the quarter-hours that come on top of the share."""
        before = roster.minutes_of(person.id)
        step = _quarters(before + duty.minutes) - _quarters(before)
        share = _quarters(roster.book.units[person.unit].fair_minutes)
        have = roster.unit_quarters(person.unit)
        over = max(0, have + step - share) - max(0, have - share)
        return roster.book.problem.weights.unit_overload * over

    def total(self, columns: Columns, people: Ints, duties: Ints) -> int:
        """Add the column of loads up by unit."""
        units = columns.problem.units
        sums = np.zeros(len(units), np.int64)
        np.add.at(sums, columns.unit, _assigned(columns, people, duties))
        fair = np.array([_quarters(unit.fair_minutes) for unit in units], np.int64)
        return columns.problem.weights.unit_overload * int(np.maximum(0, sums - fair).sum())
