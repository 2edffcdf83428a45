"""Yearly targets (年度目标): how far somebody has come, and what the end of the year may bring.

The forecast goes on at the pace so far, counted in working days. Few services say little about the rest of
the year, so that a range is told and no single figure: services are counted as events, whose number varies by
about its square root. With fewer than four nothing is foretold.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from volunteer.domain.terms import Course

FEWEST_TIMES = 4
"""Services below which nothing is foretold."""
WORKDAYS_OF_WEEK = 5


@dataclass(frozen=True, slots=True)
class Outlook:
    """Minutes done, asked for and missing; ``low`` and ``high`` are what the year may end with, or nothing."""

    minutes: int
    target: int
    missing: int
    low: int | None
    high: int | None
    weekly: int | None
    course: Course

    @property
    def share(self) -> Fraction:
        """How much of the target is done, 0 to 1 and above; all of it where nothing is asked for."""
        return Fraction(self.minutes, self.target) if self.target else Fraction(1)


def owed(target: int, *, own_days: int, all_days: int) -> int:
    """The part of a year's target for who serves only part of the year's working days, in minutes.

    Days before joining and days of a pause (请假、公出、产假) do not count against anybody.
    """
    return target * own_days // all_days if all_days else target


def outlook(minutes: int, times: int, target: int, *, passed: int, left: int) -> Outlook:
    """Judge minutes of so many services against a target, ``passed`` and ``left`` in working days."""
    missing = max(0, target - minutes)
    weekly = -(-missing * WORKDAYS_OF_WEEK // left) if left and missing else None
    low = high = None
    if times >= FEWEST_TIMES and passed > 0:
        ahead = Fraction(minutes * left, passed)
        root = Fraction(isqrt(10_000 * times), 100)
        low = minutes + int(ahead * (1 - 1 / root))
        high = minutes + int(ahead * (1 + 1 / root))
    return Outlook(
        minutes, target, missing, low, high, weekly, _course(minutes, target, low, high, left)
    )


def _course(minutes: int, target: int, low: int | None, high: int | None, left: int) -> Course:
    if minutes >= target:
        return Course.MET
    if not left:
        return Course.MISSED
    if not minutes:
        return Course.NOT_BEGUN
    if low is None or high is None:
        return Course.UNSURE
    if low >= target:
        return Course.ON_COURSE
    return Course.CLOSE if high >= target else Course.BEHIND
