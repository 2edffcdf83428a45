"""What people like (意愿) and how far they have to go. Part of the second tier: small, per pair."""

from collections.abc import Iterator

import numpy as np

from volunteer.scheduling.columns import Columns, Ints, floor_root
from volunteer.scheduling.problem import Duty, Person
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import Finding, Level, SoftRule

UNSAID = 1  # the wish of an activity that a person does not name


class Wish(SoftRule):
    """0 (loves) to 3 (dislikes) for the activity, 1 where nothing was said."""

    code = "wish"
    level = Level.NICE

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield every pair whose activity is not loved."""
        for who, where in roster:
            person, duty = roster.book.people[who], roster.book.duties[where]
            cost = self.added(roster, person, duty)
            if cost:
                wish = person.wishes.get(duty.activity, UNSAID)
                figures: dict[str, int | str | tuple[str, ...]] = {
                    "wish": wish,
                    "activity": duty.activity,
                }
                yield Finding(self.code, self.level, (who,), (where,), cost, figures)

    def added(self, roster: Roster, person: Person, duty: Duty) -> int:
        """Price the wish."""
        return roster.book.problem.weights.wish * person.wishes.get(duty.activity, UNSAID)

    def total(self, columns: Columns, people: Ints, duties: Ints) -> int:
        """Add the wishes up."""
        everybody, every = columns.problem.people, columns.problem.duties
        wishes = sum(
            everybody[who].wishes.get(every[duty].activity, UNSAID)
            for who, duty in zip(people.tolist(), duties.tolist(), strict=True)
        )
        return columns.problem.weights.wish * int(wishes)


class Distance(SoftRule):
    """Kilometres from home to the site, rounded: ``floor((metres + 500) / 1000)``."""

    code = "distance"
    level = Level.NICE

    def findings(self, roster: Roster) -> Iterator[Finding]:
        """Yield every pair with a way of at least half a kilometre."""
        for who, where in roster:
            person, duty = roster.book.people[who], roster.book.duties[where]
            cost = self.added(roster, person, duty)
            if cost:
                figures = {"metres": roster.book.metres(person, duty)}
                yield Finding(self.code, self.level, (who,), (where,), cost, figures)

    def added(self, roster: Roster, person: Person, duty: Duty) -> int:
        """Price the way."""
        return roster.book.problem.weights.distance * roster.book.kilometres(person, duty)

    def total(self, columns: Columns, people: Ints, duties: Ints) -> int:
        """Add the kilometres up."""
        east = columns.home_x[people] - columns.place_x[duties]
        north = columns.home_y[people] - columns.place_y[duties]
        square: Ints = east * east + north * north
        square[columns.homeless[people]] = 0
        kilometres = (floor_root(square) + 500) // 1000
        return columns.problem.weights.distance * int(np.sum(kilometres))
