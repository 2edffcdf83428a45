"""Drafting a migration (起草迁移): only what is new, and what is drafted goes up and down."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, Table, create_engine, inspect

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
def new_table() -> Iterator[Table]:
    """A table that no migration knows."""
    table = Table("parcel", Base.metadata, Column("id", Integer, primary_key=True))
    yield table
    Base.metadata.remove(table)


def test_models_without_a_difference_draft_nothing(copied: Path, tmp_path: Path) -> None:
    before = sorted(copied.rglob("*.py"))
    with create_engine(f"sqlite:///{tmp_path}/a.sqlite").connect() as connection:
        migrations.upgrade(connection)
        assert migrations.draft(connection, "nothing") is None
    assert sorted(copied.rglob("*.py")) == before


def test_a_new_table_is_drafted_and_goes_up_and_down(
    copied: Path, new_table: Table, tmp_path: Path
) -> None:
    number = len(list((copied / "versions").glob("[0-9]*.py"))) + 1
    with create_engine(f"sqlite:///{tmp_path}/b.sqlite").connect() as connection:
        migrations.upgrade(connection)
        drafted = migrations.draft(connection, "Parcels are kept")
        assert drafted is not None
        assert drafted.name == f"{number:04d}_parcels_are_kept.py"
        migrations.upgrade(connection)
        assert inspect(connection).has_table("parcel")
        migrations.downgrade(connection, f"{number - 1:04d}")
        inspect(connection).clear_cache()
        assert not inspect(connection).has_table("parcel")
