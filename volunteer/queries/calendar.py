"""The city's calendar (日历): which days are worked, from the table that the office keeps."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from sqlalchemy import select

from volunteer.domain.terms import DayKind
from volunteer.domain.timekeeping import CalendarDay, WorkCalendar, seed_calendar
from volunteer.models import places
from volunteer.models.base import db

EARLIEST = 2020
"""The first year of the published calendar that is read when none is named."""


@lru_cache(maxsize=32)
def _published(year: int) -> tuple[CalendarDay, ...]:
    return seed_calendar(year)


@lru_cache(maxsize=1)
def _known_years() -> tuple[int, ...]:
    """Years from the earliest on that the State Council has published."""
    known = []
    year = EARLIEST
    while _published(year):
        known.append(year)
        year += 1
    return tuple(known)


def work_calendar(*, years: Iterable[int] | None = None) -> WorkCalendar:
    """The workday calendar: the office's table wins over the published one.

    ``years`` narrows the published part; by default all that is published is read. A year that neither
    knows is judged by the week alone; ``unpublished_years`` of the answer tells which, so that a page
    can say so.
    """
    asked = _known_years() if years is None else years
    seed = {day.on: day.kind for year in asked for day in _published(year)}
    return WorkCalendar(_entered(), seed)


def day_names(*, years: Iterable[int] | None = None) -> dict[date, str]:
    """What special days are called (国庆节、春节调休上班), by date."""
    asked = _known_years() if years is None else years
    names: dict[date, str] = {day.on: day.note for year in asked for day in _published(year)}
    rows = db.session.execute(select(places.CalendarDay.on_date, places.CalendarDay.name))
    names.update({on: name for on, name in rows if name})
    return names


def _entered() -> dict[date, DayKind]:
    rows = db.session.execute(select(places.CalendarDay.on_date, places.CalendarDay.kind))
    return {on: kind for on, kind in rows}
