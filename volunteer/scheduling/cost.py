"""The price of a plan, from the pairs alone: what docs/schedule-format.md says, and no model.

Like the verifier it shares no code with the rules or the formulation, so that a stated cost is
always counted a second time.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from math import isqrt

from volunteer.scheduling.problem import Cost, Duty, Pair, Person, Problem
from volunteer.scheduling.verify import Judge

QUARTER = 15  # minutes
COVERAGE = ("min_1", "min_2", "min_3", "skill", "quota", "target", "dropped")
PEOPLE = ("fairness", "unit_overload", "wish", "distance")


def quarters(minutes: int) -> int:
    """Return the quarter-hours begun in so many minutes."""
    return -(-minutes // QUARTER)


def counts_of(
    problem: Problem, pairs: Iterable[Pair], judge: Judge | None = None
) -> dict[str, int]:
    """Return the unweighted count of every part of both tiers (``COVERAGE`` and ``PEOPLE``).

    ``judge`` may be handed in to spare building its indexes again. Raises KeyError for a pair that
    names a person or duty the problem does not have: verify first.
    """
    judge = judge or Judge(problem)
    have = set(pairs)
    crowds: dict[str, list[Person]] = defaultdict(list)
    minutes: dict[str, int] = defaultdict(int)
    counts = dict.fromkeys(COVERAGE + PEOPLE, 0)
    wish = kilometres = 0
    places, people, duties = judge.places, judge.people, judge.duties
    for who, where in have:
        person, duty = people[who], duties[where]
        crowds[where].append(person)
        minutes[who] += duty.end - duty.start
        wish += person.wishes.get(duty.activity, 1)
        if person.home is not None:
            x, y = places[duty.site]
            metres = isqrt((x - person.home[0]) ** 2 + (y - person.home[1]) ** 2)
            kilometres += (metres + 500) // 1000
    counts["wish"], counts["distance"] = wish, kilometres
    for duty in problem.duties:
        _count_coverage(duty, crowds.get(duty.id, []), counts)
    for pair in problem.published:
        if pair not in have and not judge.shut_out(people[pair[0]], duties[pair[1]]):
            counts["dropped"] += 1
    _count_load(problem, judge, minutes, counts)
    return counts


def _count_coverage(duty: Duty, crowd: list[Person], counts: dict[str, int]) -> None:
    heads = len(crowd)
    if heads < duty.min:
        counts[f"min_{duty.priority}"] += duty.min - heads
    counts["target"] += max(0, duty.target - max(heads, duty.min))
    for skill, count in duty.at_least:
        counts["skill"] += max(0, count - sum(skill in person.skills for person in crowd))
    for unit, count in duty.quotas:
        counts["quota"] += max(0, count - sum(person.unit == unit for person in crowd))


def _count_load(
    problem: Problem, judge: Judge, minutes: dict[str, int], counts: dict[str, int]
) -> None:
    squares = 0
    by_unit: dict[str, int] = defaultdict(int)
    for who, assigned in minutes.items():
        person = judge.people[who]
        before, now = quarters(person.served_minutes), quarters(assigned)
        squares += (2 * before + now) * now
        by_unit[person.unit] += now
    counts["fairness"] = squares
    counts["unit_overload"] = sum(
        max(0, by_unit.get(unit.id, 0) - quarters(unit.fair_minutes)) for unit in problem.units
    )


def weighed(problem: Problem, counts: dict[str, int]) -> Cost:
    """Return both tiers of what was counted."""
    w = problem.weights
    coverage = sum(weight * counts[f"min_{k}"] for k, weight in enumerate(w.min, start=1))
    coverage += sum(getattr(w, part) * counts[part] for part in COVERAGE[3:])
    return Cost(coverage, sum(getattr(w, part) * counts[part] for part in PEOPLE))


def cost_of(problem: Problem, pairs: Iterable[Pair], judge: Judge | None = None) -> Cost:
    """Return the coverage cost and the people cost of these pairs."""
    return weighed(problem, counts_of(problem, pairs, judge))


def cost_after(
    problem: Problem, known: Cost, old: Iterable[Pair], new: Iterable[Pair], judge: Judge
) -> Cost:
    """Return the cost of the new pairs, where the cost of the old ones is known.

    Only the duties concerned are counted again, and the people of the units concerned.
    """
    before, after = set(old), set(new)
    other = before ^ after
    where = {duty for _, duty in other}
    units = {judge.people[who].unit for who, _ in other}
    part = replace(
        problem,
        duties=tuple(duty for duty in problem.duties if duty.id in where),
        units=tuple(unit for unit in problem.units if unit.id in units),
        published=tuple(pair for pair in problem.published if pair in other),
    )
    costs = [
        cost_of(
            part,
            [p for p in pairs if p[1] in where or judge.people[p[0]].unit in units],
            judge,
        )
        for pairs in (before, after)
    ]
    return Cost(
        known.coverage + costs[1].coverage - costs[0].coverage,
        (known.people or 0) + (costs[1].people or 0) - (costs[0].people or 0),
    )


def gap(value: int, bound: int | None) -> float | None:
    """Return (value - bound) / value, 0 when they meet, None without a bound."""
    if bound is None:
        return None
    return 0.0 if value == bound else (value - bound) / max(1, abs(value))
