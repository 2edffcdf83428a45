"""Drafting a migration (起草迁移): only what is new, and what is drafted goes up and down."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, Table, create_engine, inspect

from volunteer import migrations
from volunteer.models import Base


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The migrations in a folder where they may be added to."""
    home = tmp_path / "migrations"
    shutil.copytree(migrations.HOME, home, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrations, "HOME", home)
    return home


@pytest.fixture
def connection(copied: Path, tmp_path: Path) -> Iterator[Connection]:
    """A database of the newest schema."""
    engine = create_engine(f"sqlite:///{tmp_path}/newest.sqlite")
    with engine.connect() as connection:
        migrations.upgrade(connection)
        yield connection
    engine.dispose()


@pytest.fixture
def new_table() -> Iterator[Table]:
    """A table that no migration knows."""
    table = Table("parcel", Base.metadata, Column("id", Integer, primary_key=True))
    yield table
    Base.metadata.remove(table)


def test_models_without_a_difference_draft_nothing(copied: Path, connection: Connection) -> None:
    before = sorted(copied.rglob("*.py"))
    assert migrations.draft(connection, "nothing") is None
    assert sorted(copied.rglob("*.py")) == before


def test_a_new_table_is_drafted_and_goes_up_and_down(
    copied: Path, connection: Connection, new_table: Table
) -> None:
    number = len(list((copied / "versions").glob("[0-9]*.py"))) + 1
    drafted = migrations.draft(connection, "Parcels are kept")
    assert drafted is not None
    assert drafted.name == f"{number:04d}_parcels_are_kept.py"
    migrations.upgrade(connection)
    assert inspect(connection).has_table("parcel")
    migrations.downgrade(connection, f"{number - 1:04d}")
    assert not inspect(connection).has_table("parcel")
