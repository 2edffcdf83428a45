"""Who could take one seat: everybody who may, ranked by what it wins and costs, with the reasons.

Built for a sick call in the evening: an :class:`Index` is made once per problem, after that an answer
takes milliseconds, whatever the size of the city.
"""

from dataclasses import dataclass

from volunteer.scheduling.book import Book
from volunteer.scheduling.columns import Columns
from volunteer.scheduling.pairing import eligible
from volunteer.scheduling.problem import Cost, Duty, Person, Problem
from volunteer.scheduling.review import added_cost
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import Finding
from volunteer.scheduling.rules import COVERAGE, HARD, SEAT, SOFT

AROUND = tuple(rule for rule in HARD if rule not in SEAT)
_AROUND = tuple(rule.objections for rule in AROUND)
"""The hard rules about the rest of the roster."""
_LIKELY = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person for one seat.

    Parameters
    ----------
    person
        The person's id.
    leaves
        The duties the person would have to leave first, empty for somebody free.
    change
        What taking the seat (and leaving those duties) adds to both tiers; negative is better.
    reasons
        Findings: what stands in the way now (for somebody who has to leave a duty), and what it
        costs in the second tier.
    """

    person: str
    leaves: tuple[str, ...]
    change: Cost
    reasons: tuple[Finding, ...]

    @property
    def is_free(self) -> bool:
        """Whether the seat can be taken without leaving another."""
        return not self.leaves


Standing = list[tuple[Person, list[Finding]]]


class Index:
    """What is worth keeping between two questions about one problem."""

    def __init__(self, problem: Problem) -> None:
        self.book = Book(problem)
        self.columns = Columns(problem)
        self._asked: tuple[Roster, str, Standing] | None = None

    def eligible(self, duty_id: str) -> list[Person]:
        """Return everybody whom the rules of one seat allow on the duty."""
        who = eligible(self.columns, self.columns.duty_at[duty_id])
        people = self.columns.problem.people
        return [people[i] for i in who.tolist()]

    def standing(self, roster: Roster, duty_id: str) -> Standing:
        """Return every eligible person who is not on the duty, with what the rest of the roster has against it.

        Who could come and why nobody does are asked in one breath: the last answer is kept.
        """
        known = self._asked
        if known is not None and known[0] is roster and known[1] == duty_id:
            return known[2]
        duty, there = roster.book.duties[duty_id], roster.people_on(duty_id)
        found = [
            (person, [f for objections in _AROUND for f in objections(roster, person, duty)])
            for person in self.eligible(duty_id)
            if person.id not in there
        ]
        self._asked = (roster, duty_id, found)
        return found


def candidates(index: Index, roster: Roster, duty_id: str, top: int = 10) -> list[Candidate]:
    """Return the best ``top`` people for one more seat on the duty, the best first.

    Free people come first, by what they win for coverage and then for people; after them those who
    would have to leave another duty, by the price of both steps. Pinned duties are not left, a full
    duty has no candidates. Raises KeyError for an unknown duty.
    """
    duty = roster.book.duties[duty_id]
    if len(roster.people_on(duty_id)) >= duty.max:
        return []
    free: list[Candidate] = []
    tied_up: Standing = []
    for person, against in index.standing(roster, duty_id):
        if against:
            tied_up.append((person, against))
        else:
            free.append(Candidate(person.id, (), added_cost(roster, person.id, duty_id), ()))
    ranked = sorted(free, key=_rank)[:top]
    if len(ranked) < top:
        ranked += _all_moved(roster, tied_up, duty, top)[: top - len(ranked)]
    return [_with_reasons(roster, candidate, duty) for candidate in ranked]


def _all_moved(roster: Roster, people: Standing, duty: Duty, top: int) -> list[Candidate]:
    """Return, ranked, those who would come from elsewhere: the exact price of the likely ones only."""
    rows = [
        (_rough_price(roster, against), person.id, person, against) for person, against in people
    ]
    rows.sort(key=lambda row: row[:2])
    moved = [
        _moved(roster, person, duty, against) for _, _, person, against in rows[: _LIKELY + 2 * top]
    ]
    return sorted((c for c in moved if c is not None), key=_rank)


def _rank(candidate: Candidate) -> tuple[int, int, int, str]:
    change = candidate.change
    return (change.coverage, len(candidate.leaves), change.people or 0, candidate.person)


def _coverage(roster: Roster, person: Person, duty: Duty) -> int:
    return sum(rule.added(roster, person, duty) for rule in COVERAGE)


def _rough_price(roster: Roster, against: list[Finding]) -> int:
    """Price the step by heads alone: what the seat is worth, less the dearest duty in its way."""
    weights = roster.book.problem.weights
    lost = 0
    for finding in against:
        for name in finding.where[1:2]:
            other = roster.book.duties[name]
            have = len(roster.people_on(name))
            if have <= other.min:
                lost = max(lost, weights.min[other.priority - 1])
            elif have <= other.target:
                lost = max(lost, weights.target)
    return lost + len(against)


def _moved(roster: Roster, person: Person, duty: Duty, against: list[Finding]) -> Candidate | None:
    """Return the person as a candidate who leaves what is in the way, None where that cannot be."""
    if any(finding.rule == "apart" for finding in against):
        return None
    leaves: list[str] = []
    rest, still, coverage, people = roster, against, 0, 0
    while still:
        # a clash names the one duty to leave; for a full day or week the cheapest will do
        names = [d for d in still[0].where[1:] if (person.id, d) not in roster.book.pins]
        without = {d: rest.changed(remove=[(person.id, d)]) for d in names}
        if not without:
            return None
        left = min(names, key=lambda d: (-_coverage(without[d], person, roster.book.duties[d]), d))
        rest = without[left]
        back = added_cost(rest, person.id, left)
        coverage, people = coverage - back.coverage, people - (back.people or 0)
        leaves.append(left)
        still = [f for objections in _AROUND for f in objections(rest, person, duty)]
    step = added_cost(rest, person.id, duty.id)
    change = Cost(coverage + step.coverage, people + (step.people or 0))
    return Candidate(person.id, tuple(sorted(leaves)), change, tuple(against))


def _with_reasons(roster: Roster, candidate: Candidate, duty: Duty) -> Candidate:
    """Return the candidate with the price of the step, rule by rule, among the reasons."""
    person = roster.book.people[candidate.person]
    after = roster.changed(remove=[(person.id, left) for left in candidate.leaves])
    steps = tuple(
        Finding(rule.code, rule.level, (person.id,), (duty.id,), cost)
        for rule in SOFT
        if (cost := rule.added(after, person, duty))
    )
    return Candidate(
        candidate.person, candidate.leaves, candidate.change, candidate.reasons + steps
    )
