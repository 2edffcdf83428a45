"""The city's calendar (日历): which days are worked, from the table that the office keeps."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from sqlalchemy import select

from volunteer.domain.terms import DayKind
from volunteer.domain.timekeeping import CalendarDay, WorkCalendar, seed_calendar
from volunteer.models import places
from volunteer.models.base import db


@lru_cache(maxsize=8)
def _published(year: int) -> tuple[CalendarDay, ...]:
    return seed_calendar(year)


def work_calendar(*, years: Iterable[int] = ()) -> WorkCalendar:
    """The workday calendar: the office's table wins over the published one of the years asked for.

    A year that neither knows is judged by the week alone; ``unpublished_years`` of the answer tells
    which, so that a page can say so.
    """
    seed = {day.on: day.kind for year in years for day in _published(year)}
    return WorkCalendar(_entered(), seed)


def day_names(*, years: Iterable[int] = ()) -> dict[date, str]:
    """What special days are called (国庆节、春节调休上班), by date."""
    names: dict[date, str] = {
        day.on: day.note for year in years for day in _published(year) if day.note
    }
    rows = db.session.execute(select(places.CalendarDay.on_date, places.CalendarDay.name))
    names.update({on: name for on, name in rows if name})
    return names


def _entered() -> dict[date, DayKind]:
    rows = db.session.execute(select(places.CalendarDay.on_date, places.CalendarDay.kind))
    return {on: kind for on, kind in rows}
