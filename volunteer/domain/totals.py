"""Kept totals (汇总): which figures of the ledger are kept ready, and how one person's day counts in them.

Every figure is kept in four views (:data:`VIEWS`), because a city may count training as service and a standing
may ask for proven minutes alone. Nothing here is a source: the ledger alone is, and each total can be counted
anew from it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from volunteer.domain.terms import Grade, Nature, Source

#: Sources that a scan on site proves (认证时长); the others are told apart.
PROVEN = frozenset({Source.QR, Source.QR_GEO, Source.KIOSK})

#: The views of a figure, by the suffix of its column: (training counts, proven minutes only).
VIEWS = {
    "": (False, False),
    "_training": (True, False),
    "_proven": (False, True),
    "_proven_training": (True, True),
}

Four = tuple[int, int, int, int]
NOTHING: Four = (0, 0, 0, 0)


def view_of(*, training_counts: bool, proven_only: bool) -> str:
    """Return the suffix of the columns that answer a question asked in this way."""
    return ("_proven" if proven_only else "") + ("_training" if training_counts else "")


class Span(StrEnum):
    """How long a kept total reaches."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Owner(StrEnum):
    """Whose total it is; the city's has number 0."""

    CITY = "city"
    UNIT = "unit"
    DISTRICT = "district"
    KIND = "kind"
    GRADE = "grade"


#: Grades have no table of their own; these are the numbers under which their totals stand.
GRADE_NUMBERS = {grade: number for number, grade in enumerate(Grade, 1)}

#: Owners whose visits and people are counted; a grade has minutes only.
COUNTED = (Owner.CITY, Owner.UNIT, Owner.DISTRICT, Owner.KIND)


def start_of(span: Span, on: date) -> date:
    """Return the first day of the span in which a day lies."""
    if span is Span.DAY:
        return on
    if span is Span.MONTH:
        return on.replace(day=1)
    if span is Span.QUARTER:
        return date(on.year, 3 * ((on.month - 1) // 3) + 1, 1)
    return date(on.year, 1, 1)


def end_of(span: Span, start: date) -> date:
    """Return the last day of the span that starts on a day."""
    if span is Span.DAY:
        return start
    months = {Span.MONTH: 1, Span.QUARTER: 3, Span.YEAR: 12}[span]
    later = start.month - 1 + months
    return date(start.year + later // 12, later % 12 + 1, 1) - timedelta(days=1)


def span_that_starts(first: date, last: date) -> tuple[Span, date] | None:
    """Return the shortest span of a month or more that starts on ``first`` and covers ``last``, and its end."""
    for span in (Span.MONTH, Span.QUARTER, Span.YEAR):
        if start_of(span, first) == first and last <= end_of(span, first):
            return span, end_of(span, first)
    return None


def whole_months(first: date | None, last: date | None) -> tuple[date | None, date | None]:
    """Return the first days of the first and last calendar month that lie whole within two days.

    None stays open. The last may lie before the first: then no month is whole.
    """
    begin, end = first, last
    if begin is not None and begin.day != 1:
        begin = end_of(Span.MONTH, begin.replace(day=1)) + timedelta(days=1)
    if end is not None:
        month = end.replace(day=1)
        end = (
            month
            if end == end_of(Span.MONTH, month)
            else (month - timedelta(days=1)).replace(day=1)
        )
    return begin, end


@dataclass(frozen=True, slots=True)
class Line:
    """What a total must know of an entry."""

    volunteer_id: int
    service_on: date
    unit_id: int
    district_id: int
    kind_id: int
    nature: Nature
    source: Source
    minutes: int

    @property
    def minutes_by_view(self) -> Four:
        """The minutes as each view counts them; office duty counts in none."""
        if self.nature is Nature.DUTY:
            return NOTHING
        plain = self.minutes if self.nature is Nature.VOLUNTEER else 0
        if self.source in PROVEN:
            return plain, self.minutes, plain, self.minutes
        return plain, self.minutes, 0, 0

    @property
    def cell(self) -> tuple[int, int, int]:
        """Unit, district and kind."""
        return self.unit_id, self.district_id, self.kind_id


def owners_of(cell: tuple[int, int, int]) -> tuple[tuple[Owner, int], ...]:
    """Return whose visits and people a cell counts for."""
    return (
        (Owner.CITY, 0),
        (Owner.UNIT, cell[0]),
        (Owner.DISTRICT, cell[1]),
        (Owner.KIND, cell[2]),
    )


def plus(one: Iterable[int], other: Iterable[int]) -> Four:
    """Add two figures view by view."""
    a, b, c, d = (x + y for x, y in zip(one, other, strict=True))
    return a, b, c, d


def turned(before: Iterable[int], after: Iterable[int]) -> Four:
    """Return +1 for each view in which something now counts, -1 where nothing does any more."""
    a, b, c, d = ((y > 0) - (x > 0) for x, y in zip(before, after, strict=True))
    return a, b, c, d
