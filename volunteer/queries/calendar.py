"""The city's calendar (日历): which days are worked, from the table that the office keeps."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import select

from volunteer.domain.terms import DayKind
from volunteer.domain.timekeeping import CalendarDay, WorkCalendar, days_from, seed_calendar
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


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of the year's page. ``look`` is work, rest, holiday or adjusted; ``is_own`` was set by hand."""

    on: date
    kind: DayKind
    name: str
    look: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class YearPage:
    """A year as twelve months of weeks; a None fills the corners of a month."""

    year: int
    is_published: bool
    is_seeded: bool
    months: tuple[tuple[tuple[DayCell | None, ...], ...], ...]
    workdays: int
    holidays: int
    adjusted: int
    own: tuple[DayCell, ...]


def year_page(year: int) -> YearPage:
    """The calendar of a year: the office's table over the published one, else the week alone."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    rows = {
        row.on_date: row
        for row in db.session.scalars(
            select(places.CalendarDay).where(places.CalendarDay.on_date.between(first, last))
        )
    }
    published = {day.on: day for day in _published(year)}
    calendar = work_calendar(years=[year])
    cells: list[DayCell] = []
    for on in days_from(first, (last - first).days + 1):
        kind, row = calendar.kind_of(on), rows.get(on)
        name = row.name if row else published[on].note if on in published else ""
        cells.append(
            DayCell(on, kind, name, _look(on, kind, name), bool(row and row.source == "office"))
        )
    return YearPage(
        year=year,
        is_published=calendar.is_published(year),
        is_seeded=bool(published),
        months=tuple(_month([c for c in cells if c.on.month == month]) for month in range(1, 13)),
        workdays=sum(cell.kind is DayKind.WORKDAY for cell in cells),
        holidays=sum(cell.look == "holiday" for cell in cells),
        adjusted=sum(cell.look == "adjusted" for cell in cells),
        own=tuple(cell for cell in cells if cell.is_own),
    )


def _look(on: date, kind: DayKind, name: str) -> str:
    if kind is DayKind.WORKDAY:
        return "adjusted" if on.weekday() > 4 else "work"
    return "holiday" if name or on.weekday() < 5 else "rest"


def _month(cells: list[DayCell]) -> tuple[tuple[DayCell | None, ...], ...]:
    padded: list[DayCell | None] = [None] * cells[0].on.weekday() + list(cells)
    padded += [None] * (-len(padded) % 7)
    return tuple(tuple(padded[at : at + 7]) for at in range(0, len(padded), 7))


def entered_day(on: date) -> places.CalendarDay | None:
    """What the table says of a day, if anything."""
    return db.session.get(places.CalendarDay, on)


def published_day(on: date) -> CalendarDay | None:
    """What the published calendar says of a day, if anything."""
    return next((day for day in _published(on.year) if day.on == on), None)
