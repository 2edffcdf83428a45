"""What the faults share: a served city whose secrets lie in its folder, as in a real installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from volunteer import cli
from volunteer.app import create_app
from volunteer.config import load_settings
from volunteer.models.base import db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The instance folder of the served city."""
    path = tmp_path / "served"
    path.mkdir()
    return path


@contextmanager
def bare(folder: Path, database: str, given: dict[str, Any] | None = None) -> Iterator[Flask]:
    """The application on a database as it is, or is not yet; with secrets of its own unless given."""
    settings = load_settings(
        instance_dir=folder, database_url=database, worker_in_process=False, **(given or {})
    )
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def opened(folder: Path, database: str) -> Iterator[Flask]:
    """The application on the city of a folder, to prepare it and to look at it afterwards."""
    with bare(folder, database) as app:
        cli.upgrade_schema()
        yield app
