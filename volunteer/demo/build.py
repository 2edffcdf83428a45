"""Building the demo city (搭建演示城市) from nothing: same seed and same Monday, same city."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ScalarSelect, case, func, select

from volunteer.demo.behaviour import Habits
from volunteer.demo.city import Ground, lay_ground
from volunteer.demo.history import (
    Clock,
    answer,
    attend,
    correct_some,
    day_start,
    publish_week,
    quiet_messages,
    rain_off,
    roster_week,
    settle,
)
from volunteer.demo.population import Population, grant, populate
from volunteer.demo.programme import WEEKS_BEFORE, Programme, plan_programme
from volunteer.demo.thanks import give_honours, give_stars, make_star_rule, set_targets
from volunteer.domain.access import Actor
from volunteer.domain.terms import AssignmentState, ConsentPurpose, Role, ShiftState
from volunteer.domain.timekeeping import local_date, week_of
from volunteer.models.activities import Shift
from volunteer.models.base import db, unit_of_work
from volunteer.models.ledger import LedgerEntry
from volunteer.models.people import Account, Consent, Unit, Volunteer
from volunteer.models.places import CitySetting
from volunteer.models.rosters import Assignment
from volunteer.operations.passwords import hash_password
from volunteer.queries.accounts import actor_of
from volunteer.queries.calendar import work_calendar

SEED = 2023
PASSWORD = "shaoyang-demo-2026"
"""The password of every demo account; production refuses to serve a demo city."""

DEMO_KEY = "demo"
FACE_UNIT = "市医保局"
RAINED_OFF_WEEK = 2
THIS_WEEK_SECONDS = 20


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account to try a role with."""

    login: str
    role: str
    who: str


def is_built() -> bool:
    """Whether the database holds any account already."""
    return bool(db.session.scalar(select(func.count()).select_from(Account)))


def is_demo() -> bool:
    """Whether the database holds a demo city."""
    return db.session.get(CitySetting, DEMO_KEY) is not None


def build_ground(*, seed: int, at: datetime) -> tuple[Ground, Population, Programme]:
    """Add places, people and the programme in one unit of work."""
    monday = week_of(local_date(at))
    rng = random.Random(f"city {seed}")
    with unit_of_work():
        ground = lay_ground(monday, rng)
        population = populate(ground, monday, at, seed)
        programme = plan_programme(ground, population, monday, at, rng, work_calendar())
        db.session.add(CitySetting(key=DEMO_KEY, value={"seed": seed}, changed_at=at))
    return ground, population, programme


def open_accounts(ground: Ground, *, at: datetime) -> list[DemoAccount]:
    """One account for each role, all with the demo password."""
    stored = hash_password(PASSWORD)
    unit = ground.units[FACE_UNIT]
    district = ground.districts["大祥区"]
    desk: tuple[tuple[str, str, Role, dict[str, int], str], ...] = (
        ("shi", "李建国", Role.CITY_ADMIN, {}, "市创文办"),
        ("qu", "周敏", Role.DISTRICT_ADMIN, {"district_id": district.id}, "大祥区"),
        ("yibaoju", "陈静", Role.ORGANIZER, {"unit_id": unit.id}, "市医保局"),
        (
            "jiaojing",
            "王志强",
            Role.ORGANIZER,
            {"unit_id": ground.units["双清交警大队"].id},
            "双清交警大队",
        ),
        ("shenji", "刘晓东", Role.AUDITOR, {}, "审计"),
    )
    shown = []
    with unit_of_work():
        for login, name, role, reach, place in desk:
            account = Account(
                login=login,
                name=name,
                password_hash=stored,
                must_change_password=False,
                unit_id=reach.get("unit_id") or ground.units["市创文办"].id,
                created_at=at - timedelta(days=300),
            )
            db.session.add(account)
            db.session.flush()
            grant(account, role, at, **reach)
            shown.append(DemoAccount(login, role.label, f"{name}（{place}）"))
    return shown


def _served() -> ScalarSelect[int]:
    minutes = select(func.coalesce(func.sum(LedgerEntry.minutes), 0))
    return (
        minutes.where(LedgerEntry.volunteer_id == Volunteer.id)
        .correlate(Volunteer)
        .scalar_subquery()
    )


