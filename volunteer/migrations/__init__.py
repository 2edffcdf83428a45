"""Changes of the schema (数据库迁移), from the first table on; each can be walked back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

HOME = Path(__file__).parent


def alembic_config(connection: Connection | None = None) -> Config:
    """The configuration of Alembic, without a file."""
    config = Config()
    config.set_main_option("script_location", str(HOME))
    config.attributes["connection"] = connection
    return config


class Dangling(RuntimeError):
    """Raised when a migration left a reference to a row that is not there."""


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to a revision."""
    with _references_loose(connection):
        command.upgrade(alembic_config(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Walk the schema back to a revision."""
    with _references_loose(connection):
        command.downgrade(alembic_config(connection), revision)


@contextmanager
def _references_loose(connection: Connection) -> Iterator[None]:
    """Let SQLite build a table anew that others refer to; all references are checked before the commit.

    SQLite knows this switch only outside a transaction, so what was begun is committed first, and the
    migration at the end. Raises Dangling, and takes everything back, where a reference leads nowhere.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.commit()
    inner: Any = connection.connection.driver_connection
    inner.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if lost:
            raise Dangling(f"the migration left references to nothing: {lost[:5]}")
        connection.commit()
    finally:
        connection.rollback()
        inner.execute("PRAGMA foreign_keys=ON")


def draft(connection: Connection, message: str) -> Path | None:
    """Write what the models have and the database, at the newest schema, has not, as a new migration.

    Returns the file, to be read and corrected by hand, or None when there is no difference.
    """
    number = len(list((HOME / "versions").glob("[0-9]*.py"))) + 1
    made = command.revision(
        alembic_config(connection),
        message=message,
        autogenerate=True,
        rev_id=f"{number:04d}",
        process_revision_directives=_drop_empty,
    )
    scripts = [script for script in (made if isinstance(made, list) else [made]) if script]
    return Path(scripts[0].path) if scripts else None


def _drop_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    if directives[0].upgrade_ops.is_empty():
        directives.clear()
