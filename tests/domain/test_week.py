"""The week of a person: painting parts changes those parts alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.place import LatLon, coarsened, metres_between
from volunteer.domain.terms import AvailabilityLevel as Level
from volunteer.domain.week import PARTS, FreeWindow, copy_day, grid, paint, shade, tidy

EARLY, MORNING, NOON, AFTERNOON, LATE, EVENING = PARTS

windows = st.lists(
    st.builds(
        lambda day, start, length, level: FreeWindow(day, start, min(1440, start + length), level),
        st.integers(0, 6),
        st.integers(0, 1400),
        st.integers(1, 600),
        st.sampled_from(list(Level)),
    ),
    max_size=12,
)


def minutes(week):
    """The level of each minute of the week, cannot where nothing stands."""
    told = {}
    for window in week:
        for minute in range(window.start, window.end):
            told[window.weekday, minute] = window.level
    return {key: level for key, level in told.items() if level is not Level.CANNOT}


@given(windows)
def test_tidying_changes_no_minute_and_leaves_no_overlap(week):
    tidied = tidy(week)
    assert minutes(tidied) == minutes(week)
    for one, other in zip(tidied, tidied[1:], strict=False):
        assert (one.weekday, one.end) <= (other.weekday, other.start) or one.weekday < other.weekday


@given(windows, st.integers(0, 6), st.sampled_from(PARTS), st.sampled_from(list(Level)))
def test_painting_sets_the_part_and_nothing_else(week, day, part, level):
    before, after = minutes(tidy(week)), minutes(paint(tidy(week), day, part, level))
    for key in before.keys() | after.keys():
        if key[0] == day and part.start <= key[1] < part.end:
            assert after.get(key, Level.CANNOT) is level
        else:
            assert after.get(key) == before.get(key)
    assert shade(paint(tidy(week), day, part, level), day, part) == (level, True)


def test_a_part_shows_what_holds_for_most_of_it():
    week = [FreeWindow(0, 410, 540, Level.CAN), FreeWindow(0, 540, 600, Level.RATHER_NOT)]
    assert shade(week, 0, EARLY) == (Level.CAN, False)
    assert shade(week, 0, MORNING) == (Level.CANNOT, False)
    assert shade(week, 1, MORNING) == (Level.CANNOT, True)
    assert len(grid(week)) == 42


def test_a_day_is_copied_over_others():
    week = [FreeWindow(0, 410, 540, Level.CAN), FreeWindow(1, 600, 700, Level.CAN)]
    assert copy_day(week, 0, [0, 1, 4]) == [
        FreeWindow(0, 410, 540, Level.CAN),
        FreeWindow(1, 410, 540, Level.CAN),
        FreeWindow(4, 410, 540, Level.CAN),
    ]


@pytest.mark.parametrize(
    "at", [LatLon(27.2391, 111.4683), LatLon(39.9, 116.4), LatLon(27.5, 111.5)]
)
def test_a_home_is_known_to_a_cell_only(at):
    rough = coarsened(at)
    assert metres_between(at, rough) < 180
    near = LatLon(at.lat + 0.00001, at.lon)
    assert metres_between(rough, coarsened(near)) < 360
