"""One rule, two faces: what a rule tells a person is what it tells the optimiser, and the judge."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scheduling.tiny import tiny_problem
from volunteer.scheduling.book import Book
from volunteer.scheduling.columns import Columns
from volunteer.scheduling.cost import cost_of, counts_of
from volunteer.scheduling.review import added_cost, objections, review, review_move
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import Level
from volunteer.scheduling.rules import COVERAGE, HARD, PAIR, PEOPLE, SEAT, SOFT
from volunteer.scheduling.verify import Judge, violations


@st.composite
def worlds(draw):
    """A tiny problem and a set of pairs of it, sound or not."""
    problem = tiny_problem(draw(st.integers(0, 400)))
    every = [(p.id, d.id) for p in problem.people for d in problem.duties]
    judge = Judge(problem)
    if draw(st.booleans()):
        every = [(v, s) for v, s in every if not judge.shut_out(judge.people[v], judge.duties[s])]
    pairs = draw(st.lists(st.sampled_from(every), unique=True, max_size=14)) if every else []
    return problem, pairs


def as_arrays(columns, pairs):
    people = np.array([columns.person_at[v] for v, _ in pairs], np.int64)
    return people, np.array([columns.duty_at[s] for _, s in pairs], np.int64)


@given(worlds())
@settings(max_examples=300, deadline=None)
def test_hard_rules_agree_with_themselves_and_with_the_verifier(world):
    problem, pairs = world
    roster, columns = Roster(Book(problem), pairs), Columns(problem)
    people, duties = as_arrays(columns, pairs)
    judged = violations(problem, pairs)
    for rule in HARD:
        found = list(rule.findings(roster))
        assert rule.broken(columns, people, duties) == bool(found), rule.code
        assert bool(found) == any(v.rule == rule.code for v in judged), rule.code
        assert all(f.level is Level.HARD and f.rule == rule.code and not f.cost for f in found)


@given(worlds())
@settings(max_examples=300, deadline=None)
def test_soft_rules_add_up_to_the_price(world):
    problem, pairs = world
    roster, columns = Roster(Book(problem), pairs), Columns(problem)
    people, duties = as_arrays(columns, pairs)
    price, counts = cost_of(problem, pairs), counts_of(problem, pairs)
    for rule in SOFT:
        assert rule.cost(roster) == rule.total(columns, people, duties), rule.code
        if rule.code != "min":
            assert rule.cost(roster) == getattr(problem.weights, rule.code) * counts[rule.code]
    assert sum(rule.cost(roster) for rule in COVERAGE) == price.coverage
    assert sum(rule.cost(roster) for rule in PEOPLE) == price.people


@pytest.mark.parametrize("seed", range(120))
def test_seat_and_pair_rules_agree_pair_by_pair(seed):
    problem = tiny_problem(seed)
    book, columns = Book(problem), Columns(problem)
    everybody = np.arange(len(problem.people), dtype=np.int64)
    for d, duty in enumerate(problem.duties):
        for rule in SEAT:
            human = [rule.refusal(book, person, duty) is None for person in problem.people]
            assert rule.allows(columns, d, everybody).tolist() == human, rule.code
        for pair_rule in PAIR:
            human = [
                other is not duty and pair_rule.between(book, "v0", duty, other) is not None
                for other in problem.duties
            ]
            assert pair_rule.clashes(columns, d).tolist() == human, pair_rule.code


@given(worlds(), st.integers(0, 10**6))
@settings(max_examples=300, deadline=None)
def test_objections_are_what_the_verifier_would_find_new(world, pick):
    """From a sound roster, a step draws an objection of a rule exactly when it breaks that rule."""
    problem, pairs = world
    if not problem.people:
        return
    kept = []
    for pair in pairs:  # the largest sound beginning
        if all(v.rule == "pins" for v in violations(problem, [*kept, pair])):
            kept.append(pair)
    roster = Roster(Book(problem), kept)
    every = [(p.id, d.id) for p in problem.people for d in problem.duties]
    who, where = every[pick % len(every)]
    if (who, where) in roster:
        return
    said = {f.rule for f in objections(roster, who, where)}
    after = [*kept, (who, where)]
    assert said == {v.rule for v in violations(problem, after)} - {"pins"}
    before, price, step = (
        cost_of(problem, kept),
        cost_of(problem, after),
        added_cost(roster, who, where),
    )
    assert price.coverage - before.coverage == step.coverage
    assert price.people - before.people == step.people


@given(worlds(), st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_a_move_is_reviewed_at_its_true_price(world, pick):
    problem, pairs = world
    if not pairs:
        return
    roster = Roster(Book(problem), pairs)
    who, left = pairs[pick % len(pairs)]
    to = problem.duties[pick % len(problem.duties)].id
    got = review_move(roster, who, to=to, away_from=left)
    after = (set(pairs) - {(who, left)}) | {(who, to)}
    before, price = cost_of(problem, pairs), cost_of(problem, after)
    assert got.change.coverage == price.coverage - before.coverage
    assert got.change.people == price.people - before.people
    pinned = (who, left) in problem.pins and to != left
    assert any(f.rule == "pins" for f in got.objections) == pinned


def test_review_speaks_in_the_order_of_weight():
    problem = tiny_problem(7)
    found = review(Roster(Book(problem), [(p.id, problem.duties[0].id) for p in problem.people]))
    order = [Level.HARD, Level.WANTED, Level.NICE]
    ranks = [order.index(f.level) for f in found]
    assert ranks == sorted(ranks)
    assert Level.HARD in {f.level for f in found}
