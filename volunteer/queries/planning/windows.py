"""Windows (时段): stretches of minutes joined, cut, and read from what a person said."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from volunteer.domain.terms import AvailabilityLevel
from volunteer.scheduling.problem import DAY

Span = tuple[int, int]
Weekly = tuple[int, int, int, AvailabilityLevel]  # weekday, start, end, level
Dated = tuple[date, int, int, AvailabilityLevel]

UNSAID = (7 * 60, 21 * 60)
"""When a person who stated no weekly windows is asked to serve. Everybody may still decline."""

DAYS = 8
"""Days read: the seven of the week, and the next for shifts that run past its last midnight."""


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the union, sorted; windows that touch become one."""
    made: list[Span] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return made


def cut(spans: Iterable[Span], cuts: Iterable[Span]) -> list[Span]:
    """Return what is left of the spans outside the cuts."""
    left = joined(spans)
    for opens, closes in joined(cuts):
        rest: list[Span] = []
        for start, end in left:
            if end <= opens or closes <= start:
                rest.append((start, end))
                continue
            if start < opens:
                rest.append((start, opens))
            if closes < end:
                rest.append((closes, end))
        left = rest
    return left


def overlaps(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether any of the sorted, joined spans shares a minute with ``[start, end)``."""
    at = bisect_left(spans, (end, end))
    return at > 0 and spans[at - 1][1] > start


def covers(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether one of the sorted, joined spans holds all of ``[start, end)``."""
    at = bisect_right(spans, (start, DAYS * DAY * 2))
    return at > 0 and spans[at - 1][1] >= end


@dataclass(frozen=True, slots=True, eq=False)
class Free:
    """When a person may be asked: ``can`` (joined), ``rather_not`` inside it, ``cannot``."""

    can: tuple[Span, ...] = ()
    rather_not: tuple[Span, ...] = ()
    cannot: tuple[Span, ...] = ()


def free_times(weekly: Sequence[Weekly], dated: Sequence[Dated], week_on: date) -> Free:
    """Read a person's weekly windows and exceptions as minutes of the week.

    "Rather not" is available, at a price. "Cannot" is never available, wherever it was said. On a date
    with exceptions that say "can" or "rather not", these replace the weekly windows; exceptions that
    only say "cannot" take away from them. Who stated no weekly window is free at ``UNSAID``.
    """
    can: list[Span] = []
    rather: list[Span] = []
    cannot: list[Span] = []
    sink = {
        AvailabilityLevel.CAN: can,
        AvailabilityLevel.RATHER_NOT: rather,
        AvailabilityLevel.CANNOT: cannot,
    }
    for day in range(DAYS):
        on, base = week_on + timedelta(days=day), day * DAY
        special = [entry for entry in dated if entry[0] == on]
        replaced = any(level is not AvailabilityLevel.CANNOT for *_, level in special)
        for _, start, end, level in special:
            sink[level].append((base + start, base + end))
        if replaced:
            continue
        if not weekly:
            can.append((base + UNSAID[0], base + UNSAID[1]))
        for weekday, start, end, level in weekly:
            if weekday == day % 7:
                sink[level].append((base + start, base + end))
    no = joined(cannot)
    return Free(tuple(cut(can + rather, no)), tuple(cut(rather, no)), tuple(no))
