"""One place at a time, the way between two places, and rest between two days.

Travel is ``overhead_minutes + ceil(distance / metres_per_minute)``, exact, and 0 on the same site.
The rest of ``rest_minutes`` between duties that start on different days is the office's own rule
(an evening patrol is not followed by the morning crossing).
"""

import numpy as np

from volunteer.scheduling.book import Book
from volunteer.scheduling.columns import Bools, Columns, Ints, ceil_root
from volunteer.scheduling.problem import Duty
from volunteer.scheduling.rule import Finding, PairRule


def _ordered(duty: Duty, other: Duty) -> tuple[Duty, Duty]:
    if (other.start, other.end) < (duty.start, duty.end):
        return other, duty
    return duty, other


def _gaps(columns: Columns, one: Ints, other: Ints) -> Ints:
    """Minutes between the end of the earlier and the start of the later of two duties, row by row."""
    start, end = columns.start, columns.end
    later = (start[other] > start[one]) | ((start[other] == start[one]) & (end[other] >= end[one]))
    gaps: Ints = np.where(later, start[other] - end[one], start[one] - end[other])
    return gaps


class OnePlace(PairRule):
    """Two duties of one person never overlap, and between two sites lies the way from one to the other."""

    code = "one_place"

    def clash(self, columns: Columns, one: Ints, other: Ints) -> Bools:
        """Compare the gaps with the travel minutes from site to site."""
        travel = columns.problem.travel
        east = columns.place_x[other] - columns.place_x[one]
        north = columns.place_y[other] - columns.place_y[one]
        root = ceil_root(east * east + north * north)
        need = -(-root // travel.metres_per_minute) + travel.overhead_minutes
        need[columns.site[other] == columns.site[one]] = 0
        clash: Bools = (_gaps(columns, one, other) < need) & (one != other)
        return clash

    def reach(self, columns: Columns) -> int:
        """Return the minutes of a way across the whole map."""
        east, north = np.ptp(columns.place_x), np.ptp(columns.place_y)
        pace = columns.problem.travel.metres_per_minute
        return int(east + north) // pace + 1 + columns.problem.travel.overhead_minutes

    def between(self, book: Book, who: str, duty: Duty, other: Duty) -> Finding | None:
        """Name the gap and the minutes of the way; a negative gap is an overlap."""
        first, second = _ordered(duty, other)
        gap, need = second.start - first.end, book.travel_minutes(first.site, second.site)
        if gap >= need:
            return None
        return self._finding((who,), (duty.id, other.id), gap=gap, need=need)


class Rest(PairRule):
    """Between two duties that start on different days lie at least ``rest_minutes``."""

    code = "rest"

    def clash(self, columns: Columns, one: Ints, other: Ints) -> Bools:
        """Compare the gaps with the rest, for duties of different days."""
        other_day = columns.day[other] != columns.day[one]
        clash: Bools = other_day & (_gaps(columns, one, other) < columns.problem.rest_minutes)
        return clash

    def reach(self, columns: Columns) -> int:
        """Return the rest that is due."""
        return columns.problem.rest_minutes

    def between(self, book: Book, who: str, duty: Duty, other: Duty) -> Finding | None:
        """Name the gap and the rest that is due."""
        first, second = _ordered(duty, other)
        gap, need = second.start - first.end, book.problem.rest_minutes
        if first.day == second.day or gap >= need:
            return None
        return self._finding((who,), (duty.id, other.id), gap=gap, need=need)
