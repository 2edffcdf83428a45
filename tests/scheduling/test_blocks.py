"""A city in blocks: each a file of its own, their plans merged soundly, the sum of their bounds below every plan."""

import json
from dataclasses import replace

import pytest

from volunteer.scheduling import wire
from volunteer.scheduling.bench.shapes import SHAPES, shaped
from volunteer.scheduling.blocks import Mismatch, carve, merge
from volunteer.scheduling.cli import main
from volunteer.scheduling.cost import cost_of
from volunteer.scheduling.plan import Limits, plan
from volunteer.scheduling.verify import violations
from volunteer.scheduling.wire import problem_from_json, problem_to_json


@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_are_whole_files_and_their_bounds_add_up(shape):
    problem = shaped(shape, 3, people=70, duties=30)
    found = carve(problem, pairs=60)
    assert len(found) > 1
    assert sorted(d.id for block in found for d in block.duties) == sorted(
        d.id for d in problem.duties
    )
    for block in found:
        assert problem_from_json(problem_to_json(block).encode()) == block
    solved = [(block, plan(block, limits=Limits(seconds=3, workers=1))) for block in found]
    made = merge(problem, solved)
    assert violations(problem, made.assignments) == []
    assert made.cost == cost_of(problem, made.assignments)
    best = plan(problem, limits=Limits(seconds=6, workers=1))
    assert made.bound.coverage <= min(best.cost.coverage, made.cost.coverage)
    assert made.bound.coverage >= sum(answer.bound.coverage for _, answer in solved)
    assert set(problem.pins) <= set(made.assignments)


def test_a_bound_that_is_not_theirs_is_not_taken():
    problem = shaped("ordinary", 3, people=70, duties=30)
    found = carve(problem, pairs=60)
    solved = [(block, plan(block, limits=Limits(seconds=0))) for block in found]
    with pytest.raises(Mismatch):
        merge(problem, solved[1:])
    with pytest.raises(Mismatch):
        merge(problem, [*solved, solved[0]])
    fewer = replace(found[0], people=found[0].people[1:], pins=(), bans=(), apart=(), published=())
    with pytest.raises(Mismatch):
        merge(problem, [(fewer, plan(fewer, limits=Limits(seconds=0))), *solved[1:]])
    false = replace(solved[0][1], assignments=solved[0][1].assignments[1:])
    with pytest.raises(Mismatch):
        merge(problem, [(found[0], false), *solved[1:]])


def test_on_the_command_line(tmp_path, capsys):
    whole, folder, out = tmp_path / "city.json", tmp_path / "blocks", tmp_path / "plan.json"
    wire.write_problem(whole, shaped("many_quotas", 5, people=70, duties=30))
    assert main(["carve", str(whole), str(folder), "--pairs", "200"]) == 0
    assert main(["merge", str(whole), str(folder), str(out)]) == 2
    for path in sorted(folder.glob("block-*.json")):
        answer = str(path.with_suffix(".plan.json"))
        assert main(["solve", str(path), answer, "--seconds", "1", "--workers", "1"]) == 0
    assert main(["merge", str(whole), str(folder), str(out)]) == 0
    assert main(["check", str(whole), str(out)]) == 0
    made = json.loads(out.read_text("utf-8"))
    assert made["bound"]["coverage"] <= made["cost"]["coverage"]
    (folder / "block-1.plan.json").write_text("{}", "utf-8")
    assert main(["merge", str(whole), str(folder), str(out)]) == 2
    assert main(["carve", str(whole), str(whole)]) == 2
