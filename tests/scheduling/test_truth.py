"""The verifier and the price agree with the independent judge, and brute force with all subsets."""

import itertools
import random

import pytest

from tests.scheduling.judge import checker_of, judged_cost
from tests.scheduling.tiny import best_of, tiny_problem
from volunteer.scheduling.cost import cost_of
from volunteer.scheduling.verify import Judge, violations

BATCH = 100


def some_pairs(problem, rng):
    every = [(p.id, d.id) for p in problem.people for d in problem.duties]
    chosen = rng.sample(every, rng.randint(0, len(every)))
    judge = Judge(problem)
    if (
        rng.random() < 0.7
    ):  # mostly pairs that one seat allows, so that the other rules come to speak
        chosen = [(v, s) for v, s in chosen if not judge.shut_out(judge.people[v], judge.duties[s])]
    return chosen


@pytest.mark.parametrize("batch", range(10))
def test_verifier_and_cost_say_what_the_judge_says(batch):
    rng = random.Random(batch)
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        problem = tiny_problem(seed)
        checker = checker_of(problem)
        for _ in range(3):
            pairs = some_pairs(problem, rng)
            ours = violations(problem, pairs)
            theirs = checker.violations(pairs)
            assert bool(ours) == bool(theirs), (seed, pairs, ours, theirs)
            for rule, words in WORDS.items():
                said = any(words in line for line in theirs)
                assert said == any(v.rule == rule for v in ours), (seed, rule, pairs, theirs)
            cost = cost_of(problem, pairs)
            assert (cost.coverage, cost.people) == judged_cost(problem, pairs), (seed, pairs)


WORDS = {
    "availability": ": availability",
    "age": ": age",
    "qualification": ": qualification",
    "banned": ": banned",
    "reach": ": reach",
    "total": " serves more than ",
    "day": " shifts on one day",
    "seats": " people, at most ",
    "apart": " stand together on ",
    "pins": " is not kept",
}


def test_every_rule_speaks_in_the_tiny_problems():
    """The generator is worth nothing if a rule never has a say."""
    heard = set()
    rng = random.Random(3)
    for seed in range(150):
        problem = tiny_problem(seed)
        heard |= {v.rule for v in violations(problem, some_pairs(problem, rng))}
    assert heard >= set(WORDS) | {"one_place", "rest"}


def test_verifier_names_what_is_unknown_and_what_stands_twice():
    problem = next(p for p in map(tiny_problem, range(50)) if p.people and p.duties)
    v, s = problem.people[0].id, problem.duties[0].id
    found = {(x.rule, x.who, x.where) for x in violations(problem, [(v, s), (v, s), ("nobody", s)])}
    assert ("twice", (v,), (s,)) in found
    assert ("unknown", ("nobody",), (s,)) in found


@pytest.mark.parametrize("seed", range(60))
def test_brute_force_is_the_best_of_all_subsets(seed):
    problem = tiny_problem(seed, most=3)
    checker = checker_of(problem)
    every = [(p.id, d.id) for p in problem.people for d in problem.duties]
    values = []
    for size in range(len(every) + 1):
        for pairs in itertools.combinations(every, size):
            if not checker.violations(list(pairs)):
                cost, _ = checker.cost(list(pairs))
                values.append((cost["coverage"], cost["people"]))
    best = best_of(problem)
    assert (None if best is None else (best.coverage, best.people)) == min(values, default=None)


@pytest.mark.parametrize("batch", range(5))
def test_brute_force_finds_no_plan_exactly_when_the_pins_break_a_rule(batch):
    for seed in range(batch * 20, batch * 20 + 20):
        problem = tiny_problem(seed)
        best = best_of(problem)
        broken = bool(checker_of(problem).violations(list(problem.pins)))
        assert (best is None) == broken, seed
        if best is not None:
            assert not violations(problem, best.pairs)
            cost = cost_of(problem, best.pairs)
            assert (cost.coverage, cost.people) == (best.coverage, best.people)
