"""What one more head on a duty is worth to the whole plan, and through whom."""

from dataclasses import dataclass

from volunteer.scheduling.problem import Duty, Person
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rules import COVERAGE, HARD


@dataclass(frozen=True, slots=True)
class HeadPrice:
    """By how much one more person on a duty would lower the coverage cost.

    ``saves`` is exact for what one step can do: the newcomer fills a seat, or takes over from
    somebody (``person``) who is then free for another duty (``goes_to``) that wants people more.
    In a plan that no single move can improve this is the dual of the duty's heads.
    """

    saves: int
    person: str | None = None
    goes_to: str | None = None


def newcomer(duty: Duty) -> Person:
    """Return somebody from outside who can do what every head of the duty must, and nothing else."""
    return Person("", "", duty.min_age, duty.requires, None, (), 0, 0, 0)


def price_of_head(roster: Roster, duty_id: str) -> HeadPrice:
    """Return what one more head on the duty would save. Raises KeyError for an unknown duty."""
    duty = roster.book.duties[duty_id]
    stranger = newcomer(duty)
    best = HeadPrice(0)
    if len(roster.people_on(duty_id)) < duty.max:
        best = HeadPrice(-_added(roster, stranger, duty))
    wanting = [
        other
        for other in roster.book.problem.duties
        if other.id != duty_id and any(f for rule in COVERAGE for f in rule.on_duty(roster, other))
    ]
    for name in sorted(roster.people_on(duty_id)):
        if (name, duty_id) in roster.book.pins:
            continue
        person = roster.book.people[name]
        without = roster.changed(remove=[(name, duty_id)])
        here = _added(without, stranger, duty) - _added(without, person, duty)
        for other in wanting:
            saves = -here - _added(without, person, other)
            if saves > best.saves and _may(without, person, other):
                best = HeadPrice(saves, name, other.id)
    return best


def _added(roster: Roster, person: Person, duty: Duty) -> int:
    return sum(rule.added(roster, person, duty) for rule in COVERAGE)


def _may(roster: Roster, person: Person, duty: Duty) -> bool:
    if (person.id, duty.id) in roster:
        return False
    return not any(f for rule in HARD for f in rule.objections(roster, person, duty))
