"""Judging changes by hand: may this person stand there, and what would it win and cost?

Sign-up, swaps and drag and drop all ask here, and meet the same rules as the optimiser.
"""

from dataclasses import dataclass

from volunteer.scheduling.problem import Cost
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import Finding, Level
from volunteer.scheduling.rules import COVERAGE, HARD, PEOPLE, SOFT


@dataclass(frozen=True, slots=True)
class Review:
    """What a change by hand means.

    ``objections`` are the hard rules against it, all of them; ``change`` is what it adds to both
    tiers (negative: it is better so); ``lost`` are the shortfalls it opens or widens, ``won`` those
    it closes or narrows.
    """

    objections: tuple[Finding, ...]
    change: Cost
    lost: tuple[Finding, ...] = ()
    won: tuple[Finding, ...] = ()

    @property
    def is_allowed(self) -> bool:
        """Whether no hard rule stands against it."""
        return not self.objections


def review(roster: Roster) -> list[Finding]:
    """Return everything the rules have to say about a roster: HARD first, then WANTED, then NICE."""
    return [found for rule in (*HARD, *SOFT) for found in rule.findings(roster)]


def objections(roster: Roster, person_id: str, duty_id: str) -> list[Finding]:
    """Return every hard rule against putting the person on the duty, all at once.

    A finding about two duties names the one in the way second. Somebody who stands there already is
    judged as if not. Raises KeyError for an unknown id.
    """
    person, duty = roster.book.people[person_id], roster.book.duties[duty_id]
    if (person_id, duty_id) in roster:
        roster = roster.changed(remove=[(person_id, duty_id)])
    return [found for rule in HARD for found in rule.objections(roster, person, duty)]


_COVERAGE_ADDED = tuple(rule.added for rule in COVERAGE)
_PEOPLE_ADDED = tuple(rule.added for rule in PEOPLE)
"""Asked for everybody who could come to a duty, a thousand times for one page: kept at hand."""


def added_cost(roster: Roster, person_id: str, duty_id: str) -> Cost:
    """Return what both tiers gain or lose when the person, who is not there, joins the duty."""
    person, duty = roster.book.people[person_id], roster.book.duties[duty_id]
    coverage = people = 0
    for added in _COVERAGE_ADDED:
        coverage += added(roster, person, duty)
    for added in _PEOPLE_ADDED:
        people += added(roster, person, duty)
    return Cost(coverage, people)


def review_move(
    roster: Roster, person_id: str, *, to: str | None = None, away_from: str | None = None
) -> Review:
    """Return what it means to put a person on a duty, to take them off one, or both at once.

    Raises KeyError for an unknown id, or where the person does not stand on ``away_from``.
    """
    against: list[Finding] = []
    coverage = people = 0
    after = roster
    if away_from is not None:
        pair = (person_id, away_from)
        if pair not in roster:
            raise KeyError(pair)
        after = roster.changed(remove=[pair])
        if pair in roster.book.pins and to != away_from:
            against.append(Finding("pins", Level.HARD, (person_id,), (away_from,)))
        back = added_cost(after, person_id, away_from)
        coverage, people = -back.coverage, -(back.people or 0)
    if to is not None and (person_id, to) not in after:
        against += objections(after, person_id, to)
        step = added_cost(after, person_id, to)
        coverage, people = coverage + step.coverage, people + (step.people or 0)
        after = after.changed(add=[(person_id, to)])
    lost, won = _shortfalls(roster, after, {away_from, to} - {None})
    return Review(tuple(against), Cost(coverage, people), lost, won)


def _shortfalls(
    before: Roster, after: Roster, touched: set[str | None]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the WANTED findings of the touched duties that grew, and those that shrank."""
    then, now = _wanted(before, touched), _wanted(after, touched)
    lost = tuple(f for key, f in now.items() if f.cost > (then[key].cost if key in then else 0))
    won = tuple(f for key, f in then.items() if f.cost > (now[key].cost if key in now else 0))
    return lost, won


def _wanted(roster: Roster, touched: set[str | None]) -> dict[tuple[object, ...], Finding]:
    found: dict[tuple[object, ...], Finding] = {}
    for duty_id in touched:
        if duty_id is None:
            continue
        for rule in COVERAGE:
            for finding in rule.on_duty(roster, roster.book.duties[duty_id]):
                kind = finding.params.get("skill") or finding.params.get("unit")
                found[finding.rule, finding.who, finding.where, kind] = finding
    return found
