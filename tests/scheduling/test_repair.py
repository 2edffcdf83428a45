"""Mending a plan: nobody is touched without gain, moves earn their price, everything is sound."""

import random
from dataclasses import replace

import pytest

from tests.scheduling.tiny import tiny_problem
from volunteer.scheduling.bench.shapes import SHAPES, shaped
from volunteer.scheduling.cost import cost_after, cost_of
from volunteer.scheduling.plan import Limits, plan
from volunteer.scheduling.repair import repair
from volunteer.scheduling.verify import Judge, violations


def _after_sick_calls(seed):
    """A problem whose best plan was published, after everybody on its first duty fell ill."""
    problem = tiny_problem(seed)
    answer = plan(problem, limits=Limits(seconds=20))
    if answer.status == "refused" or len(answer.assignments) < 3:
        return None
    ill = {answer.assignments[0][0]}
    people = tuple(replace(p, available=()) if p.id in ill else p for p in problem.people)
    pins = tuple(p for p in problem.pins if p[0] not in ill)
    return replace(problem, people=people, pins=pins, published=answer.assignments), ill


CASES = [seed for seed in range(160, 260) if _after_sick_calls(seed) is not None]


@pytest.mark.parametrize("seed", CASES)
def test_options_are_sound_and_disturb_only_for_gain(seed):
    problem, ill = _after_sick_calls(seed)
    answer = repair(problem, moves=2)
    told = set(problem.published)
    assert {v for v, _ in answer.lost} >= {v for v, _ in told if v in ill}
    refill, *rest = answer.options
    assert refill.kind == "refill"
    assert refill.moves == 0
    assert not refill.released
    assert told - set(answer.lost) <= set(refill.plan.assignments)
    assert refill.plan.cost.coverage <= answer.before.coverage
    for option in answer.options:
        assert violations(problem, option.plan.assignments) == []
        assert option.plan.cost == cost_of(problem, option.plan.assignments)
        assert option.gain == answer.before.coverage - option.plan.cost.coverage
    for option in rest:
        assert 0 < option.moves <= 2
        assert option.plan.cost.coverage < refill.plan.cost.coverage
        assert option.price > 0
        assert set(option.released) <= told


def test_some_case_is_mended_better_with_a_move():
    assert any(len(repair(_after_sick_calls(s)[0], moves=2).options) > 1 for s in CASES)


def test_nothing_lost_nothing_moved():
    problem = tiny_problem(7)
    answer = plan(problem, limits=Limits(seconds=20))
    same = replace(problem, published=answer.assignments)
    mended = repair(same, moves=0)
    assert mended.lost == ()
    assert mended.options[0].released == ()


def test_broken_pins_are_refused():
    for seed in range(400):
        problem = tiny_problem(seed)
        if plan(problem, limits=Limits(seconds=0)).status == "refused":
            assert repair(problem).refused
            return
    pytest.fail("no seed with broken pins")


def _after_a_hard_week(shape, seed):
    """A shaped city whose plan was told, after every twelfth person fell ill."""
    problem = shaped(shape, seed, people=90, duties=36)
    answer = plan(problem, limits=Limits(seconds=0))
    ill = {p.id for p in problem.people[::12]}
    people = tuple(replace(p, available=()) if p.id in ill else p for p in problem.people)
    pins = tuple(pair for pair in problem.pins if pair[0] not in ill)
    return replace(problem, people=people, pins=pins, published=answer.assignments)


@pytest.mark.parametrize("shape", SHAPES)
def test_moves_win_their_price_and_none_is_needless(shape):
    won = []
    for seed in range(3):
        problem = _after_a_hard_week(shape, seed)
        answer = repair(problem, moves=4)
        refill = answer.options[0]
        assert not refill.released
        for option in answer.options:
            pairs = option.plan.assignments
            assert violations(problem, pairs) == []
            assert option.plan.cost == cost_of(problem, pairs)
            assert option.gain == answer.before.coverage - option.plan.cost.coverage
            assert len({who for who, _ in option.released}) == option.moves <= 4
        for option in answer.options[1:]:
            won.append(refill.plan.cost.coverage - option.plan.cost.coverage)
            assert won[-1] > 0
            for who in {who for who, _ in option.released}:
                assert _worse_or_impossible(problem, option, who)
    if shape in ("ordinary", "giant_unit", "many_quotas"):
        assert won


def _worse_or_impossible(problem, option, who):
    """Whether sending the person back to where they were told costs coverage or breaks a rule."""
    pairs = set(option.plan.assignments)
    back = {pair for pair in option.released if pair[0] == who}
    new = {pair for pair in option.called if pair[0] == who}
    undone = (pairs - new) | back
    if violations(problem, undone):
        return True
    return cost_of(problem, undone).coverage > option.plan.cost.coverage


def test_a_change_of_a_sound_plan_is_judged_like_the_whole():
    """Faults and cost of a plan, worked out from what differs from another, are the true ones."""
    faulty = 0
    for seed in range(60):
        problem = shaped("feuding_pairs" if seed % 2 else "pinned_down", seed, 40, 16)
        judge = Judge(problem)
        one = plan(problem, limits=Limits(seconds=0)).assignments
        rng = random.Random(seed)
        other = {pair for pair in one if rng.random() < 0.9}
        other |= {(rng.choice(problem.people).id, rng.choice(problem.duties).id) for _ in range(4)}
        other = tuple(sorted(other))
        whole = {str(fault) for fault in judge.violations(other)}
        assert {str(fault) for fault in judge.broken_by(one, other)} == whole
        faulty += bool(whole)
        known = cost_of(problem, one)
        assert cost_after(problem, known, one, other, judge) == cost_of(problem, other)
    assert faulty > 10
