"""The week of a person (可服务时间): parts of the day to tap, kept as exact windows underneath.

A week is a set of windows; what lies in none of them is "cannot". Painting a part of a day changes that
part alone, so that hours typed more finely elsewhere stay as they are.
"""

from collections.abc import Iterable
from typing import NamedTuple

from volunteer.domain.terms import AvailabilityLevel
from volunteer.domain.words import N_


class DayPart(NamedTuple):
    """A part of the day: its code, its word, and its minutes, half open."""

    code: str
    label: str
    start: int
    end: int


#: Cut after the duty rosters of cities like this one: peaks, morning, noon, afternoon, evening.
PARTS: tuple[DayPart, ...] = (
    DayPart("early", N_("早高峰"), 390, 540),
    DayPart("morning", N_("上午"), 540, 720),
    DayPart("noon", N_("中午"), 720, 840),
    DayPart("afternoon", N_("下午"), 840, 1020),
    DayPart("late", N_("晚高峰"), 1020, 1140),
    DayPart("evening", N_("晚上"), 1140, 1320),
)
PART_BY_CODE = {part.code: part for part in PARTS}


class FreeWindow(NamedTuple):
    """A stretch of one weekday (0 is Monday) in minutes, half open, and how free the person is in it."""

    weekday: int
    start: int
    end: int
    level: AvailabilityLevel


def tidy(windows: Iterable[FreeWindow]) -> list[FreeWindow]:
    """Return windows in order, neighbours of one level joined, "cannot" left out.

    Where two overlap, the later of the given ones holds.
    """
    result: list[FreeWindow] = []
    for window in windows:
        result = [*_without(result, window.weekday, window.start, window.end), window]
    joined: list[FreeWindow] = []
    for window in sorted(w for w in result if w.level is not AvailabilityLevel.CANNOT):
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.weekday == window.weekday
            and last.end == window.start
            and last.level is window.level
        ):
            joined[-1] = last._replace(end=window.end)
        else:
            joined.append(window)
    return joined


def _without(windows: Iterable[FreeWindow], weekday: int, start: int, end: int) -> list[FreeWindow]:
    kept: list[FreeWindow] = []
    for window in windows:
        if window.weekday != weekday or window.end <= start or window.start >= end:
            kept.append(window)
            continue
        if window.start < start:
            kept.append(window._replace(end=start))
        if window.end > end:
            kept.append(window._replace(start=end))
    return kept


def paint(
    windows: Iterable[FreeWindow], weekday: int, part: DayPart, level: AvailabilityLevel
) -> list[FreeWindow]:
    """Return the week with one part of one day set to a level; all else stays to the minute."""
    return tidy([*windows, FreeWindow(weekday, part.start, part.end, level)])


def copy_day(
    windows: Iterable[FreeWindow], source: int, targets: Iterable[int]
) -> list[FreeWindow]:
    """Return the week with the windows of one weekday copied onto others."""
    given = list(windows)
    onto = set(targets) - {source}
    kept = [window for window in given if window.weekday not in onto]
    kept += [w._replace(weekday=day) for w in given if w.weekday == source for day in sorted(onto)]
    return tidy(kept)


class Shade(NamedTuple):
    """How a part of a day looks: the level that holds for most of it, and whether it holds throughout."""

    level: AvailabilityLevel
    is_whole: bool


def shade(windows: Iterable[FreeWindow], weekday: int, part: DayPart) -> Shade:
    """Return what to show for a part: the level of at least half of it, else "cannot"."""
    minutes = dict.fromkeys((AvailabilityLevel.CAN, AvailabilityLevel.RATHER_NOT), 0)
    for window in windows:
        if window.weekday == weekday and window.level in minutes:
            minutes[window.level] += max(
                0, min(window.end, part.end) - max(window.start, part.start)
            )
    length = part.end - part.start
    covered = sum(minutes.values())
    if 2 * covered < length:
        return Shade(AvailabilityLevel.CANNOT, covered == 0)
    level = max(minutes, key=lambda known: minutes[known])
    return Shade(level, minutes[level] == length)


def grid(windows: Iterable[FreeWindow]) -> dict[tuple[int, str], Shade]:
    """Return the whole week as shades by (weekday, part code)."""
    given = list(windows)
    return {(day, part.code): shade(given, day, part) for day in range(7) for part in PARTS}
