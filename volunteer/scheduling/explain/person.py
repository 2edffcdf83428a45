"""Why me, why not me: a person's duties, their load beside that of their peers, and what kept them away."""

from collections import Counter
from dataclasses import dataclass

from volunteer.scheduling.explain.shift import ranked_counts
from volunteer.scheduling.problem import Why
from volunteer.scheduling.review import objections
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import Finding
from volunteer.scheduling.rules import COVERAGE, PEOPLE


@dataclass(frozen=True, slots=True)
class Share:
    """A load in minutes beside those of a group: assigned now and, with history, in all."""

    group: str  # "everybody" or a unit id
    people: int
    mean_assigned: int
    mean_total: int
    busier: int  # how many of the group carry more in all
    idle: int  # how many of the group have no duty now


@dataclass(frozen=True, slots=True)
class Held:
    """One duty the person holds: what the seat wins, what it costs the person, who else was free.

    ``needed`` is what coverage would lose without the person, ``reasons`` the findings of the second
    tier for this pair (wish, distance, fairness), ``is_pinned`` whether it was fixed by hand.
    """

    duty: str
    needed: int
    is_pinned: bool
    reasons: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class PersonReason:
    """What is to be said about one person.

    ``shut_out`` counts, per hard rule, the duties it keeps the person away from; ``could`` are
    duties the person could join right now, ``short`` those among them that still want people (up to
    ten, the most wanted first).
    """

    person: str
    assigned: int
    served: int
    held: tuple[Held, ...]
    shares: tuple[Share, ...]
    shut_out: tuple[Why, ...]
    could: int
    wanted: tuple[str, ...]

    @property
    def is_unreachable(self) -> bool:
        """Whether no duty at all was open to the person."""
        return not self.held and not self.could


def explain_person(roster: Roster, person_id: str) -> PersonReason:
    """Return the reasons for one person. Raises KeyError for an unknown id."""
    book = roster.book
    person = book.people[person_id]
    mine = roster.duties_of(person_id)
    shut_out: Counter[str] = Counter()
    could: list[tuple[int, str]] = []
    for duty in book.problem.duties:
        if duty.id in mine:
            continue
        against = {f.rule for f in objections(roster, person_id, duty.id)}
        shut_out.update(against)
        if not against:
            won = sum(rule.added(roster, person, duty) for rule in COVERAGE)
            could.append((won, duty.id))
    could.sort()
    return PersonReason(
        person=person_id,
        assigned=roster.minutes_of(person_id),
        served=person.served_minutes,
        held=tuple(_held(roster, person_id, duty) for duty in mine),
        shares=(_share(roster, person_id, None), _share(roster, person_id, person.unit)),
        shut_out=ranked_counts(shut_out),
        could=len(could),
        wanted=tuple(duty for won, duty in could if won < 0)[:10],
    )


def _held(roster: Roster, person_id: str, duty_id: str) -> Held:
    person, duty = roster.book.people[person_id], roster.book.duties[duty_id]
    without = roster.changed(remove=[(person_id, duty_id)])
    reasons = tuple(
        Finding(rule.code, rule.level, (person_id,), (duty_id,), cost)
        for rule in PEOPLE
        if (cost := rule.added(without, person, duty))
    )
    needed = -sum(rule.added(without, person, duty) for rule in COVERAGE)
    return Held(duty_id, needed, (person_id, duty_id) in roster.book.pins, reasons)


def _share(roster: Roster, person_id: str, unit: str | None) -> Share:
    people = [p for p in roster.book.problem.people if unit is None or p.unit == unit]
    now = {p.id: roster.minutes_of(p.id) for p in people}
    total = {p.id: p.served_minutes + now[p.id] for p in people}
    return Share(
        group=unit if unit is not None else "everybody",
        people=len(people),
        mean_assigned=sum(now.values()) // len(people),
        mean_total=sum(total.values()) // len(people),
        busier=sum(minutes > total[person_id] for minutes in total.values()),
        idle=sum(not minutes for minutes in now.values()),
    )
