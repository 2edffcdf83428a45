"""Keeping totals (汇总): each posting moves them in the same transaction, under the same lock on the head."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from volunteer.domain.terms import EntryKind, Nature
from volunteer.domain.totals import (
    GRADE_NUMBERS,
    NOTHING,
    VIEWS,
    Four,
    Line,
    Owner,
    Span,
    end_of,
    owners_of,
    plus,
    start_of,
    turned,
)
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, OwnerTotal, PersonMonth

_ENTRIES = cast(Table, LedgerEntry.__table__)
_CELLS, _OWNERS = cast(Table, PersonMonth.__table__), cast(Table, OwnerTotal.__table__)
_PEOPLE_SPANS = (Span.MONTH, Span.QUARTER, Span.YEAR)
PART = 400

Cell = tuple[int, int, int]


class _Moves:
    """By how much each total moves; figures of a key are added up view by view."""

    def __init__(self) -> None:
        self.owners: dict[tuple[Any, ...], dict[str, Four]] = defaultdict(
            lambda: {"minutes": NOTHING, "visits": NOTHING, "people": NOTHING}
        )
        self.cells: dict[tuple[Any, ...], dict[str, Any]] = defaultdict(
            lambda: {"minutes": NOTHING, "visits": NOTHING, "times": (0, 0)}
        )

    def owner(self, owner: Owner, number: int, on: date, figure: str, by: Four) -> None:
        """Move a figure of an owner in every span in which the day lies."""
        for span in Span:
            kept = self.owners[owner.value, number, span.value, start_of(span, on)]
            kept[figure] = plus(kept[figure], by)


def keep_totals(rows: Sequence[LedgerEntry]) -> None:
    """Move all totals by entries that were just added; the caller holds the head of the ledger."""
    added = [(row, _line(row)) for row in rows if row.nature is not Nature.DUTY]
    if not added:
        return
    moves = _Moves()
    for row, line in added:
        _move_minutes(moves, row, line)
    people = sorted({line.volunteer_id for _, line in added})
    _move_visits(moves, [line for _, line in added], people)
    _move_people(moves, people)
    _write(moves)


def _line(row: Any) -> Line:
    return Line(
        row.volunteer_id,
        row.service_on,
        row.unit_id,
        row.district_id,
        row.kind_id,
        row.nature,
        row.source,
        row.minutes,
    )


def _cell_key(line: Line) -> tuple[Any, ...]:
    return line.volunteer_id, start_of(Span.MONTH, line.service_on), *line.cell


def _move_minutes(moves: _Moves, row: LedgerEntry, line: Line) -> None:
    by = line.minutes_by_view
    for owner, number in (*owners_of(line.cell), (Owner.GRADE, GRADE_NUMBERS[row.grade])):
        moves.owner(owner, number, line.service_on, "minutes", by)
    cell = moves.cells[_cell_key(line)]
    cell["minutes"] = plus(cell["minutes"], by)
    once = 1 if row.kind is EntryKind.CREDIT else -1
    plain = once if line.nature is Nature.VOLUNTEER else 0
    cell["times"] = (cell["times"][0] + plain, cell["times"][1] + once)


def _move_visits(moves: _Moves, added: list[Line], people: list[int]) -> None:
    """A visit is a person and a day with minutes left: compare each touched day before and after."""
    days = sorted({line.service_on for line in added})
    after: dict[Any, Four] = defaultdict(lambda: NOTHING)
    for start in range(0, len(people), PART):
        asked = {"people": people[start : start + PART], "days": days}
        _sum_days(after, (Line(*row) for row in db.session.execute(_entries_of(), asked)))
    new: dict[Any, Four] = defaultdict(lambda: NOTHING)
    _sum_days(new, added)
    for key, by in new.items():
        (volunteer_id, on), owner, number = key
        before = plus(after[key], (-x for x in by))
        change = turned(before, after[key])
        if change == NOTHING:
            continue
        if owner is None:
            cell = moves.cells[volunteer_id, start_of(Span.MONTH, on), *number]
            cell["visits"] = plus(cell["visits"], change)
        else:
            moves.owner(owner, number, on, "visits", change)


def _sum_days(sums: dict[Any, Four], lines: Iterable[Line]) -> None:
    for line in lines:
        day, by = (line.volunteer_id, line.service_on), line.minutes_by_view
        for owner, number in owners_of(line.cell):
            sums[day, owner, number] = plus(sums[day, owner, number], by)
        sums[day, None, line.cell] = plus(sums[day, None, line.cell], by)


@cache
def _entries_of() -> Any:
    e = _ENTRIES.c
    return select(
        *(e.volunteer_id, e.service_on, e.unit_id, e.district_id, e.kind_id),
        *(e.nature, e.source, e.minutes),
    ).where(
        e.volunteer_id.in_(bindparam("people", expanding=True)),
        e.service_on.in_(bindparam("days", expanding=True)),
        e.nature != Nature.DUTY,
    )


def _move_people(moves: _Moves, people: list[int]) -> None:
    """A person counts for an owner in a span while any visit is left in it."""
    changes: dict[int, dict[tuple[date, Cell], Four]] = defaultdict(dict)
    for (volunteer_id, month, unit_id, district_id, kind_id), moved in moves.cells.items():
        if moved["visits"] != NOTHING:
            changes[volunteer_id][month, (unit_id, district_id, kind_id)] = moved["visits"]
    if not changes:
        return
    months = [month for visits in changes.values() for month, _ in visits]
    known = _visits_of(sorted(changes), min(months), max(months))
    for volunteer_id, visits in changes.items():
        before = known.get(volunteer_id, {})
        after = {**before}
        for key, by in visits.items():
            after[key] = plus(before.get(key, NOTHING), by)
        touched = {kept for key in visits for kept in _keys_of(*key)}
        was, is_now = _seen(before, touched), _seen(after, touched)
        for kept in touched:
            if was.get(kept, 0) != is_now.get(kept, 0):
                step = turned(_bits(was.get(kept, 0)), _bits(is_now.get(kept, 0)))
                moves.owners[kept]["people"] = plus(moves.owners[kept]["people"], step)


@lru_cache(maxsize=4096)
def _keys_of(month: date, cell: Cell) -> tuple[tuple[Any, ...], ...]:
    """The totals in which the people of a cell and month are counted."""
    return tuple(
        (owner.value, number, span.value, start_of(span, month))
        for owner, number in owners_of(cell)
        for span in _PEOPLE_SPANS
    )


def _seen(
    visits: dict[tuple[date, Cell], Four], touched: set[tuple[Any, ...]]
) -> dict[tuple[Any, ...], int]:
    """In which views a person was there at all, a bit for each, by total."""
    seen: dict[tuple[Any, ...], int] = {}
    for key, (a, b, c, d) in visits.items():
        views = (a > 0) | (b > 0) << 1 | (c > 0) << 2 | (d > 0) << 3
        if views:
            for kept in _keys_of(*key):
                if kept in touched:
                    seen[kept] = seen.get(kept, 0) | views
    return seen


def _bits(views: int) -> Four:
    return views & 1, views >> 1 & 1, views >> 2 & 1, views >> 3 & 1


def _visits_of(
    people: list[int], first: date, last: date
) -> dict[int, dict[tuple[date, Cell], Four]]:
    """The visits that are kept for these people in the years in which these months lie."""
    since, until = start_of(Span.YEAR, first), end_of(Span.YEAR, start_of(Span.YEAR, last))
    found: dict[int, dict[tuple[date, Cell], Four]] = defaultdict(dict)
    for start in range(0, len(people), PART):
        asked = {"people": people[start : start + PART], "since": since, "until": until}
        for row in db.session.execute(_cells_of(), asked):
            found[row[0]][row[1], (row[2], row[3], row[4])] = (row[5], row[6], row[7], row[8])
    return found


@cache
def _cells_of() -> Any:
    c = _CELLS.c
    return select(
        *(c.volunteer_id, c.month, c.unit_id, c.district_id, c.kind_id),
        *(c[f"visits{view}"] for view in VIEWS),
    ).where(
        c.volunteer_id.in_(bindparam("people", expanding=True)),
        c.month.between(bindparam("since"), bindparam("until")),
    )


def _write(moves: _Moves) -> None:
    cells = [
        {
            **dict(zip((c.name for c in _CELLS.primary_key), key, strict=True)),
            **_columns("minutes", moved["minutes"]),
            **_columns("visits", moved["visits"]),
            "times": moved["times"][0],
            "times_training": moved["times"][1],
        }
        for key, moved in sorted(moves.cells.items())
    ]
    owners = [
        {
            "owner": key[0],
            "owner_id": key[1],
            "span": key[2],
            "starts_on": key[3],
            **_columns("minutes", moved["minutes"]),
            **_columns("visits", moved["visits"]),
            **_columns("people", moved["people"]),
        }
        for key, moved in sorted(moves.owners.items())
    ]
    connection = db.session.connection()
    dialect = connection.dialect.name
    connection.execute(_adding(_CELLS, dialect), cells)
    connection.execute(_adding(_OWNERS, dialect), owners)


def _columns(figure: str, by: Four) -> dict[str, int]:
    return {f"{figure}{view}": number for view, number in zip(VIEWS, by, strict=True)}


@cache
def _adding(table: Table, dialect: str) -> Any:
    """An insert that adds to the row where there is one."""
    statement: Any = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    keys = [column.name for column in table.primary_key]
    return statement.on_conflict_do_update(
        index_elements=keys,
        set_={
            column.name: column + statement.excluded[column.name]
            for column in table.columns
            if column.name not in keys
        },
    )
