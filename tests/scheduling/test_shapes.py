"""Cities of every shape: the first plan is sound, its reasons hold, and the judge agrees."""

import pytest

from tests.scheduling.judge import checker_of, judged_cost
from tests.scheduling.oracle import disagreement
from volunteer.scheduling import wire
from volunteer.scheduling.bench.shapes import SHAPES, shaped
from volunteer.scheduling.candidates import Index, candidates
from volunteer.scheduling.explain import explain_shift, load_report
from volunteer.scheduling.explain.remedy import holds
from volunteer.scheduling.plan import Limits, plan
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.verify import violations


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_shape_gets_a_sound_plan_with_true_figures(shape, seed):
    problem = shaped(shape, seed)
    assert wire.problem_from_json(wire.problem_to_json(problem)) == problem
    made = plan(problem, limits=Limits(seconds=0, workers=1))
    assert made.status in ("feasible", "optimal")
    assert made.assignments
    pairs = list(made.assignments)
    assert not violations(problem, pairs)
    assert not checker_of(problem).violations(pairs)
    assert (made.cost.coverage, made.cost.people) == judged_cost(problem, pairs)
    assert made.bound.coverage <= made.cost.coverage


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_can_be_explained(shape):
    problem = shaped(shape, 3)
    index = Index(problem)
    roster = Roster(index.book, plan(problem, limits=Limits(seconds=0, workers=1)).assignments)
    report = load_report(index, roster)
    assert report.busy + report.idle == report.reachable
    for duty in problem.duties:
        reason = explain_shift(index, roster, duty.id)
        assert reason.missing >= 0
        if not roster.missing(duty.id):
            assert all(finding.rule != "min" for finding in reason.lacks)
        for one in candidates(index, roster, duty.id, top=3):
            after = roster.changed(
                add=[(one.person, duty.id)], remove=[(one.person, d) for d in one.leaves]
            )
            assert holds(after, duty, [], {})


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_solved_as_the_plain_model_solves_it(shape):
    for seed in (4, 5):
        assert disagreement(shaped(shape, seed, people=30, duties=12), seconds=8.0) is None, seed
