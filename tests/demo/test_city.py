"""The demo city is whole, believable and the same for the same seed."""

from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from tests.conftest import DEMO_AT, demo_settings
from volunteer import cli
from volunteer.app import create_app
from volunteer.demo import build
from volunteer.domain.terms import AssignmentState, CancelCause, EntryKind, Role, ShiftState
from volunteer.domain.timekeeping import beijing, local_date, week_of
from volunteer.models.activities import Shift
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry
from volunteer.models.people import Account, RoleGrant, Unit, Volunteer
from volunteer.models.rosters import Assignment


def _count(table: Any, *where: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def test_the_city_is_whole(demo_app: Flask) -> None:
    with demo_app.app_context():
        assert _count(Unit) == 24
        assert _count(Volunteer) == 2500
        assert _count(Volunteer, Volunteer.name.contains("·")) >= 20
        assert any(
            ord(letter) > 0xFFFF
            for name in db.session.scalars(select(Volunteer.name))
            for letter in name
        )
        assert _count(Shift, Shift.state == ShiftState.SETTLED) > 300
        assert _count(Shift, Shift.cancel_cause == CancelCause.WEATHER) >= 10
        assert _count(CheckIn, CheckIn.late_minutes > 0) > 50
        assert _count(LedgerEntry, LedgerEntry.kind == EntryKind.REVERSAL) >= 5
        held = set(db.session.scalars(select(RoleGrant.role)))
        assert {Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.ORGANIZER, Role.AUDITOR} <= held


def test_this_week_is_published_and_next_week_open(demo_app: Flask) -> None:
    monday = week_of(local_date(DEMO_AT))
    with demo_app.app_context():
        this_week = (
            Shift.service_on >= monday,
            Shift.service_on < monday.fromordinal(monday.toordinal() + 7),
        )
        assert _count(Shift, *this_week, Shift.state == ShiftState.PLANNED) == 0
        assert (
            _count(
                Shift,
                Shift.service_on >= monday.fromordinal(monday.toordinal() + 7),
                Shift.state == ShiftState.PLANNED,
            )
            > 50
        )
        assert _count(Assignment, Assignment.state == AssignmentState.PROPOSED) > 10


def test_every_demo_account_can_be_told_apart(demo_app: Flask) -> None:
    with demo_app.app_context():
        with_password = set(
            db.session.scalars(select(Account.login).where(Account.password_hash.is_not(None)))
        )
        assert {"shi", "qu", "yibaoju", "jiaojing", "shenji"} <= with_password
        assert len(with_password) == 7


def _ground(folder: Path) -> list[Any]:
    app = create_app(demo_settings(folder))
    at = beijing(week_of(local_date(DEMO_AT)), 9 * 60)
    with app.app_context():
        cli.upgrade_schema()
        build.build_ground(seed=7, at=at)
        people = db.session.execute(
            select(
                Volunteer.number,
                Volunteer.name,
                Volunteer.birth_year,
                Volunteer.home_lat,
                Volunteer.max_minutes_per_week,
            )
        ).all()
        shifts = db.session.execute(select(Shift.point_id, Shift.starts_at, Shift.min_heads)).all()
        db.session.remove()
        db.engine.dispose()
    return [*people, *shifts]


def test_the_same_seed_makes_the_same_city(tmp_path: Path) -> None:
    assert _ground(tmp_path / "one") == _ground(tmp_path / "other")
