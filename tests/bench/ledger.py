"""How fast the ledger is verified: python -m tests.bench.ledger [ENTRIES]; all rates in turn in one run.

``bare`` hashes the same bytes in a loop and keeps nothing; ``chain`` is the verification over rows in memory,
``database`` the same with the rows streamed from an SQLite file.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from sqlalchemy import insert, select, update

from tests.builders import MONDAY, NOW, a_city
from tests.records import a_record
from volunteer.app import create_app
from volunteer.cli import upgrade_schema
from volunteer.config import load_settings
from volunteer.domain.chain import Head, verify_chain
from volunteer.domain.ledger import FIELDS, GENESIS, canonical, seal
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, LedgerHead
from volunteer.operations.ledger.posting import entry_of
from volunteer.queries.chain import ledger_rows, verify_ledger


def fill(count: int) -> None:
    """Put ``count`` sealed entries into an empty ledger, past the operations, which seal one by one."""
    city = a_city()
    record = a_record(city.unit, city.volunteer, on=MONDAY)
    first = db.session.scalars(select(LedgerEntry)).one()
    previous, rows = bytes(first.seal), []
    for seq in range(2, count + 1):
        entry = entry_of(record, seq % 600, at=NOW, by=7)
        mark = seal(previous, canonical(entry))
        values = {name: getattr(entry, name) for name in FIELDS}
        rows.append({**values, "seq": seq, "previous_seal": previous, "seal": mark})
        previous = mark
        if len(rows) == 20_000:
            db.session.execute(insert(LedgerEntry), rows)
            rows = []
    if rows:
        db.session.execute(insert(LedgerEntry), rows)
    db.session.execute(update(LedgerHead).values(seq=count, seal=previous))
    db.session.commit()


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


def main() -> None:
    """Print entries a second of each way, and its share of the bare loop."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(load_settings(instance_dir=Path(folder), environment="test"))
        with app.app_context():
            upgrade_schema()
            fill(count)
            rows = list(ledger_rows())
            lines, head = [row.line for row in rows], Head(count, rows[-1].seal)
            assert bare(lines) == head.seal
            rates = {
                "bare": count / timed(lambda: bare(lines)),
                "chain": count / timed(lambda: verify_chain(rows, head)),
            }
            assert verify_ledger().is_sound
            rates["database"] = count / timed(verify_ledger)
            db.session.remove()
            db.engine.dispose()
    for name, rate in rates.items():
        print(f"{name:9}{rate:12,.0f} entries/s  {rate / rates['bare']:6.2f} of bare")


if __name__ == "__main__":
    main()
