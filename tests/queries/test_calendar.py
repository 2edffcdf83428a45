from datetime import date

from flask import Flask

from volunteer.domain.terms import DayKind
from volunteer.models.base import db
from volunteer.models.places import CalendarDay
from volunteer.queries.calendar import day_names, work_calendar


def test_the_published_calendar_knows_adjusted_days_and_the_table_wins(app: Flask) -> None:
    assert work_calendar(years=[2026]).is_workday(date(2026, 2, 14))
    db.session.add(CalendarDay(on_date=date(2026, 2, 14), kind=DayKind.HOLIDAY, name="停工"))
    db.session.flush()
    assert not work_calendar(years=[2026]).is_workday(date(2026, 2, 14))
    assert day_names(years=[2026])[date(2026, 2, 14)] == "停工"


def test_a_year_not_published_falls_back_on_the_week_and_says_so(app: Flask) -> None:
    calendar = work_calendar(years=[2026, 2031])
    assert calendar.is_workday(date(2031, 10, 1))
    assert calendar.unpublished_years(date(2026, 12, 1), date(2031, 1, 1)) == [
        2027,
        2028,
        2029,
        2030,
        2031,
    ]


def test_all_that_is_published_is_known_when_no_year_is_named(app: Flask) -> None:
    calendar = work_calendar()
    assert calendar.is_published(2026)
    assert not calendar.is_workday(date(2026, 10, 1))
    assert calendar.is_workday(date(2026, 10, 10))
    assert day_names()[date(2026, 10, 1)]
