"""A second opinion for problems too large for brute force: the plain model, in CP-SAT, straight from the format.

One Boolean per eligible pair, a clash per two duties, the costs as they are written. Slow, and as
unlike the library's own formulation as can be.
``python -m tests.scheduling.oracle --rounds 3`` compares every shape, people and duties as given.
"""

import argparse
import itertools
import time

from ortools.sat.python import cp_model

from tests.scheduling.tiny import compatible, eligible, quarters
from volunteer.scheduling.bench.shapes import SHAPES, shaped
from volunteer.scheduling.book import Book
from volunteer.scheduling.plan import Limits, plan
from volunteer.scheduling.problem import Problem
from volunteer.scheduling.verify import violations


class Oracle:
    """The plain model of one problem."""

    def __init__(self, problem: Problem, seconds: float = 60.0) -> None:
        self.problem, self.seconds = problem, seconds
        self.model = cp_model.CpModel()
        sites, bans = {s.id: s for s in problem.sites}, set(problem.bans)
        self.x = {
            (p.id, d.id): self.model.new_bool_var(f"{p.id}/{d.id}")
            for p in problem.people
            for d in problem.duties
            if eligible(p, d, sites, bans)
        }
        self._hard(sites)
        self.coverage = self._coverage()
        self.people = self._people()

    def optimum(self) -> tuple[int, int] | None:
        """Both tiers, proven; None if the time ran out first."""
        coverage = self._least(self.coverage)
        if coverage is None:
            return None
        self.model.add(self.coverage == coverage)
        people = self._least(self.people)
        return None if people is None else (coverage, people)

    def _least(self, cost) -> int | None:
        self.model.minimize(cost)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = self.seconds
        if solver.solve(self.model) != cp_model.OPTIMAL:
            return None
        return round(solver.objective_value)

    def _hard(self, sites) -> None:
        problem, model, x = self.problem, self.model, self.x
        clashes = [
            (one.id, other.id)
            for one, other in itertools.combinations(problem.duties, 2)
            if not compatible(problem, one, other, sites)
        ]
        for p in problem.people:
            mine = {d.id: x[p.id, d.id] for d in problem.duties if (p.id, d.id) in x}
            for one, other in clashes:
                if one in mine and other in mine:
                    model.add_at_most_one(mine[one], mine[other])
            model.add(
                sum(d.minutes * mine[d.id] for d in problem.duties if d.id in mine) <= p.max_minutes
            )
            for day in {d.day for d in problem.duties}:
                today = [mine[d.id] for d in problem.duties if d.day == day and d.id in mine]
                model.add(sum(today) <= p.max_shifts_per_day)
        for d in problem.duties:
            model.add(sum(self._on(d.id)) <= d.max)
            for one, other in problem.apart:
                if (one, d.id) in x and (other, d.id) in x:
                    model.add_at_most_one(x[one, d.id], x[other, d.id])
        for pair in problem.pins:
            model.add(x[pair] == 1)

    def _on(self, duty: str, among=None):
        return [
            var for (v, s), var in self.x.items() if s == duty and (among is None or v in among)
        ]

    def _short(self, count: int, have) -> cp_model.IntVar:
        short = self.model.new_int_var(0, max(0, count), "")
        self.model.add(short >= count - sum(have))
        return short

    def _coverage(self):
        w, cost = self.problem.weights, 0
        people = self.problem.people
        for d in self.problem.duties:
            on = self._on(d.id)
            low, high = self._short(d.min, on), self._short(d.target, on)
            beyond = self.model.new_int_var(0, d.target - d.min, "")
            self.model.add(beyond >= high - low)  # what is short of the target beyond the minimum
            cost += w.min[d.priority - 1] * low + w.target * beyond
            for skill, count in d.at_least:
                cost += w.skill * self._short(
                    count, self._on(d.id, {p.id for p in people if skill in p.skills})
                )
            for unit, count in d.quotas:
                cost += w.quota * self._short(
                    count, self._on(d.id, {p.id for p in people if p.unit == unit})
                )
        for pair in self.problem.published:
            if pair in self.x:
                cost += w.dropped * (1 - self.x[pair])
        return cost

    def _people(self):
        problem, model = self.problem, self.model
        w, book, cost = problem.weights, Book(problem), 0
        minutes = {d.id: d.minutes for d in problem.duties}
        loads = {u.id: [] for u in problem.units}
        for p in problem.people:
            mine = {s: var for (v, s), var in self.x.items() if v == p.id}
            top = quarters(min(p.max_minutes, sum(minutes[s] for s in mine)))
            a = model.new_int_var(0, max(0, top), "")
            model.add(15 * a >= sum(minutes[s] * var for s, var in mine.items()))
            loads[p.unit].append(a)
            square = model.new_int_var(0, max(0, top) ** 2, "")
            model.add_multiplication_equality(square, [a, a])
            cost += w.fairness * (square + 2 * quarters(p.served_minutes) * a)
            for s, var in mine.items():
                duty = book.duties[s]
                cost += w.wish * p.wishes.get(duty.activity, 1) * var
                cost += w.distance * book.kilometres(p, duty) * var
        for u in problem.units:
            over = model.new_int_var(0, 10**6, "")
            model.add(over >= sum(loads[u.id]) - quarters(u.fair_minutes))
            cost += w.unit_overload * over
        return cost


def disagreement(problem: Problem, seconds: float = 30.0) -> str | None:
    """What is wrong with the plan of this problem by the oracle's word; None where they agree."""
    made = plan(problem, limits=Limits(seconds=seconds, workers=1))
    if violations(problem, made.assignments):
        return f"{violations(problem, made.assignments)[0]}"
    best = Oracle(problem, seconds).optimum()
    if best is None:
        return None
    stated = (made.cost.coverage, made.cost.people)
    if made.bound.coverage > best[0] or stated < best:
        return f"bound {made.bound} or cost {stated} below the oracle's {best}"
    if made.cost.coverage == best[0] and (made.bound.people or 0) > best[1]:
        return f"bound {made.bound} above the oracle's {best}"
    if made.status == "optimal" and stated != best:
        return f"called optimal at {stated}, where the oracle finds {best}"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=24)
    parser.add_argument("--duties", type=int, default=10)
    chosen = parser.parse_args()
    for shape in SHAPES:
        for seed in range(chosen.rounds):
            began = time.monotonic()
            found = disagreement(shaped(shape, seed, chosen.people, chosen.duties))
            if found:
                print(f"{shape} {seed}: {found}")
        print(f"{shape}: last round {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    main()
