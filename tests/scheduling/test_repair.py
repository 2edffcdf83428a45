"""Mending a plan: nobody is touched without gain, moves earn their price, everything is sound."""

from dataclasses import replace

import pytest

from tests.scheduling.tiny import tiny_problem
from volunteer.scheduling.cost import cost_of
from volunteer.scheduling.plan import Limits, plan
from volunteer.scheduling.repair import repair
from volunteer.scheduling.verify import violations


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
