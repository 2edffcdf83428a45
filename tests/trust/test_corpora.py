"""The bars of the signals: fraud is flagged at 95 % or better, honest people, shifts and units at 2 % or less."""

import random

import pytest

from tests.trust.corpus import Outcome, run
from tests.trust.fraud import KINDS
from tests.trust.honest import honest_plans
from volunteer.domain.policy import STANDARD
from volunteer.domain.signals import BY_CODE, RULES, look_at_plans, together, weight
from volunteer.domain.signals.seen import PlanSeen

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module", params=SEEDS)
def outcome(request: pytest.FixtureRequest) -> Outcome:
    return run(request.param)


def test_the_corpora_are_of_a_size(outcome: Outcome) -> None:
    assert len(outcome.fraud) == len(KINDS) >= 12
    assert sum(tally.shown for tally in outcome.fraud.values()) >= 900
    assert sum(tally.shown for tally in outcome.honest.values()) >= 3000


def test_fraud_is_flagged(outcome: Outcome) -> None:
    assert outcome.flagged_fraud >= 0.95
    for kind, tally in outcome.fraud.items():
        assert tally.share >= 0.7, kind


def test_the_honest_are_left_in_peace(outcome: Outcome) -> None:
    assert outcome.flagged_honest <= 0.02
    for subject, tally in outcome.honest.items():
        assert tally.share <= 0.02, subject


def test_the_corpora_can_fail() -> None:
    """With every rule silent nothing is flagged: it is the rules that do it, not the corpora."""
    silenced = {rule.code: rule.find for rule in RULES}
    try:
        for rule in RULES:
            object.__setattr__(rule, "find", lambda *_: iter(()))
        assert run(1).flagged_fraud == 0
    finally:
        for rule in RULES:
            object.__setattr__(rule, "find", silenced[rule.code])


def test_every_rule_says_what_it_might_innocently_be_and_reads_known_figures() -> None:
    assert len(BY_CODE) == len(RULES) == 16
    for rule in RULES:
        assert rule.innocent.endswith("。")
        assert all(hasattr(STANDARD, name) for name in rule.parameters)
        assert rule.find.__doc__


@pytest.mark.parametrize("seed", SEEDS)
def test_t13_outliers_of_planned_length_are_mostly_fraud(seed: int) -> None:
    """Of the shifts flagged for their length at least four in five are seeded fraud."""
    rng = random.Random(seed)
    plans = honest_plans(rng)
    first = len(plans)
    usual = {0: 60, 1: 90, 2: 120, 3: 150, 4: 180}
    for n in range(40):
        kind = rng.randrange(5)
        minutes = round(usual[kind] * rng.uniform(1.8, 4))
        plans.append(PlanSeen(first + n, 1, kind, minutes, usual[kind]))
    flagged = {one.subject_id for one in look_at_plans(plans)}
    true = {number for number in flagged if number >= first}
    assert len(true) / len(flagged) >= 0.8
    assert len(true) / 40 >= 0.8


def test_doubts_add_up_as_independent_ones_do() -> None:
    assert together([]) == 0
    assert together([50, 50]) == 75
    assert together([100, 3]) == 100
    assert weight([]) == 0


def test_an_honest_month_shows_odd_things_that_open_nothing(outcome: Outcome) -> None:
    """The honest corpus is no clean one: of many more people something is seen than a case is opened on."""
    flagged = sum(tally.flagged for tally in outcome.honest.values())
    assert outcome.odd > 4 * flagged
    assert len(outcome.by_signal) >= 5
