"""The front door: always a plan, always sound, refused exactly when the pins break a rule."""

import pytest

from tests.scheduling.tiny import best_of, tiny_problem
from volunteer.scheduling.cost import cost_of
from volunteer.scheduling.plan import Limits, plan
from volunteer.scheduling.verify import violations


@pytest.mark.parametrize("seed", range(25))
def test_without_any_time_a_sound_plan_stands(seed):
    problem = tiny_problem(seed)
    answer = plan(problem, limits=Limits(seconds=0))
    truth = best_of(problem)
    if truth is None:
        assert answer.status == "refused"
        assert answer.why
        assert not answer.assignments
        assert answer.cost is None
        return
    assert answer.status in ("optimal", "feasible")
    assert violations(problem, answer.assignments) == []
    assert answer.cost == cost_of(problem, answer.assignments)
    assert answer.bound.coverage <= truth.coverage <= answer.cost.coverage


@pytest.mark.parametrize("seed", range(60, 160))
def test_a_tiny_problem_is_solved_exactly_in_both_tiers(seed):
    problem = tiny_problem(seed, most=6)
    truth = best_of(problem)
    answer = plan(problem, limits=Limits(seconds=20))
    if truth is None:
        assert answer.status == "refused"
        return
    assert answer.status == "optimal"
    assert (answer.cost.coverage, answer.cost.people) == (truth.coverage, truth.people)
    assert answer.bound == answer.cost
    assert violations(problem, answer.assignments) == []


def test_a_refusal_names_the_rule_and_the_pins():
    for seed in range(400):
        problem = tiny_problem(seed)
        answer = plan(problem, limits=Limits(seconds=0))
        if answer.status == "refused":
            assert all(set(why.pins) <= set(problem.pins) and why.pins for why in answer.why)
            return
    pytest.fail("no seed with pins that break a rule")


def test_progress_tells_stage_costs_and_bounds():
    events = []
    answer = plan(tiny_problem(3), limits=Limits(seconds=0), progress=events.append)
    assert events[0].stage == "greedy"
    assert events[-1].stage == "done"
    assert events[-1].coverage == answer.cost.coverage
    assert events[-1].bound_coverage == answer.bound.coverage
    assert all(e.bound_coverage <= e.coverage for e in events)
