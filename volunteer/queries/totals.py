"""Kept totals (汇总), read: sums of a month, quarter or year that cost the same however long the ledger is."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from volunteer.domain.totals import GRADE_NUMBERS, Owner, Span, span_that_starts, view_of
from volunteer.models.activities import ActivityKind
from volunteer.models.base import db
from volunteer.models.ledger import OwnerTotal
from volunteer.models.people import Unit
from volunteer.models.places import District

_NAMED: dict[str, Any] = {"unit": Unit.id, "district": District.id, "kind": ActivityKind.id}
"""Who the owners are: naming them leads every look-up through the primary key."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The totals of one span in one view; both are given by :func:`kept_totals`."""

    span: Span
    first: date
    last: date
    view: str
    proven: str

    def _column(self, figure: str, table: Any = OwnerTotal) -> Any:
        return getattr(table, f"{figure}{self.view}")

    def sums(self, owner: str) -> dict[int, Any]:
        """Of each owner with any visit: number, minutes, visits, people, first day of service."""
        day = aliased(OwnerTotal)
        first_day = (
            select(day.starts_on)
            .where(
                day.owner == OwnerTotal.owner,
                day.owner_id == OwnerTotal.owner_id,
                day.span == Span.DAY.value,
                day.starts_on.between(self.first, self.last),
                self._column("visits", day) > 0,
            )
            .order_by(day.starts_on)
            .limit(1)
            .correlate(OwnerTotal)
            .scalar_subquery()
        )
        rows = db.session.execute(
            select(
                OwnerTotal.owner_id,
                *(self._column(figure) for figure in ("minutes", "visits", "people")),
                first_day,
            ).where(
                OwnerTotal.owner == owner,
                OwnerTotal.owner_id.in_(select(_NAMED[owner])),
                OwnerTotal.span == self.span.value,
                OwnerTotal.starts_on == self.first,
                self._column("visits") > 0,
            )
        )
        return {row[0]: row for row in rows}

    def visits(self, owner: str) -> int:
        """The visits of all owners of a kind: who serves two of them on a day visits each."""
        if owner not in _NAMED:
            return int(self._city_visits() or 0)
        found = db.session.scalar(
            select(func.sum(self._column("visits"))).where(
                OwnerTotal.owner == owner,
                OwnerTotal.owner_id.in_(select(_NAMED[owner])),
                OwnerTotal.span == self.span.value,
                OwnerTotal.starts_on == self.first,
            )
        )
        return int(found or 0)

    def _city_visits(self) -> int | None:
        found: int | None = db.session.scalar(
            select(self._column("visits")).where(
                OwnerTotal.owner == Owner.CITY.value,
                OwnerTotal.owner_id == 0,
                OwnerTotal.span == self.span.value,
                OwnerTotal.starts_on == self.first,
            )
        )
        return found

    def whole(self) -> dict[str, Any]:
        """The city's minutes, proven minutes, people, and minutes by grade."""
        rows = db.session.execute(
            select(
                OwnerTotal.owner,
                OwnerTotal.owner_id,
                self._column("minutes"),
                getattr(OwnerTotal, f"minutes{self.proven}"),
                self._column("people"),
            ).where(
                OwnerTotal.owner.in_([Owner.CITY.value, Owner.GRADE.value]),
                OwnerTotal.owner_id.in_([0, *GRADE_NUMBERS.values()]),
                OwnerTotal.span == self.span.value,
                OwnerTotal.starts_on == self.first,
            )
        ).all()
        city = next((row for row in rows if row[0] == Owner.CITY.value), (None, 0, 0, 0, 0))
        grades = {row[1]: row[2] for row in rows if row[0] == Owner.GRADE.value and row[2]}
        return {
            "minutes": city[2],
            "verified_minutes": city[3],
            "people": city[4],
            "by_grade": {
                grade: grades[number]
                for grade, number in sorted(GRADE_NUMBERS.items())
                if number in grades
            },
        }

    def months(self) -> list[tuple[str, int, int]]:
        """The city's minutes and proven minutes of each month with any: ("2026-11", minutes, proven)."""
        rows = db.session.execute(
            select(
                OwnerTotal.starts_on,
                self._column("minutes"),
                getattr(OwnerTotal, f"minutes{self.proven}"),
            )
            .where(
                OwnerTotal.owner == Owner.CITY.value,
                OwnerTotal.owner_id == 0,
                OwnerTotal.span == Span.MONTH.value,
                OwnerTotal.starts_on.between(self.first, self.last),
                self._column("minutes") > 0,
            )
            .order_by(OwnerTotal.starts_on)
        )
        return [(f"{row[0]:%Y-%m}", row[1], row[2]) for row in rows]


def kept_totals(
    first: date, last: date, *, training_counts: bool, proven_only: bool
) -> Kept | None:
    """The totals from the first to the last day, or None where they are not kept for just these days.

    A span that is not over counts as whole when nothing was served in it after the last day.
    """
    found = span_that_starts(first, last)
    if found is None:
        return None
    span, end = found
    if last < end and db.session.scalar(
        select(
            exists().where(
                OwnerTotal.owner == Owner.CITY.value,
                OwnerTotal.owner_id == 0,
                OwnerTotal.span == Span.DAY.value,
                OwnerTotal.starts_on > last,
                OwnerTotal.starts_on <= end,
            )
        )
    ):
        return None
    return Kept(
        span,
        first,
        last,
        view_of(training_counts=training_counts, proven_only=proven_only),
        view_of(training_counts=training_counts, proven_only=True),
    )
