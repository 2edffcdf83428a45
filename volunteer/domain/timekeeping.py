"""Time (时间): instants in UTC, dates and minutes in Beijing, and the Chinese workday calendar.

``now`` is the only clock of the product and is called at the edges alone; everything below
takes the instant as a parameter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

from volunteer.domain.terms import DayKind
from volunteer.domain.words import N_

BEIJING = ZoneInfo("Asia/Shanghai")
DAY_MINUTES = 1440
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))

HOLIDAYS = {
    N_("元旦"): N_("元旦调休上班"),
    N_("春节"): N_("春节调休上班"),
    N_("清明"): N_("清明调休上班"),
    N_("劳动节"): N_("劳动节调休上班"),
    N_("端午"): N_("端午调休上班"),
    N_("中秋"): N_("中秋调休上班"),
    N_("国庆节"): N_("国庆节调休上班"),
}
"""The statutory holidays by name, and what the days worked instead are called."""

#: Statutory holidays in a year, 《全国年节及纪念日放假办法》（2024年修订）第二条.
STATUTORY_HOLIDAYS = 13


def now() -> datetime:
    """Return the present instant in UTC. Only edges call this."""
    return datetime.now(UTC)  # noqa: TID251 - the one clock that all edges share


def local(at: datetime) -> datetime:
    """Return the same instant on a Beijing clock; a naive one is a programming error."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(BEIJING)


def local_date(at: datetime) -> date:
    """Return the Beijing date of an instant."""
    return local(at).date()


def day_minutes(at: datetime) -> int:
    """Return the whole minutes since Beijing midnight of an instant."""
    clock = local(at)
    return clock.hour * 60 + clock.minute


def beijing(on: date, minutes: int = 0) -> datetime:
    """Return the UTC instant ``minutes`` after Beijing midnight of a date; 1440 and more run on."""
    midnight = datetime.combine(on, time(), tzinfo=BEIJING).astimezone(UTC)
    return midnight + timedelta(minutes=minutes)


def minutes_of(clock: str) -> int:
    """Return the minutes since midnight of ``HH:MM``; 24:00 is the end of the day.

    Raises
    ------
    ValueError
        When it is not a time of day.
    """
    hours, colon, minutes = clock.strip().replace("：", ":").partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and len(minutes) == 2):
        raise ValueError(f"not a time of day: {clock!r}")
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > DAY_MINUTES:
        raise ValueError(f"not a time of day: {clock!r}")
    return total


def clock_of(minutes: int) -> str:
    """Return ``HH:MM`` of minutes since midnight; minutes of the next day begin again at 00:00."""
    if minutes == DAY_MINUTES:
        return "24:00"
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def clock_at(at: datetime) -> str:
    """Return the Beijing ``HH:MM`` of an instant."""
    return clock_of(day_minutes(at))


def day_words(on: date) -> str:
    """A day as messages name it: 11月23日."""
    return f"{on.month}月{on.day}日"


def whole_minute(at: datetime) -> datetime:
    """Drop the seconds: stamps count to the minute that a person sees."""
    return at.replace(second=0, microsecond=0)


def minutes_between(earlier: datetime, later: datetime) -> int:
    """Return whole minutes from one instant to another, seconds of both dropped; may be negative."""
    return int((whole_minute(later) - whole_minute(earlier)).total_seconds()) // 60


def week_of(on: date) -> date:
    """Return the Monday of the week a date lies in."""
    return on - timedelta(days=on.weekday())


def days_from(first: date, count: int) -> Iterator[date]:
    """Yield ``count`` dates from the first on."""
    for offset in range(count):
        yield first + timedelta(days=offset)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open stretch of time ``[starts_at, ends_at)`` between two aware instants."""

    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("a window needs time zones")
        if self.ends_at <= self.starts_at:
            raise ValueError("a window ends after it starts")

    @classmethod
    def of(cls, on: date, start: str, end: str) -> "Window":
        """Return the window of a Beijing date and two clock times; an end before the start is the next day."""
        first, last = minutes_of(start), minutes_of(end)
        if last <= first:
            last += DAY_MINUTES
        return cls(beijing(on, first), beijing(on, last))

    @property
    def minutes(self) -> int:
        """Length in whole minutes."""
        return minutes_between(self.starts_at, self.ends_at)

    @property
    def service_on(self) -> date:
        """The date this belongs to: the Beijing day on which it starts."""
        return local_date(self.starts_at)

    def contains(self, at: datetime) -> bool:
        """Whether an instant lies inside; the end does not."""
        return self.starts_at <= at < self.ends_at

    def overlaps(self, other: "Window") -> bool:
        """Whether the two share any time; touching ends do not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def shared(self, other: "Window") -> "Window | None":
        """Return what both have in common, or nothing."""
        start, end = max(self.starts_at, other.starts_at), min(self.ends_at, other.ends_at)
        return Window(start, end) if start < end else None

    def widened(self, *, before: int = 0, after: int = 0) -> "Window":
        """Return the window with minutes added at either end."""
        return Window(
            self.starts_at - timedelta(minutes=before), self.ends_at + timedelta(minutes=after)
        )


