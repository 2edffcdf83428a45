from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.targets import outlook, owed
from volunteer.domain.terms import Course


def test_r6_2_the_forecast_goes_on_at_the_pace_and_tells_a_range():
    # 16 services, 8 hours in 100 of 250 working days: 12 more at the pace, give or take a quarter
    seen = outlook(480, 16, 1200, passed=100, left=150)
    assert (seen.missing, seen.low, seen.high) == (720, 480 + 540, 480 + 900)
    assert seen.weekly == 24, "720 minutes over 30 working weeks"
    assert seen.course is Course.CLOSE
    assert seen.share == Fraction(2, 5)


@pytest.mark.parametrize(
    ("minutes", "times", "target", "passed", "left", "course"),
    [
        (1200, 9, 1200, 100, 150, Course.MET),
        (0, 0, 0, 10, 10, Course.MET),
        (1199, 9, 1200, 250, 0, Course.MISSED),
        (0, 0, 1200, 100, 150, Course.NOT_BEGUN),
        (300, 3, 1200, 100, 150, Course.UNSURE),
        (800, 25, 1200, 100, 150, Course.ON_COURSE),
        (480, 16, 1200, 100, 150, Course.CLOSE),
        (100, 16, 1200, 100, 150, Course.BEHIND),
        (100, 16, 1200, 0, 250, Course.UNSURE),
    ],
)
def test_where_somebody_stands(minutes, times, target, passed, left, course):
    assert outlook(minutes, times, target, passed=passed, left=left).course is course


def test_with_few_services_nothing_is_foretold():
    seen = outlook(180, 3, 1200, passed=100, left=150)
    assert (seen.low, seen.high) == (None, None)


def test_days_before_joining_and_pauses_are_not_owed():
    assert owed(1200, own_days=125, all_days=250) == 600
    assert owed(1200, own_days=0, all_days=250) == 0
    assert owed(1200, own_days=0, all_days=0) == 1200


@given(st.integers(0, 10**5), st.integers(0, 400), st.integers(0, 10**5), st.integers(0, 260), st.integers(0, 260))  # fmt: skip
def test_a_forecast_never_takes_away_what_was_done(minutes, times, target, passed, left):
    seen = outlook(minutes, times, target, passed=passed, left=left)
    assert seen.missing == max(0, target - minutes)
    if seen.low is not None and seen.high is not None:
        assert minutes <= seen.low <= seen.high
        assert left or seen.low == seen.high == minutes
