"""Prices of blocks put together prove no less than the blocks, and never more than a plan costs."""

import numpy as np
import pytest

from volunteer.scheduling.bench.shapes import SHAPES, shaped
from volunteer.scheduling.engine import greedy, tally
from volunteer.scheduling.engine import piece as pieces
from volunteer.scheduling.engine.arrays import build
from volunteer.scheduling.engine.audit import sound
from volunteer.scheduling.engine.carve import carve
from volunteer.scheduling.engine.chains import Chains
from volunteer.scheduling.engine.colgen import Generation
from volunteer.scheduling.engine.joint import Market, Prices
from volunteer.scheduling.engine.master import Goal
from volunteer.scheduling.engine.partition import parts
from volunteer.scheduling.engine.pool import sets_of
from volunteer.scheduling.engine.tasks import clock
from volunteer.scheduling.engine.tolls import First, Tolls, toll
from volunteer.scheduling.plan import Limits, plan


@pytest.mark.parametrize("shape", SHAPES)
def test_joint_prices_prove_more_than_the_blocks_and_no_more_than_is_true(shape):
    problem = shaped(shape, 11, people=60, duties=26)
    whole = build(problem)
    root = carve(whole, np.arange(whole.n_duties), np.flatnonzero(whole.pinned))
    a, none = root.arrays, np.zeros(0, np.int64)
    first = greedy.first_plan(a).chosen
    prices, total = Prices(a), 0.0
    for duties in parts(a, a.n_pairs // 4, 1):
        piece = carve(a, duties, none)
        gen = Generation(piece.arrays, Goal(), sets_of(piece.arrays, first[piece.pairs]))
        state = gen.run(clock(20))
        total += state.bound - tally.coverage(piece.arrays, np.ones(piece.arrays.n_pairs, np.bool_))
        prices.take(piece, state.duals)
    total += tally.coverage(a, np.ones(a.n_pairs, np.bool_))
    proven = [prices.bound()]
    assert proven[0] >= total - 0.01
    for turn, style in enumerate(("people", "time")):
        for duties in parts(a, a.n_pairs // 3, 5 + turn, style):
            market = Market.of(prices, duties, first)
            after = prices.copy()
            after.take(market.piece, market.raised(clock(20)), market.inside)
            proven.append(after.bound())
            kept = prices.copy()
            assert (
                kept.better(market.piece, np.zeros_like(market.duals), market.inside, 1e18) == 1e18
            )
            assert (kept.worth() == prices.worth()).all(), "prices that prove less leave no trace"
            assert proven[-1] >= max(proven[:-1]) - 0.01, "new prices never prove less"
            prices = after
    best = plan(problem, limits=Limits(seconds=4, workers=1))
    offset = tally.coverage(whole, whole.pinned) - tally.coverage(a, np.zeros(a.n_pairs, np.bool_))
    assert max(proven) + offset <= best.cost.coverage + 0.01


@pytest.mark.parametrize("shape", SHAPES)
def test_what_tolls_prove_of_the_second_tier_is_true_and_grows(shape):
    problem = shaped(shape, 5, people=60, duties=26)
    made = plan(problem, limits=Limits(seconds=6, workers=1))
    a = build(problem)
    at = (
        {p.id: i for i, p in enumerate(problem.people)},
        {d.id: i for i, d in enumerate(problem.duties)},
    )
    rows = np.array([(at[0][v], at[1][d]) for v, d in made.assignments], np.int64).reshape(-1, 2)
    chosen = np.zeros(a.n_pairs, np.bool_)
    chosen[a.index(rows[:, 0], rows[:, 1])] = True
    tolls = Tolls(a, First.of(Prices(a)), toll(a, chosen))
    proven = [tolls.value()]
    assert proven[0] == pytest.approx(Prices(a).people_value(tolls.price), abs=1.1)
    for turn in range(2):
        for duties in parts(a, a.n_pairs // 3, turn):
            tolls.better(duties, chosen, clock(20))
            proven.append(tolls.value())
            assert proven[-1] >= proven[-2] - 0.5, "new prices never prove less"
    paid = made.cost.people + tolls.price * tally.coverage(a, chosen)
    assert proven[-1] <= paid + 0.01
    if shape == "ordinary":
        assert proven[-1] >= 0.8 * paid


@pytest.mark.parametrize("shape", SHAPES)
def test_chains_only_win_and_stay_sound(shape):
    for seed in range(3):
        a = build(shaped(shape, seed, people=70, duties=30))
        first = greedy.first_plan(a).chosen
        chains = Chains(a, first, np.zeros_like(first))
        chains.settle(lambda: False)
        assert sound(a, chains.chosen)
        assert tally.coverage(a, chains.chosen) <= tally.coverage(a, first)
        assert (chains.heads == tally.heads(a, chains.chosen)).all()
        assert (chains.have == tally.need_counts(a, chains.chosen)).all()


def test_a_search_for_a_plan_takes_only_a_share_of_the_time(monkeypatch):
    """Where the relaxation is far from whole, an endless search would leave nothing for the rest."""
    given = []
    monkeypatch.setattr(pieces, "round_off", lambda gen, left, *_: given.append(left()))
    a = build(shaped("scarce_skills", 3, 60, 30))
    best = pieces.Standing.of(a, greedy.first_plan(a).chosen)
    best.coverage += 1_000_000  # whatever is proven, this plan can be bettered
    pieces.cover(a, best, lambda: 100.0)
    assert given
    assert all(seconds <= 15.0 for seconds in given)
    given.clear()
    pieces.cover(a, best, lambda: 1.0)
    assert given
    assert all(seconds == 1.0 for seconds in given)
