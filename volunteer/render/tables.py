"""What a table is (表格): columns with a kind, rows, a cover; one description drives every format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain, islice
from typing import Literal

from volunteer.render.cells import width_of

Kind = Literal["text", "long", "code", "date", "moment", "count", "minutes", "hours", "percent"]
"""What stands in a column.

`text` and `long` (wrapped) are words; `code` is a number that is a name (phone, serial) and stays
text; `date` a day; `moment` an aware instant, shown in Beijing time; `count` and `minutes` integers;
`hours` takes integer **minutes** and shows hours to one decimal; `percent` takes a ratio.
"""

Value = str | bool | int | float | date | datetime | None
Row = Mapping[str, Value]

BEIJING = timezone(timedelta(hours=8))
SUMMED: frozenset[str] = frozenset({"count", "minutes", "hours"})
PEEKED_ROWS = 200
"""Rows looked at to choose the width of a column."""


@dataclass(frozen=True)
class Column:
    """One column: `key` finds the value in a row, `title` stands above it.

    `width` is in characters of a digit's width; left out, it follows the first rows.
    `summed` adds the column up in the last row; only numbers can be.
    """

    key: str
    title: str
    kind: Kind = "text"
    width: int | None = None
    summed: bool = False

    def __post_init__(self) -> None:
        if self.summed and self.kind not in SUMMED:
            raise ValueError(f"column {self.key}: a {self.kind} cannot be summed")


@dataclass(frozen=True)
class Table:
    """A named table. `rows` may be a generator: it is read once. `notes` stand on the cover."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Row]
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not self.columns:
            raise ValueError(f"table {self.name} has no column")

    @property
    def has_totals(self) -> bool:
        return any(column.summed for column in self.columns)


@dataclass(frozen=True)
class Cover:
    """The first sheet (说明): where the figures come from, so that a printed page can be traced."""

    title: str
    asked_by: str
    asked_at: datetime
    filters: Mapping[str, str] = field(default_factory=dict)
    rule_version: str = ""
    notes: Sequence[str] = ()


def typed(column: Column, value: Value) -> str | int | float | date | datetime | None:
    """Check that `value` fits the column and bring it to the type its cell has.

    Raises `TypeError` when the value is of another kind: a wrong figure must not look like a text.
    """
    if value is None:
        return None
    if column.kind in {"text", "long", "code"}:
        if isinstance(value, bool):
            return "是" if value else "否"
        return str(value)
    if column.kind == "moment" and isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(BEIJING).replace(tzinfo=None, microsecond=0)
    if column.kind == "date" and isinstance(value, date) and not isinstance(value, datetime):
        return value
    if column.kind == "percent" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if column.kind in SUMMED and isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(f"column {column.key} ({column.kind}) cannot show a {type(value).__name__}")


def hours_of(minutes: int) -> Decimal:
    """Hours to one decimal, halves away from zero, as every page shows them."""
    return (Decimal(minutes) / 60).quantize(Decimal("0.1"), ROUND_HALF_UP)


def peeked(rows: Iterable[Row]) -> tuple[list[Row], Iterator[Row]]:
    """The first rows, and all rows: a look ahead that loses nothing."""
    stream = iter(rows)
    first = list(islice(stream, PEEKED_ROWS))
    return first, chain(first, stream)


def widths(table: Table, first: Sequence[Row]) -> list[int]:
    """The width of each column: as told, or as wide as its title and first rows need."""
    return [column.width or _width(column, first) for column in table.columns]


def _width(column: Column, first: Sequence[Row]) -> int:
    title = width_of(column.title) + 4  # room for the arrow of the filter
    if column.kind == "moment":
        return max(title, 18)
    if column.kind not in {"text", "long", "code"}:
        return max(title, 11)
    texts = (
        str(value) for row in first if (value := typed(column, row.get(column.key))) is not None
    )
    widest = max((width_of(text) + 2 for text in texts), default=0)
    return min(max(title, widest, 8), 60 if column.kind == "long" else 40)


def add_up(sums: dict[str, int], row: Row) -> None:
    """Add a row that `typed` has accepted to the running sums."""
    for key in sums:
        value = row.get(key)
        if isinstance(value, int):
            sums[key] += value


def totals_row(table: Table, sums: Mapping[str, int]) -> list[str | int | None]:
    """The last row: 合计 in the first column that is not summed, the sums in theirs."""
    label: str | None = "合计"
    row: list[str | int | None] = []
    for column in table.columns:
        if column.summed:
            row.append(sums[column.key])
        else:
            row.append(label if column.kind in {"text", "long", "code"} else None)
            label = None if column.kind in {"text", "long", "code"} else label
    return row
