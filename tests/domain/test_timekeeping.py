from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain import timekeeping as t
from volunteer.domain.terms import DayKind
from volunteer.domain.timekeeping import Window, WorkCalendar

SEED = {day.on: day.kind for year in (2025, 2026, 2027) for day in t.seed_calendar(year)}
CALENDAR = WorkCalendar({}, SEED)
INSTANTS = st.datetimes(
    datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)  # noqa: DTZ001
)  # fmt: skip


@pytest.mark.parametrize(
    ("ends", "due"),
    [
        ("2025-12-31", "2026-01-15"),
        ("2026-02-12", "2026-03-04"),
        ("2026-04-30", "2026-05-18"),
        ("2026-06-12", "2026-06-29"),
        ("2026-09-18", "2026-10-09"),
        ("2026-09-30", "2026-10-20"),
    ],
)
def test_ten_working_days_after_the_end(ends, due):
    assert CALENDAR.add_workdays(date.fromisoformat(ends), 10) == date.fromisoformat(due)


def test_adjusted_workdays_of_2026():
    for text in ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"):
        on = date.fromisoformat(f"2026-{text}")
        assert on.weekday() >= 5
        assert CALENDAR.is_workday(on)


def test_a_year_not_yet_published_follows_the_week_and_says_so():
    assert t.seed_calendar(2027) == ()
    assert not CALENDAR.is_published(2027)
    assert CALENDAR.is_published(2026)
    assert CALENDAR.is_workday(date(2027, 1, 1))
    assert not CALENDAR.is_workday(date(2027, 1, 2))
    assert CALENDAR.add_workdays(date(2026, 12, 31), 10) == date(2027, 1, 14)
    assert CALENDAR.unpublished_years(date(2026, 12, 1), date(2027, 1, 3)) == [2027]
    assert t.seed_calendar(1999) == ()


def test_the_offices_own_days_win():
    mended = WorkCalendar({date(2026, 3, 2): DayKind.HOLIDAY}, SEED)
    assert not mended.is_workday(date(2026, 3, 2))
    assert mended.add_workdays(date(2026, 2, 28), 1) == date(2026, 3, 3)


def test_a_year_entered_by_hand_counts_as_published():
    days = {date(2027, 2, n): DayKind.HOLIDAY for n in range(1, 14)}
    assert WorkCalendar(days).is_published(2027)
    del days[date(2027, 2, 13)]
    assert not WorkCalendar(days).is_published(2027)


def test_the_seed_names_its_days():
    notes = {day.on: day.note for day in t.seed_calendar(2026)}
    assert notes[date(2026, 2, 17)] == "春节"
    assert notes[date(2026, 2, 14)] == "春节调休上班"


@given(st.dates(date(2025, 1, 1), date(2026, 12, 1)), st.integers(1, 30))
def test_working_days_forth_and_back_agree(on, count):
    due = CALENDAR.add_workdays(on, count)
    assert CALENDAR.is_workday(due)
    assert len(CALENDAR.workdays(on + timedelta(days=1), due)) == count
    assert CALENDAR.add_workdays(due + timedelta(days=1), -count) > on


@given(INSTANTS)
def test_date_and_minutes_give_the_instant_back(at):
    at = t.whole_minute(at)
    assert t.beijing(t.local_date(at), t.day_minutes(at)) == at


def test_beijing_dates():
    assert t.local_date(datetime(2026, 3, 1, 16, 0, tzinfo=UTC)) == date(2026, 3, 2)
    assert t.local_date(datetime(2026, 3, 1, 15, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert t.day_minutes(datetime(2026, 3, 1, 23, 30, tzinfo=UTC)) == 450
    with pytest.raises(ValueError, match="time zone"):
        t.local(datetime(2026, 3, 1))  # noqa: DTZ001


def test_now_is_aware():
    assert t.now().utcoffset() == timedelta(0)


def test_the_week_begins_on_monday():
    assert t.week_of(date(2026, 3, 1)) == date(2026, 2, 23)
    assert t.week_of(date(2026, 3, 2)) == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("text", "minutes"), [("07:30", 450), ("0:00", 0), ("24:00", 1440), ("7：05", 425)]
)
def test_clock_times(text, minutes):
    assert t.minutes_of(text) == minutes
    assert t.minutes_of(t.clock_of(minutes)) == minutes


@pytest.mark.parametrize("text", ["", "7", "7:5", "25:00", "24:01", "07:60", "a:00", "-1:00"])
def test_what_is_no_clock_time(text):
    with pytest.raises(ValueError, match="not a time of day"):
        t.minutes_of(text)


def test_a_window_over_midnight_belongs_to_the_day_it_starts():
    night = Window.of(date(2026, 3, 2), "23:00", "01:00")
    assert night.minutes == 120
    assert night.service_on == date(2026, 3, 2)
    assert t.local_date(night.ends_at) == date(2026, 3, 3)


def test_windows_are_half_open():
    one = Window.of(date(2026, 3, 2), "07:30", "08:30")
    two = Window.of(date(2026, 3, 2), "08:30", "09:30")
    assert not one.overlaps(two)
    assert one.shared(two) is None
    assert one.contains(one.starts_at)
    assert not one.contains(one.ends_at)


def test_a_window_has_length():
    at = t.beijing(date(2026, 3, 2), 450)
    with pytest.raises(ValueError, match="ends after"):
        Window(at, at)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 90)), max_size=12))
def test_merged_windows_hold_each_minute_once(spans):
    day = date(2026, 3, 2)
    windows = [Window(t.beijing(day, s), t.beijing(day, s + n)) for s, n in spans]
    out = t.merged(windows)
    assert all(a.ends_at < b.starts_at for a, b in zip(out, out[1:], strict=False))
    assert sum(w.minutes for w in out) == len({m for s, n in spans for m in range(s, s + n)})


def test_minutes_drop_the_seconds_of_both_ends():
    base = t.beijing(date(2026, 3, 2), 450)
    late, early = base + timedelta(seconds=59), base + timedelta(minutes=10, seconds=1)
    assert t.minutes_between(late, early) == 10