def merged(windows: Iterable[Window]) -> list[Window]:
    """Return the windows as disjoint ones in order: no minute is counted twice."""
    out: list[Window] = []
    for window in sorted(windows):
        if out and window.starts_at <= out[-1].ends_at:
            out[-1] = Window(out[-1].starts_at, max(out[-1].ends_at, window.ends_at))
        else:
            out.append(window)
    return out


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One date that differs from the rule of the week: a holiday, or a weekend worked (调休)."""

    on: date
    kind: DayKind
    note: str


def _weekday_kind(on: date) -> DayKind:
    return DayKind.WORKDAY if on.weekday() < 5 else DayKind.HOLIDAY


def seed_calendar(year: int) -> tuple[CalendarDay, ...]:
    """Return the dates of a year that the State Council set apart; empty when none is published yet.

    Holidays that fall on a weekend are listed too, for their name. The next year's notice comes
    in November; until then the year is unknown and the caller falls back on the week.
    """
    days: list[CalendarDay] = []
    on = date(year, 1, 1)
    while on.year == year:
        try:
            is_off, name = chinese_calendar.get_holiday_detail(on)
        except NotImplementedError:
            return ()
        if name is not None:
            kind = DayKind.HOLIDAY if is_off else DayKind.WORKDAY
            chinese = chinese_calendar.Holiday(name).chinese
            note = chinese if is_off else HOLIDAYS.get(chinese, chinese)
            days.append(CalendarDay(on, kind, note))
        on += timedelta(days=1)
    return tuple(days)


class WorkCalendar:
    """Which days are worked (工作日), from the office's own corrections over a published seed.

    Parameters
    ----------
    overrides
        Days that the city office entered; they win.
    seed
        Days of the published calendar. A year without any counts as not yet published and is
        judged by the week alone; ``is_published`` tells, so that a page can warn.
    """

    def __init__(
        self, overrides: Mapping[date, DayKind], seed: Mapping[date, DayKind] | None = None
    ) -> None:
        self._days: dict[date, DayKind] = {**(seed or {}), **overrides}
        known = {on.year for on in seed or {}}
        entered: dict[int, int] = {}
        for on, kind in overrides.items():
            if kind is DayKind.HOLIDAY:
                entered[on.year] = entered.get(on.year, 0) + 1
        self._published = known | {y for y, n in entered.items() if n >= STATUTORY_HOLIDAYS}

    def kind_of(self, on: date) -> DayKind:
        """Return what kind of day this is."""
        return self._days.get(on) or _weekday_kind(on)

    def is_workday(self, on: date) -> bool:
        """Whether the day is worked; never fails, whatever the year."""
        return self.kind_of(on) is DayKind.WORKDAY

    def is_published(self, year: int) -> bool:
        """Whether the year's holidays are known, or the answers only follow the week."""
        return year in self._published

    def unpublished_years(self, first: date, last: date) -> list[int]:
        """Years between two dates for which a page should warn."""
        return [y for y in range(first.year, last.year + 1) if not self.is_published(y)]

    def workdays(self, first: date, last: date) -> list[date]:
        """Worked days from the first to the last date, both included."""
        return [d for d in days_from(first, (last - first).days + 1) if self.is_workday(d)]

    def add_workdays(self, on: date, count: int) -> date:
        """Return the date ``count`` working days after ``on``, which itself is not counted.

        A negative count goes back. Ten working days after an activity ended its record is due,
        《志愿服务记录与证明出具办法（试行）》第十一条.
        """
        step = timedelta(days=1 if count >= 0 else -1)
        left = abs(count)
        while left:
            on += step
            left -= self.is_workday(on)
        return on


def workdays_left(calendar: WorkCalendar, today: date, due_on: date) -> int:
    """Return the working days from today to the due day: 0 on the day itself, negative when overdue."""
    first, last = sorted((today, due_on))
    days = len(calendar.workdays(first + timedelta(days=1), last))
    if due_on < today:
        return -max(1, days)
    return days
