from datetime import date, datetime, timedelta, timezone

import pytest

from volunteer.domain.refusal import Refused
from volunteer.domain.series import DayRule, Series, Slot, Terms, is_moved, require_sound
from volunteer.domain.terms import DayKind
from volunteer.domain.timekeeping import WorkCalendar, beijing, seed_calendar

CALENDAR = WorkCalendar({}, {day.on: day.kind for day in seed_calendar(2026)})
PEAKS = (Slot.of("07:30", "08:30"), Slot.of("17:30", "18:30"))


def a_series(**given):
    values = {
        "first_on": date(2026, 11, 23),
        "last_on": date(2026, 11, 29),
        "rule": DayRule.WORKDAYS,
        "slots": PEAKS,
        "point_ids": (1, 2),
    }
    return Series(**{**values, **given})


def terms(**given):
    return Terms(**{"min_heads": 2, "target_heads": 4, "max_heads": 6, **given})


def codes(faults):
    return [fault.code for fault in faults]


def test_workdays_follow_the_adjusted_calendar():
    # 2026-02-14 is a Saturday that is worked; 2026-02-16 to 23 are holidays
    series = a_series(first_on=date(2026, 2, 12), last_on=date(2026, 2, 24))
    assert series.dates(CALENDAR) == [date(2026, 2, d) for d in (12, 13, 14, 24)]


def test_restdays_are_weekends_and_holidays_but_no_worked_saturday():
    series = a_series(rule=DayRule.RESTDAYS, first_on=date(2026, 2, 13), last_on=date(2026, 2, 17))
    assert series.dates(CALENDAR) == [date(2026, 2, d) for d in (15, 16, 17)]


def test_chosen_weekdays_leave_out_holidays_unless_told_otherwise():
    chosen = {
        "rule": DayRule.WEEKDAYS,
        "weekdays": frozenset({0}),
        "first_on": date(2026, 2, 9),
        "last_on": date(2026, 2, 28),
    }
    assert a_series(**chosen).dates(CALENDAR) == [date(2026, 2, 9)]
    both = a_series(**chosen, skips_holidays=False).dates(CALENDAR)
    assert both == [date(2026, 2, d) for d in (9, 16, 23)]


def test_a_year_not_yet_published_is_judged_by_the_week():
    calendar = WorkCalendar({}, {})
    series = a_series(first_on=date(2027, 10, 1), last_on=date(2027, 10, 3))
    assert series.dates(calendar) == [date(2027, 10, 1)]


def test_an_entered_day_wins():
    calendar = WorkCalendar({date(2026, 11, 25): DayKind.HOLIDAY}, {})
    assert date(2026, 11, 25) not in a_series().dates(calendar)


def test_single_days_are_left_out():
    left = a_series(except_on=frozenset({date(2026, 11, 24)}))
    assert date(2026, 11, 24) not in left.dates(CALENDAR)
    assert len(left.dates(CALENDAR)) == 4


def test_the_layout_is_days_by_slots_by_points_by_corners():
    series = a_series(corners=("东北角", "西南角"))
    laid = list(series.laid_out(CALENDAR))
    assert len(laid) == series.count(CALENDAR) == 5 * 2 * 2 * 2
    assert len(set(laid)) == len(laid)
    assert laid[0] == (date(2026, 11, 23), PEAKS[0], 1, "东北角")


def test_a_slot_past_midnight_ends_on_the_next_day():
    slot = Slot.of("22:00", "01:00")
    start, end = slot.on(date(2026, 11, 23))
    assert slot.minutes == 180
    assert slot.words == "22:00—次日 01:00"
    assert start == beijing(date(2026, 11, 23), 22 * 60)
    assert end - start == timedelta(hours=3)


def test_breaks_by_the_clock_become_minutes_of_each_slot():
    day = Slot.of("07:30", "18:00")
    series = a_series(slots=(day,), pauses=(Slot.of("12:30", "14:30"),))
    assert series.breaks_of(day) == ((300, 420),)
    assert codes(series.faults()) == []
    assert codes(a_series(pauses=(Slot.of("12:30", "14:30"),)).faults()) == ["pause_outside"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"last_on": date(2026, 11, 22)}, "dates_reversed"),
        ({"last_on": date(2027, 11, 24)}, "too_long"),
        ({"rule": DayRule.WEEKDAYS}, "no_weekday"),
        ({"slots": ()}, "no_slot"),
        ({"point_ids": ()}, "no_point"),
        ({"slots": (Slot.of("07:30", "07:35"),)}, "odd_length"),
        ({"slots": (Slot.of("07:30", "08:30"), Slot.of("08:00", "09:00"))}, "slots_overlap"),
    ],
)
def test_faults_of_a_series(given, code):
    assert code in codes(a_series(**given).faults())


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"min_heads": 5}, "heads_order"),
        ({"min_heads": 0, "target_heads": 0, "max_heads": 0}, "heads_range"),
        ({"min_age": 66}, "ages"),
        ({"priority": 4}, "priority"),
        ({"reach_metres": 10}, "reach"),
        ({"quotas": {1: 4, 2: 3}}, "quota_total"),
        ({"quotas": {1: 0}}, "count_positive"),
        ({"skill_mix": {1: 7}}, "mix_total"),
        ({"breaks": ((30, 20),)}, "breaks"),
        ({"breaks": ((10, 60),)}, "breaks_outside"),
    ],
)
def test_faults_of_terms(given, code):
    assert code in codes(terms(**given).faults([60]))


def test_sound_terms_pass_and_all_faults_come_at_once():
    require_sound(terms(breaks=((20, 30),)).faults([60]))
    with pytest.raises(Refused) as no:
        require_sound(terms(min_heads=9, min_age=80, priority=0).faults([60]))
    assert no.value.status == 422
    assert codes(no.value.details) == ["heads_order", "ages", "priority"]


@pytest.mark.parametrize(
    ("start", "end", "point", "moved"),
    [(0, 0, 1, False), (15, 15, 1, False), (16, 16, 1, True), (0, 16, 1, True), (0, 0, 2, True)],
)
def test_people_are_asked_anew_beyond_a_quarter_of_an_hour_or_at_another_point(
    start, end, point, moved
):
    east = timezone(timedelta(hours=8))
    first, last = (
        datetime(2026, 11, 23, 7, 30, tzinfo=east),
        datetime(2026, 11, 23, 8, 30, tzinfo=east),
    )
    after = (first + timedelta(minutes=start), last + timedelta(minutes=end), point)
    assert is_moved((first, last, 1), after) is moved
