"""Who may stand on a duty at all: free then, of the right age, qualified, not banned, within reach.

Together these five are the rule "eligible" of docs/schedule-format.md. Each judges one person and
one duty and nothing else.
"""

import numpy as np

from volunteer.scheduling.book import Book
from volunteer.scheduling.columns import Bools, Columns, Ints
from volunteer.scheduling.problem import Duty, Person
from volunteer.scheduling.rule import Finding, SeatRule


class Availability(SeatRule):
    """Some interval of the person's availability (可服务时间) holds the whole duty.

    Touching intervals are not joined: who says "until ten" and "from ten" has said two things.
    """

    code = "availability"

    def allows(self, columns: Columns, duty: int, who: Ints) -> Bools:
        """Look the window up among everybody's intervals."""
        return columns.free(int(columns.start[duty]), int(columns.end[duty]))[who]

    def refusal(self, book: Book, person: Person, duty: Duty) -> Finding | None:
        """Name the interval that comes closest, if any touches the duty."""
        best, most = None, 0
        for opens, closes in person.available:
            if opens <= duty.start and duty.end <= closes:
                return None
            shared = min(closes, duty.end) - max(opens, duty.start)
            if shared > most:
                best, most = (opens, closes), shared
        near = {} if best is None else {"opens": best[0], "closes": best[1]}
        return self._finding((person.id,), (duty.id,), start=duty.start, end=duty.end, **near)


class Age(SeatRule):
    """``min_age <= age <= max_age``."""

    code = "age"

    def spares(self, columns: Columns, duty: int) -> bool:
        """Hold the limits against the youngest and the oldest of all."""
        limits = columns.problem.duties[duty]
        return limits.min_age <= columns.youngest and columns.oldest <= limits.max_age

    def allows(self, columns: Columns, duty: int, who: Ints) -> Bools:
        """Compare the column of ages."""
        limits = columns.problem.duties[duty]
        age = columns.age[who]
        return (age >= limits.min_age) & (age <= limits.max_age)

    def refusal(self, book: Book, person: Person, duty: Duty) -> Finding | None:
        """Name the age and the limits."""
        if duty.min_age <= person.age <= duty.max_age:
            return None
        return self._finding(
            (person.id,), (duty.id,), age=person.age, min_age=duty.min_age, max_age=duty.max_age
        )


class Qualification(SeatRule):
    """The person has every skill that each head of the duty needs (资质)."""

    code = "qualification"

    def spares(self, columns: Columns, duty: int) -> bool:
        """Say whether no skill is required."""
        return not columns.problem.duties[duty].requires

    def allows(self, columns: Columns, duty: int, who: Ints) -> Bools:
        """Meet the columns of the required skills."""
        allowed: Bools = np.ones(len(who), np.bool_)
        for skill in columns.problem.duties[duty].requires:
            allowed &= columns.holders(skill)[who]
        return allowed

    def refusal(self, book: Book, person: Person, duty: Duty) -> Finding | None:
        """Name the skills that are lacking."""
        lacks = tuple(sorted(duty.requires - person.skills))
        return self._finding((person.id,), (duty.id,), lacks=lacks) if lacks else None


class Banned(SeatRule):
    """The pair is not banned: a refusal, a conflict of interest, a call in sick (请假)."""

    code = "banned"

    def spares(self, columns: Columns, duty: int) -> bool:
        """Say whether nobody is banned from this duty."""
        return duty not in columns.bans

    def allows(self, columns: Columns, duty: int, who: Ints) -> Bools:
        """Strike out those banned from this duty."""
        banned = columns.bans.get(duty)
        if banned is None:
            return np.ones(len(who), np.bool_)
        return ~np.isin(who, banned)

    def refusal(self, book: Book, person: Person, duty: Duty) -> Finding | None:
        """Say that there is a ban."""
        if (person.id, duty.id) not in book.bans:
            return None
        return self._finding((person.id,), (duty.id,))


class Reach(SeatRule):
    """The person's unit is tied (联点) to the duty, or the duty is open and the home near enough."""

    code = "reach"

    def allows(self, columns: Columns, duty: int, who: Ints) -> Bools:
        """Meet the column of units with the ties, and the homes with the circle of reach."""
        mine = columns.problem.duties[duty]
        allowed: Bools = columns.tied(duty)[columns.unit[who]]
        if mine.open:
            allowed |= columns.squares(duty, who) <= mine.reach * mine.reach
        return allowed

    def refusal(self, book: Book, person: Person, duty: Duty) -> Finding | None:
        """Tell a closed duty from a home too far away."""
        if person.unit in duty.tied:
            return None
        if duty.open and book.squared_metres(person, duty) <= duty.reach * duty.reach:
            return None
        return self._finding(
            (person.id,),
            (duty.id,),
            open=int(duty.open),
            metres=book.metres(person, duty),
            reach=duty.reach,
            unit=person.unit,
        )
