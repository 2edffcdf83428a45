"""Statements given to the driver itself (直连语句): made from the models once, without the machinery of each execution.

For the one path on which that machinery would cost more than the database. The types of the models still
convert every value, so a row reads here as it does anywhere else.
"""

from collections import namedtuple
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Dialect, Select, Table
from sqlalchemy.engine.interfaces import DBAPICursor

FLOAT8 = 701
"""PostgreSQL's number of the only kind of fraction that the models have; other types do not ask."""


class Reading:
    """A select of a dialect, ready to run; the columns of a row are its attributes."""

    def __init__(self, statement: Select[Any], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._order: list[str] | None = compiled.positiontup
        names = self._order if self._order is not None else list(compiled.params)
        self._converters = {
            name: compiled.binds[name].type._cached_bind_processor(dialect) for name in names
        }
        self._fixed = {
            name: self._bound(name, compiled.params[name])
            for name in names
            if not compiled.binds[name].required
        }
        columns = list(statement.selected_columns)
        self._row: Any = namedtuple("Row", [str(column.key) for column in columns])  # type: ignore[misc] # noqa: PYI024
        self._readers = [
            (number, reader)
            for number, column in enumerate(columns)
            if (reader := column.type._cached_result_processor(dialect, FLOAT8))
        ]

    def _bound(self, name: str, value: Any) -> Any:
        convert = self._converters[name]
        return convert(value) if convert else value

    def rows(self, cursor: DBAPICursor, given: Mapping[str, Any]) -> list[Any]:
        """Run it with the parameters that have no value of their own."""
        values = {**self._fixed, **{name: self._bound(name, v) for name, v in given.items()}}
        cursor.execute(
            self._text, values if self._order is None else [values[n] for n in self._order]
        )
        return [self._made(row) for row in cursor.fetchall()]

    def _made(self, row: Any) -> Any:
        values = list(row)
        for number, reader in self._readers:
            values[number] = reader(values[number])
        return self._row._make(values)


class Adding:
    """An insert of some columns of a table, ready to run one row at a time on SQLite."""

    def __init__(self, table: Table, names: tuple[str, ...], dialect: Dialect) -> None:
        marks = ", ".join("?" for _ in names)
        self._text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"
        self._columns = [(n, table.c[n].type._cached_bind_processor(dialect)) for n in names]

    def add(self, cursor: DBAPICursor, values: Mapping[str, Any]) -> int:
        """Insert a row and return its number."""
        cursor.execute(
            self._text,
            [convert(values[n]) if convert else values[n] for n, convert in self._columns],
        )
        return int(cursor.lastrowid)


def typed_names(table: Table, names: tuple[str, ...], dialect: Dialect, prefix: str = "") -> str:
    """The columns with their types, as a record set from JSON declares them on PostgreSQL."""
    return ", ".join(f"{prefix}{n} {table.c[n].type.compile(dialect)}" for n in names)
