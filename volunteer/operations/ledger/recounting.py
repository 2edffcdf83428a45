"""Counting all totals anew from the entries (重算汇总), to check those that were kept or to put them in their place.

The same figures as :mod:`volunteer.operations.ledger.totals` moves, said once more in SQL: sets instead of steps,
so that neither can hide a fault of the other.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, TextClause, text

from volunteer.domain.totals import GRADE_NUMBERS, PROVEN, VIEWS
from volunteer.models.base import db
from volunteer.operations.ledger.posting import hold_head

_SPANS = {
    "sqlite": {
        "day": "service_on",
        "month": "date(service_on, 'start of month')",
        "quarter": "date(service_on, 'start of month', '-' || ((strftime('%m', service_on) - 1) % 3) || ' months')",
        "year": "date(service_on, 'start of year')",
    },
    "postgresql": {
        "day": "service_on",
        "month": "date_trunc('month', service_on)::date",
        "quarter": "date_trunc('quarter', service_on)::date",
        "year": "date_trunc('year', service_on)::date",
    },
}
_OWNERS = {"city": "0", "unit": "unit_id", "district": "district_id", "kind": "kind_id"}
_CELL = "volunteer_id, unit_id, district_id, kind_id"
_TABLES = ("person_month", "owner_total")


@dataclass(frozen=True, slots=True)
class Recount:
    """Rows of the kept totals, and of those how many differ from the entries (missing ones included)."""

    rows: int
    differing: int


def check_totals() -> Recount:
    """Count everything anew beside the kept totals and compare each figure of each row."""
    connection = db.session.connection()
    _count_anew(connection)
    rows = differing = 0
    for table in _TABLES:
        rows += connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608
        differing += connection.scalar(_differing(table)) or 0
    _forget(connection)
    return Recount(rows, differing)


def rebuild_totals() -> Recount:
    """Put what the entries say in the place of the kept totals; nobody can post meanwhile."""
    hold_head()
    before = check_totals()
    connection = db.session.connection()
    _count_anew(connection)
    for table in _TABLES:
        connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608
        connection.execute(text(f"INSERT INTO {table} SELECT * FROM counted_{table}"))  # noqa: S608
    _forget(connection)
    return before


def _differing(table: str) -> TextClause:
    return text(
        f"SELECT count(*) FROM (SELECT * FROM (SELECT * FROM {table} EXCEPT SELECT * FROM counted_{table}) AS a"  # noqa: S608
        f" UNION ALL SELECT * FROM (SELECT * FROM counted_{table} EXCEPT SELECT * FROM {table}) AS b) AS c"
    )


def _forget(connection: Connection) -> None:
    for name in (*(f"counted_{table}" for table in _TABLES), "counted_day"):
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))


def _count_anew(connection: Connection) -> None:
    _forget(connection)
    spans = _SPANS[connection.dialect.name]
    proven = ", ".join(f"'{source.value}'" for source in sorted(PROVEN))
    plain, scanned = "nature = 'volunteer'", f"source IN ({proven})"
    conditions = dict(zip(VIEWS, (plain, "1 = 1", f"{plain} AND {scanned}", scanned), strict=True))
    minutes = ", ".join(
        f"SUM(CASE WHEN {when} THEN minutes ELSE 0 END) AS minutes{view}"
        for view, when in conditions.items()
    )
    once = "CASE WHEN kind = 'credit' THEN 1 ELSE -1 END"
    _run(
        connection,
        f"CREATE TEMPORARY TABLE counted_day AS SELECT {_CELL}, service_on, {minutes},"
        f" SUM(CASE WHEN {plain} THEN {once} ELSE 0 END) AS times, SUM({once}) AS times_training"
        f" FROM ledger_entry WHERE nature <> 'duty' GROUP BY {_CELL}, service_on",
    )
    for table in _TABLES:
        _run(
            connection,
            f"CREATE TEMPORARY TABLE counted_{table} AS SELECT * FROM {table} WHERE 1 = 0",
        )
    _cells(connection, spans["month"])
    for owner, number in _OWNERS.items():
        for span, start in spans.items():
            _owner(connection, owner, number, span, start)
    _grades(connection, spans, minutes)


def _run(connection: Connection, statement: str) -> None:
    connection.execute(text(statement.replace(":", r"\:")))


def _four(figure: str, pattern: str) -> str:
    return ", ".join(f"{pattern.replace('*', view)} AS {figure}{view}" for view in VIEWS)


def _cells(connection: Connection, month: str) -> None:
    sums = _four("minutes", "SUM(minutes*)")
    visits = _four("visits", "SUM(CASE WHEN minutes* > 0 THEN 1 ELSE 0 END)")
    _run(
        connection,
        f"INSERT INTO counted_person_month SELECT volunteer_id, {month}, unit_id, district_id, kind_id,"
        f" {sums}, {visits}, SUM(times), SUM(times_training)"
        f" FROM counted_day GROUP BY {_CELL}, {month}",
    )


def _owner(connection: Connection, owner: str, number: str, span: str, start: str) -> None:
    """By person and day first (a visit), then by person (people), then by owner."""
    day_sums = _four("minutes", "SUM(minutes*)")
    by_day = (
        f"SELECT {number} AS owner_id, volunteer_id, service_on, {day_sums}"
        f" FROM counted_day GROUP BY {_group(number)}volunteer_id, service_on"
    )
    visits = _four("visits", "SUM(CASE WHEN minutes* > 0 THEN 1 ELSE 0 END)")
    by_person = (
        f"SELECT owner_id, volunteer_id, {start} AS starts_on, {day_sums}, {visits}"
        f" FROM ({by_day}) AS d GROUP BY owner_id, volunteer_id, {start}"
    )
    people = _four("people", "0")
    if span != "day":
        people = _four("people", "SUM(CASE WHEN visits* > 0 THEN 1 ELSE 0 END)")
    _run(
        connection,
        f"INSERT INTO counted_owner_total SELECT '{owner}', owner_id, '{span}', starts_on, {day_sums},"
        f" {_four('visits', 'SUM(visits*)')}, {people} FROM ({by_person}) AS p GROUP BY owner_id, starts_on",
    )


def _group(number: str) -> str:
    return "" if number == "0" else f"{number}, "


def _grades(connection: Connection, spans: dict[str, str], minutes: str) -> None:
    which = " ".join(f"WHEN '{g.value}' THEN {n}" for g, n in GRADE_NUMBERS.items())
    nothing = f"{_four('visits', '0')}, {_four('people', '0')}"
    for span, start in spans.items():
        _run(
            connection,
            f"INSERT INTO counted_owner_total SELECT 'grade', CASE grade {which} END, '{span}', {start},"
            f" {minutes}, {nothing} FROM ledger_entry WHERE nature <> 'duty' GROUP BY grade, {start}",
        )
