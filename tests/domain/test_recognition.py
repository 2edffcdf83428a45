from datetime import date

import pytest

from tests.refusals import Catcher as refused
from volunteer.domain.access import Actor, Grant
from volunteer.domain.figures import policy_with
from volunteer.domain.policy import Policy
from volunteer.domain.recognition import (
    counted_since,
    may_decide,
    months_before,
    public_until,
    registered_by,
    star_name,
)
from volunteer.domain.standing import eligible_star
from volunteer.domain.terms import Role
from volunteer.domain.timekeeping import WorkCalendar

CITY = Actor(1, "市", grants=(Grant(Role.CITY_ADMIN),))
DISTRICT = Actor(
    2, "区", grants=(Grant(Role.DISTRICT_ADMIN, district_id=1, unit_ids=frozenset({7, 8})),)
)
UNIT = Actor(3, "单位", unit_id=7, grants=(Grant(Role.ORGANIZER, unit_id=7),))
BOTH = Actor(4, "兼", grants=(*UNIT.grants, Grant(Role.DISTRICT_ADMIN, unit_ids=frozenset({9}))))
READER = Actor(5, "审", grants=(Grant(Role.AUDITOR),))


def test_r6_1_a_hundred_hours_to_the_minute_make_eligible_and_no_more():
    assert eligible_star(round(99.9 * 60)) == 0
    assert eligible_star(100 * 60 - 1) == 0
    assert eligible_star(100 * 60) == 1


@pytest.mark.parametrize(
    ("actor", "level", "unit_id", "until", "may"),
    [
        (CITY, 5, 7, (0, 2), True),
        (DISTRICT, 2, 7, (0, 2), True),
        (DISTRICT, 3, 7, (0, 2), False),
        (DISTRICT, 1, 9, (0, 2), False),
        (UNIT, 1, 7, (0, 2), False),
        (UNIT, 1, 7, (1, 2), True),
        (UNIT, 2, 7, (1, 2), False),
        (UNIT, 1, 8, (5, 5), False),
        (BOTH, 2, 7, (1, 3), False),
        (BOTH, 3, 9, (1, 3), True),
        (READER, 1, 7, (5, 5), False),
    ],
)
def test_r6_1_who_decides_follows_the_level_that_the_rules_leave(actor, level, unit_id, until, may):
    policy = Policy(star_unit_until=until[0], star_district_until=until[1])
    assert may_decide(actor, level, unit_id, policy) is may


def test_a_unit_never_decides_what_its_district_does_not():
    with refused("caps") as no:
        policy_with({"star_unit_until": 3}, rule_version="x")
    assert no.value.field == "star_unit_until"
    with pytest.raises(ValueError, match="no higher star"):
        Policy(star_unit_until=3)


@pytest.mark.parametrize(
    ("on", "months", "before"),
    [
        (date(2026, 11, 24), 0, date(2026, 11, 24)),
        (date(2026, 11, 24), 12, date(2025, 11, 24)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2028, 3, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 6, date(2026, 6, 30)),
    ],
)
def test_months_go_back_to_a_day_that_exists(on, months, before):
    assert months_before(on, months) == before


def test_the_window_and_the_time_of_registration_are_off_unless_set():
    on = date(2026, 11, 24)
    assert counted_since(on, Policy()) is None
    assert counted_since(on, Policy(star_months=12)) == date(2025, 11, 24)
    assert registered_by(on, Policy()) == on
    assert registered_by(on, Policy(star_registered_months=6)) == date(2026, 5, 24)


def test_publicity_counts_working_days_and_may_be_off():
    friday, calendar = date(2026, 11, 20), WorkCalendar({}, {})
    assert public_until(friday, Policy(), calendar) == date(2026, 11, 27)
    assert public_until(friday, Policy(star_publicity_workdays=0), calendar) == date(2026, 11, 19)


def test_names_of_stars():
    assert [star_name(n) for n in (0, 1, 5, 6)] == ["没有星级", "一星级志愿者", "五星级志愿者", "6 星级志愿者"]  # fmt: skip
