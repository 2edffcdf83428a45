"""Targets of the year: who asks for what, who is shown to whom, and what does not count against anybody."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.builders import MONDAY, NOW, City, a_city, a_unit, a_volunteer, an_entry
from tests.counting import count_queries
from tests.refusals import refused
from volunteer.domain.terms import Course, VolunteerState
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Pause
from volunteer.models.places import RuleVersion
from volunteer.operations.targets import set_unit_target
from volunteer.queries.accounts import actor_of
from volunteer.queries.targets import asked_of, my_target, unit_targets, units_compared


@pytest.fixture
def city(session) -> City:
    return a_city()


def act(account):
    return actor_of(account, at=NOW)


def set_(account, unit, person=None, whole=None, at=NOW):
    return set_unit_target(act(account), unit.id, person_hours=person, unit_hours=whole, reason="", at=at)  # fmt: skip


def test_the_city_asks_unless_the_unit_does_and_the_newest_holds(city):
    unit = city.unit
    assert asked_of([unit.id], 2026)[unit.id].per_person == 20 * 60
    set_(city.organizer, unit, person=30)
    set_(city.district_admin, unit, person=25, whole=500)
    asked = asked_of([unit.id, city.other_unit.id], 2026)
    assert (asked[unit.id].per_person, asked[unit.id].whole) == (25 * 60, 500 * 60)
    assert asked[city.other_unit.id].per_person == 20 * 60
    assert asked_of([unit.id], 2027)[unit.id].per_person == 20 * 60, "a year at a time"
    set_(city.organizer, unit)
    assert asked_of([unit.id], 2026)[unit.id].per_person == 20 * 60
    assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.act == "set_target")).all()) == 3  # fmt: skip
    row = RuleVersion(version="t", effective_on=date(2026, 1, 1), figures={"yearly_target_hours": 50}, why="", made_at=NOW)  # fmt: skip
    db.session.add(row)
    assert asked_of([unit.id], 2026)[unit.id].per_person == 50 * 60


def test_what_is_refused(city):
    for account, code in (
        (city.auditor, "not_allowed"),
        (city.volunteer_account, "not_allowed"),
        (city.other_organizer, "not_yours"),
    ):
        with refused(code):
            set_(account, city.unit, person=30)
    with refused("out_of_range"):
        set_(city.organizer, city.unit, person=1001)
    with refused("out_of_range"):
        set_(city.organizer, city.unit, whole=-1)
    with refused("nothing_new"):
        set_(city.organizer, city.unit, person=20)


def test_joining_late_and_pauses_shorten_what_is_asked(city):
    me = act(city.volunteer_account)
    whole = my_target(me, at=NOW)
    assert (whole.outlook.target, whole.is_shortened) == (1200, False)
    city.volunteer.joined_on = date(2026, 7, 1)
    db.session.flush()
    half = my_target(me, at=NOW).outlook.target
    assert 590 < half < 640
    db.session.add(
        Pause(volunteer_id=city.volunteer.id, since_on=date(2026, 8, 1), until_on=date(2026, 8, 31), reason="产假", made_at=NOW)
    )  # fmt: skip
    db.session.flush()
    shorter = my_target(me, at=NOW)
    assert half - 110 < shorter.outlook.target < half - 90
    assert shorter.is_shortened


def test_the_pace_is_counted_from_the_first_day_that_the_ledger_knows(city):
    for back in range(4):
        an_entry(city.volunteer, 60, on=MONDAY - timedelta(days=back))
    seen = my_target(act(city.volunteer_account), at=NOW).outlook
    # two of the last four days are working days; 28 are left: 4 hours in 2 days
    assert seen.minutes == 240
    assert seen.course is Course.ON_COURSE


def test_people_stand_inside_their_own_unit_only(city):
    an_entry(city.volunteer, 60)
    minor = a_volunteer(city.unit, "小明", birth_year=2010)
    gone = a_volunteer(city.unit, "离开", state=VolunteerState.LEFT)
    seen = unit_targets(act(city.organizer), city.unit.id, at=NOW)
    assert [row.name for row in seen.rows] == ["王芳"], (minor.id, gone.id)
    assert seen.counts[Course.NOT_BEGUN] == 1
    assert seen.counts[Course.UNSURE] == 1
    assert (seen.whole.minutes, seen.whole.target) == (60, 2400)
    with refused("not_yours"):
        unit_targets(act(city.other_organizer), city.unit.id, at=NOW)
    with refused("not_allowed"):
        unit_targets(act(city.volunteer_account), city.unit.id, at=NOW)
    with refused("not_found"):
        unit_targets(act(city.city_admin), 9999, at=NOW)
    only = unit_targets(act(city.organizer), city.unit.id, at=NOW, course=Course.MET)
    assert only.rows == []


def test_units_are_compared_the_furthest_from_its_target_first(city):
    an_entry(city.volunteer, 60)
    lines = units_compared(act(city.city_admin), at=NOW)
    assert [line.unit.name for line in lines] == ["双清交警大队", "市医保局"]
    assert [line.unit.name for line in units_compared(act(city.organizer), at=NOW)] == ["市医保局"]
    set_(city.organizer, city.unit, whole=1)
    assert units_compared(act(city.organizer), at=NOW)[0].outlook.course is Course.MET


def test_no_target_no_tile(city):
    set_(city.organizer, city.unit, person=0)
    assert my_target(act(city.volunteer_account), at=NOW) is None


def test_the_number_of_statements_does_not_grow(city):
    def ask() -> tuple[int, int]:
        with count_queries() as people:
            unit_targets(act(city.city_admin), city.unit.id, at=NOW)
        with count_queries() as units:
            units_compared(act(city.city_admin), at=NOW)
        return len(people), len(units)

    few = ask()
    for _ in range(30):
        an_entry(a_volunteer(city.unit), 60)
        a_volunteer(a_unit())
    assert ask() == few
