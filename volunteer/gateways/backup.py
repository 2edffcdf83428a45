"""Copies of the database (备份、恢复): taken while it is in use, checked, and never over something else.

SQLite is copied by its own online backup, which is right at any moment; PostgreSQL by ``pg_dump`` in its
custom format, which must be at hand and not older than the server. A copy appears under its name only when
it is whole and on the disk. Restoring asks for an empty place.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import URL, make_url

SQLITE_SUFFIX, POSTGRES_SUFFIX = ".sqlite", ".dump"
LONGEST_SECONDS = 3600


class BackupError(Exception):
    """A copy could not be taken or put back; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that is whole: where it lies and how large it is."""

    path: Path
    size: int


def is_sqlite(database_url: str) -> bool:
    """Whether the address names an SQLite file."""
    return make_url(database_url).get_backend_name() == "sqlite"


def suffix_of(database_url: str) -> str:
    """How the name of a copy of this database ends."""
    return SQLITE_SUFFIX if is_sqlite(database_url) else POSTGRES_SUFFIX


def file_of(database_url: str) -> Path:
    """The file of an SQLite database."""
    name = make_url(database_url).database
    if not name or name == ":memory:":
        raise BackupError("a database in memory cannot be copied")
    return Path(name)


def back_up(database_url: str, target: Path) -> Copied:
    """Copy the database to a new file while it is in use.

    Raises BackupError when the file is there already, the database is not, or the copy is not sound.
    """
    if target.exists():
        raise BackupError(f"{target} is there already; a backup never overwrites anything")
    if not target.parent.is_dir():
        raise BackupError(f"the folder {target.parent} does not exist")
    with _appearing(target) as part:
        if is_sqlite(database_url):
            _copy_sqlite(file_of(database_url), part)
            check_sqlite(part)
        else:
            _run(database_url, "pg_dump", ["-Fc", "--no-owner", "-f", str(part)])
            _run("", "pg_restore", ["--list", str(part)])
    return Copied(target, target.stat().st_size)


def restore(database_url: str, source: Path) -> None:
    """Put a copy where the database belongs; the place must be empty.

    Raises BackupError when there is a database already, or the copy cannot be read.
    """
    if not source.is_file():
        raise BackupError(f"{source} does not exist")
    if is_sqlite(database_url):
        _restore_sqlite(source, file_of(database_url))
    else:
        _restore_postgres(source, database_url)


def check_sqlite(path: Path) -> None:
    """Read a whole SQLite file and say what is broken, by BackupError."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as copy:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            stray = copy.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path} is not a sound SQLite database: {error}") from None
    if said != ["ok"] or stray is not None:
        raise BackupError(f"{path} is not sound: {'; '.join(said[:5])} {stray or ''}".strip())


def copies_in(folder: Path, suffix: str) -> list[Path]:
    """The daily copies in a folder, the oldest first."""
    return sorted(folder.glob(f"volunteer-????-??-??{suffix}"))


def drop_old(folder: Path, suffix: str, keep: int) -> list[Path]:
    """Remove the daily copies beyond the newest ``keep``; returns those removed."""
    old = copies_in(folder, suffix)[:-keep]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def is_late(folder: Path, suffix: str, at: datetime, allowed: timedelta) -> bool:
    """Whether the newest daily copy is older than allowed, or there is none."""
    copies = copies_in(folder, suffix)
    if not copies:
        return True
    return datetime.fromtimestamp(copies[-1].stat().st_mtime, UTC) < at - allowed


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A file beside the target that takes its name, durably, when all went well; else it is gone."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield part
        _to_disk(part)
        os.link(part, target)  # fails if somebody else was quicker
        _to_disk(target.parent)
    except FileExistsError:
        raise BackupError(f"{target} is there already") from None
    except OSError as error:
        raise BackupError(f"{target} could not be written: {error}") from None
    finally:
        part.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise BackupError(f"there is no database at {source}")
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=rw", uri=True, timeout=30)) as running,
            closing(sqlite3.connect(target)) as copy,
        ):
            running.backup(copy)  # in one step: it holds a read snapshot, writers go on
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a -wal beside it
    except sqlite3.Error as error:
        raise BackupError(f"{source} could not be copied: {error}") from None


def _restore_sqlite(source: Path, target: Path) -> None:
    for name in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
        if name.exists():
            raise BackupError(f"{name} is there; stop the service and move it aside first")
    check_sqlite(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    with _appearing(target) as part:
        shutil.copyfile(source, part)


def _restore_postgres(source: Path, database_url: str) -> None:
    import psycopg

    address = _plain(make_url(database_url))
    try:
        with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
            found = connection.execute(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
            ).fetchone()
    except psycopg.Error as error:
        raise BackupError(f"the database cannot be reached: {error}") from None
    if found and found[0]:
        raise BackupError("the database is not empty; make a new one and name it in the settings")
    options = ["--no-owner", "--exit-on-error", "--single-transaction"]
    _run(database_url, "pg_restore", [*options, str(source)])


def _plain(url: URL) -> URL:
    return url.set(drivername="postgresql")


def _run(database_url: str, program: str, arguments: list[str]) -> None:
    """Run a program of PostgreSQL on a database; the password goes by the environment, not by the list."""
    path = shutil.which(program)
    if path is None:
        raise BackupError(
            f"{program} is not at hand: apt-get install postgresql-client (not older than the server)"
        )
    environment, place = dict(os.environ), []
    if database_url:
        url = _plain(make_url(database_url))
        environment["PGPASSWORD"] = url.password or environment.get("PGPASSWORD", "")
        place = ["-d", url.set(password=None).render_as_string()]
    try:
        subprocess.run(
            [path, *place, *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            env=environment,
        )
    except subprocess.CalledProcessError as failed:
        raise BackupError(f"{program}: {failed.stderr.strip()[-500:]}") from None
    except subprocess.TimeoutExpired:
        raise BackupError(f"{program} took longer than {LONGEST_SECONDS} s") from None
