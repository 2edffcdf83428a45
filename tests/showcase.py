"""A demo city in a folder of its own, and how to be somebody in it: for the benchmark and the pictures."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from tests.builders import sign_in
from volunteer import cli
from volunteer.app import create_app
from volunteer.config import load_settings
from volunteer.demo import build
from volunteer.models.base import db
from volunteer.models.people import Account


@contextmanager
def demo_city(kept: str | None, *, at: datetime) -> Iterator[Path]:
    """Yield an instance folder with a demo city; with ``kept``, a copy of the city kept there (built if missing)."""
    with tempfile.TemporaryDirectory(prefix="demo-city-") as scratch:
        folder = Path(scratch) / "city"
        source = Path(kept) if kept else folder
        if not (source / "volunteer.sqlite").exists():
            print("building the demo city", flush=True)
            app = city_app(source)
            with app.app_context():
                cli.upgrade_schema()
                build.build(at=at)
                db.session.remove()
                db.engine.dispose()
        if source != folder:
            shutil.copytree(source, folder)
        yield folder


def city_app(folder: Path, **more: object) -> Flask:
    """The application on a city's folder, as an installation would run it (the worker aside)."""
    folder.mkdir(parents=True, exist_ok=True)
    return create_app(
        load_settings(
            instance_dir=folder,
            database_url=f"sqlite:///{folder / 'volunteer.sqlite'}",
            worker_in_process=False,
            **more,
        )
    )


def account_named(login: str) -> Account:
    """The account of a login."""
    return db.session.scalars(select(Account).where(Account.login == login)).one()


def account_of(volunteer_id: int) -> Account:
    """The account of a volunteer."""
    return db.session.scalars(select(Account).where(Account.volunteer_id == volunteer_id)).one()


def session_cookie(app: Flask, account: Account) -> str:
    """A session cookie of the account, through a real device session."""
    cookie = sign_in(app, account).get_cookie("session")
    assert cookie is not None
    return cookie.value
