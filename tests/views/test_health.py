"""The address for a monitor: ok while all works, failed and 503 when something does not; nothing more."""

import os
from datetime import timedelta
from pathlib import Path

from flask import Flask

from volunteer.domain.timekeeping import now
from volunteer.models.base import db
from volunteer.operations.journal import enqueue


def test_all_is_well(app: Flask) -> None:
    answer = app.test_client().get("/health")
    assert answer.status_code == 200
    assert answer.json == {"database": "ok", "jobs": "ok"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_a_job_that_nobody_takes(app: Flask) -> None:
    enqueue("solve", {}, at=now() - timedelta(minutes=6))
    db.session.commit()
    answer = app.test_client().get("/health")
    assert answer.status_code == 503
    assert answer.json == {"database": "ok", "jobs": "failed"}


def test_a_job_that_is_not_due_yet_waits_in_peace(app: Flask) -> None:
    enqueue("solve", {}, at=now() - timedelta(hours=1), due_at=now() + timedelta(hours=1))
    db.session.commit()
    assert app.test_client().get("/health").status_code == 200


def test_a_database_that_is_away(app: Flask) -> None:
    db.session.execute(db.text("DROP TABLE ledger_head"))
    db.session.commit()
    answer = app.test_client().get("/health")
    assert answer.status_code == 503
    assert answer.json == {"database": "failed", "jobs": "failed"}


def test_the_nightly_copy_is_watched_where_there_should_be_one(app: Flask, tmp_path: Path) -> None:
    settings = app.config["SETTINGS"]
    settings.backup_dir = tmp_path
    client = app.test_client()
    assert client.get("/health").json["backup"] == "failed"  # type: ignore[index]
    copy = tmp_path / "volunteer-2026-11-24.sqlite"
    copy.touch()
    assert client.get("/health").json["backup"] == "ok"  # type: ignore[index]
    old = (now() - timedelta(hours=31)).timestamp()
    os.utime(copy, (old, old))
    assert client.get("/health").status_code == 503
