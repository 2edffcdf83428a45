from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain import standing
from volunteer.domain.policy import Policy
from volunteer.domain.standing import Tally, eligible_star, hours_of, standing_of
from volunteer.domain.terms import StandingBasis


def test_three_records_of_fifty_minutes_are_two_and_a_half_hours():
    assert hours_of(50 * 3) == Decimal("2.5")
    assert hours_of(50) * 3 != Decimal("2.5")


@pytest.mark.parametrize(
    ("minutes", "step", "hours"),
    [
        (0, 10, "0.0"), (2, 10, "0.0"), (3, 10, "0.1"), (57, 10, "1.0"), (63, 10, "1.1"),
        (5994, 10, "99.9"), (6000, 10, "100.0"), (50, 1, "0.83"), (75, 50, "1.5"),
        (74, 50, "1.0"), (-3, 10, "-0.1"), (-50, 1, "-0.83"), (1, 1, "0.02"),
    ],
)  # fmt: skip
def test_rounding_half_up(minutes, step, hours):
    assert str(hours_of(minutes, step)) == hours


@given(st.integers(0, 10**7), st.sampled_from([1, 10, 50]))
def test_rounding_is_never_off_by_more_than_half_a_step(minutes, step):
    assert abs(Fraction(hours_of(minutes, step)) - Fraction(minutes, 60)) <= Fraction(step, 200)


def places(tallies, basis=StandingBasis.TOTAL):
    return [(p.place, p.is_tied, p.tally.name) for p in standing_of(tallies, basis)]


def test_equals_share_a_place_and_say_so():
    tallies = [
        Tally(1, "甲", 100), Tally(2, "乙", 200, participations=2), Tally(3, "丙", 50),
        Tally(4, "丁", 200, participations=3),
    ]  # fmt: skip
    assert places(tallies) == [(1, True, "丁"), (1, True, "乙"), (3, False, "甲"), (4, False, "丙")]


def test_equals_are_listed_by_count_then_by_the_earlier_day():
    early, late = date(2026, 3, 1), date(2026, 3, 2)
    tallies = [
        Tally(1, "晚", 60, 1, earliest_on=late), Tally(2, "早", 60, 1, earliest_on=early),
        Tally(3, "未", 60, 1), Tally(4, "多", 60, 2, earliest_on=late),
    ]  # fmt: skip
    assert [name for _, _, name in places(tallies)] == ["多", "早", "晚", "未"]


def test_bases():
    big = Tally(1, "大", minutes=6000, participations=90, registered=100, active=30)
    small = Tally(2, "小", minutes=600, participations=10, registered=5, active=5)
    nobody = Tally(3, "空", minutes=60)
    tallies = [nobody, small, big]
    for basis, names in (
        (StandingBasis.TOTAL, "大小空"),
        (StandingBasis.PARTICIPATIONS, "大小空"),
        (StandingBasis.PER_HEAD, "小大空"),
        (StandingBasis.ACTIVE_RATE, "小大空"),
    ):
        assert "".join(name for _, _, name in places(tallies, basis)) == names
    last = standing_of(tallies, StandingBasis.PER_HEAD)[-1]
    assert (last.place, last.value) == (None, None)
    assert standing.percent_of(big.active_rate) == Decimal("30")
    assert standing.percent_of(Fraction(1, 16)) == Decimal("6.3")
    assert standing.percent_of(None) is None


def test_per_head_is_compared_exactly():
    tallies = [Tally(1, "甲", 100, registered=3), Tally(2, "乙", 200, registered=6)]
    assert {tied for _, tied, _ in places(tallies, StandingBasis.PER_HEAD)} == {True}


def test_small_groups():
    assert Tally(1, "甲", active=4).is_small_group
    assert not Tally(1, "甲", active=5).is_small_group
    assert not Tally(1, "甲").is_small_group


TALLIES = st.lists(
    st.builds(Tally, st.integers(1, 99), st.text("甲乙丙", max_size=2), st.integers(0, 5),
              st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)),
    max_size=12,
)  # fmt: skip


@given(TALLIES, st.sampled_from(list(StandingBasis)))
def test_a_place_is_one_more_than_the_number_of_better_ones(tallies, basis):
    for placed in standing_of(tallies, basis):
        values = [value for tally in tallies if (value := tally.value(basis)) is not None]
        if placed.value is None:
            assert placed.place is None
        else:
            assert placed.place == 1 + sum(value > placed.value for value in values)
            assert placed.is_tied is (values.count(placed.value) > 1)


@pytest.mark.parametrize(
    ("hours", "star"),
    [("0", 0), ("99.9", 0), ("100.0", 1), ("299.9", 1), ("300", 2), ("600", 3), ("1000", 4),
     ("1499.9", 4), ("1500", 5), ("9999", 5)],
)  # fmt: skip
def test_stars(hours, star):
    assert eligible_star(int(Decimal(hours) * 60)) == star


def test_a_community_may_have_its_own_stars():
    steps = Policy(star_hours=(10, 20, 30, 40, 50))
    assert eligible_star(25 * 60, steps) == 2
    assert standing.minutes_to_next_star(25 * 60, steps) == 300
    assert standing.minutes_to_next_star(50 * 60, steps) is None
    assert standing.minutes_to_next_star(5998) == 2


def test_percentages_are_exact():
    assert standing.percent_of(Fraction(1)) == Decimal("100")
    assert standing.percent_of(Fraction(6259, 10000)) == Decimal("62.6")
    assert standing.percent_of(Fraction(2, 3)) == Decimal("66.7")
