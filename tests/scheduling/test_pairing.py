"""The pairs and clashes that the optimiser sees are those that the rules allow, one by one."""

import random
from dataclasses import replace

import numpy as np
import pytest

from tests.scheduling.tiny import compatible, eligible, tiny_problem
from volunteer.scheduling import nearby
from volunteer.scheduling.columns import Columns, ceil_root, floor_root
from volunteer.scheduling.pairing import conflicts, eligible_pairs


def widened(problem, seed):
    """The tiny problem on a map large enough for the sieve of squares to have work."""
    rng = random.Random(seed)

    def far(x):
        return x * rng.choice((1, 3, 7)) - rng.choice((0, 5000))

    return replace(
        problem,
        sites=tuple(replace(s, x=far(s.x), y=far(s.y)) for s in problem.sites),
        people=tuple(
            replace(p, home=p.home and (far(p.home[0]), far(p.home[1]))) for p in problem.people
        ),
    )


@pytest.mark.parametrize("side", [1, 700, 1000])
@pytest.mark.parametrize("batch", range(4))
def test_pairs_are_those_of_the_rule_eligible(batch, side, monkeypatch):
    monkeypatch.setattr(nearby, "SIDE", side)
    for seed in range(batch * 50, batch * 50 + 50):
        problem = tiny_problem(seed)
        for drawn in (problem, widened(problem, seed)):
            sites, bans = {s.id: s for s in drawn.sites}, set(drawn.bans)
            wanted = [
                (v, s)
                for v, person in enumerate(drawn.people)
                for s, duty in enumerate(drawn.duties)
                if eligible(person, duty, sites, bans)
            ]
            pairs = eligible_pairs(Columns(drawn))
            people, duties, metres = pairs.person, pairs.duty, pairs.metres
            assert pairs.by_duty.tolist() == sorted(
                range(len(wanted)), key=lambda k: (wanted[k][1], wanted[k][0])
            )
            assert list(zip(people.tolist(), duties.tolist(), strict=True)) == wanted
            for v, s, m in zip(people.tolist(), duties.tolist(), metres.tolist(), strict=True):
                home, site = drawn.people[v].home, sites[drawn.duties[s].site]
                square = 0 if home is None else (home[0] - site.x) ** 2 + (home[1] - site.y) ** 2
                assert m * m <= square < (m + 1) ** 2


@pytest.mark.parametrize("batch", range(4))
def test_clashes_are_those_of_the_rules_about_two_duties(batch):
    for seed in range(batch * 50, batch * 50 + 50):
        problem = tiny_problem(seed)
        sites = {s.id: s for s in problem.sites}
        table = conflicts(Columns(problem))
        for i, one in enumerate(problem.duties):
            for j, other in enumerate(problem.duties):
                clash = i != j and not compatible(problem, one, other, sites)
                assert table[i, j] == clash, (seed, i, j)


def test_roots_are_exact_where_floats_are_not():
    roots = np.array([0, 1, 2, 3, 10**7, 94906267, 28284271, 28284272], np.int64)
    squares = np.concatenate((roots * roots, roots * roots + 1, roots * roots - 1))
    squares = squares[squares >= 0]
    down, up = floor_root(squares), ceil_root(squares)
    assert ((down * down <= squares) & ((down + 1) ** 2 > squares)).all()
    assert ((up * up >= squares) & ((np.maximum(up, 1) - 1) ** 2 < np.maximum(squares, 1))).all()