def open_faces(*, at: datetime) -> list[DemoAccount]:
    """Passwords for a leader with a shift ahead and a volunteer who is asked to come, both with hours."""
    stored = hash_password(PASSWORD)
    ahead = (
        select(Volunteer.id, Volunteer.name, Unit.name)
        .join(Unit, Unit.id == Volunteer.unit_id)
        .join(Account, Account.volunteer_id == Volunteer.id)
        .where(Account.password_hash.is_(None))
    )
    leading = ahead.join(Shift, Shift.leader_id == Volunteer.id).where(
        Shift.ends_at > at, Shift.state == ShiftState.PUBLISHED
    )
    asked = (
        ahead.join(Assignment, Assignment.volunteer_id == Volunteer.id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(Assignment.state == AssignmentState.PROPOSED, Shift.starts_at > at)
    )
    has_served = case((_served() > 0, 0), else_=1)
    own_unit_first = case((Unit.name == FACE_UNIT, 0), else_=1)
    shown = []
    with unit_of_work():
        for found, role in ((leading, Role.LEADER), (asked, Role.VOLUNTEER)):
            ordered = found.order_by(
                has_served, own_unit_first, -_served(), Shift.starts_at, Volunteer.id
            ).limit(1)
            row = db.session.execute(ordered).one_or_none()
            if row is None:
                continue
            account = db.session.scalars(
                select(Account).where(Account.volunteer_id == row[0])
            ).one()
            account.password_hash = stored
            shown.append(DemoAccount(account.login, role.label, f"{row[1]}（{row[2]}）"))
    return shown


def build(
    *, seed: int = SEED, at: datetime, say: Callable[[str], None] = lambda _text: None
) -> list[DemoAccount]:
    """Build the whole city: ground, people, four lived weeks, this week published, next week open.

    ``say`` is told of each step. Raises nothing of its own; the database must be empty.
    """
    monday = this_monday(at)
    say("places, units and people")
    ground, population, programme = build_ground(seed=seed, at=at)
    make_star_rule(monday, at)
    shown = open_accounts(ground, at=at)
    admin = actor_of(_account("shi"), at=at)
    rng = random.Random(f"history {seed}")
    habits = Habits(random.Random(f"habits {seed}"), _located())
    for back in range(WEEKS_BEFORE, -1, -1):
        week = monday - timedelta(weeks=back)
        say(f"the week of {week.isoformat()}")
        _live(admin, Clock(week, at), rng, habits, is_now=back == 0, rains=back == RAINED_OFF_WEEK)
    _correct(monday, rng)
    give_stars(admin, monday, at)
    set_targets(admin, ground.units, at=day_start(monday - timedelta(weeks=WEEKS_BEFORE), 9))
    give_honours(admin, monday, at)
    quiet_messages(at - timedelta(days=2))
    shown += open_faces(at=at)
    say(f"{len(programme.shifts)} shifts in {len(programme.made)} activities")
    return shown


def _live(
    admin: Actor, clock: Clock, rng: random.Random, habits: Habits, *, is_now: bool, rains: bool
) -> None:
    """One week: solved and published on the Friday before, answered, served, settled."""
    friday = clock.monday - timedelta(days=3)
    asked = day_start(friday, 15, 20)
    seconds = THIS_WEEK_SECONDS if is_now else 0
    draft = roster_week(admin, clock.monday, at=asked, seconds=seconds, seed=SEED)
    publish_week(admin, draft, at=asked + timedelta(minutes=25))
    answer(clock, rng, quiet_share=0.12)
    if rains:
        rain_off(
            clock.monday + timedelta(days=4), at=day_start(clock.monday + timedelta(days=4), 6, 30)
        )
    last = min(clock.monday + timedelta(days=6), local_date(clock.until))
    attend(clock, clock.monday, last, habits)
    settle(clock.until, clock.monday, last)


def _correct(monday: date, rng: random.Random) -> None:
    district = actor_of(_account("shi"), at=day_start(monday, 8))
    first = monday - timedelta(weeks=WEEKS_BEFORE)
    correct_some(district, first, monday - timedelta(days=4), rng, count=7)


def _account(login: str) -> Account:
    return db.session.scalars(select(Account).where(Account.login == login)).one()


def _located() -> set[int]:
    return set(
        db.session.scalars(
            select(Consent.volunteer_id).where(Consent.purpose == ConsentPurpose.LOCATION)
        )
    )


def this_monday(at: datetime) -> date:
    """The Monday of the week of an instant."""
    return week_of(local_date(at))
