import pytest

from volunteer.domain.access import (
    COMMON,
    HOLDERS,
    READING,
    SYSTEM,
    Act,
    Actor,
    Grant,
    Scope,
    holds,
    may,
    require,
    require_other,
    scope_of,
)
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role

CITY = Actor(1, "市", grants=(Grant(Role.CITY_ADMIN),))
DISTRICT = Actor(
    2, "区", grants=(Grant(Role.DISTRICT_ADMIN, district_id=5, unit_ids=frozenset({50, 51})),)
)
ORGANIZER = Actor(
    3, "组织者", volunteer_id=33, unit_id=50,
    grants=(Grant(Role.ORGANIZER, unit_id=50, unit_ids=frozenset({51})),),
)  # fmt: skip
LEADER = Actor(4, "带队", volunteer_id=44, unit_id=50, led_shift_ids=frozenset({700}))
VOLUNTEER = Actor(5, "志愿者", volunteer_id=55, unit_id=50)
AUDITOR = Actor(6, "审计", grants=(Grant(Role.AUDITOR),))
NOBODY = Actor(7, "空账号")
EVERYONE = (CITY, DISTRICT, ORGANIZER, LEADER, VOLUNTEER, AUDITOR, NOBODY)


def test_every_act_has_its_holders():
    assert set(HOLDERS) == set(Act)
    assert all(HOLDERS.values())
    assert all(role in Role for roles in HOLDERS.values() for role in roles)


def test_the_auditor_reads_everything_and_writes_nothing():
    held = {act for act in Act if holds(AUDITOR, act)}
    assert held == READING | {Act.OWN_ACCOUNT, Act.OWN_MESSAGES}
    for act in READING:
        assert may(AUDITOR, act, unit_id=999)


def test_the_city_office_holds_all_that_is_not_personal():
    for act in Act:
        if not act.value.startswith("own_"):
            assert may(CITY, act, unit_id=999, district_id=9)


@pytest.mark.parametrize(
    ("actor", "act", "owner", "allowed"),
    [
        (DISTRICT, Act.MANAGE_PEOPLE, {"unit_id": 51}, True),
        (DISTRICT, Act.MANAGE_PEOPLE, {"unit_id": 60}, False),
        (DISTRICT, Act.MANAGE_PLACES, {"district_id": 5}, True),
        (DISTRICT, Act.MANAGE_PLACES, {"district_id": 6}, False),
        (DISTRICT, Act.MANAGE_PLACES, {"district_id": 5, "unit_id": 60}, True),
        (DISTRICT, Act.MANAGE_KINDS, {}, False),
        (DISTRICT, Act.MANAGE_SETTINGS, {}, False),
        (ORGANIZER, Act.MANAGE_SHIFTS, {"unit_id": 50}, True),
        (ORGANIZER, Act.MANAGE_SHIFTS, {"unit_id": 51}, True),
        (ORGANIZER, Act.MANAGE_SHIFTS, {"unit_id": 52}, False),
        (ORGANIZER, Act.VIEW_PEOPLE, {"unit_id": 52}, False),
        (ORGANIZER, Act.MANAGE_UNITS, {"unit_id": 50}, False),
        (ORGANIZER, Act.OWN_HOURS, {"volunteer_id": 33}, True),
        (ORGANIZER, Act.OWN_HOURS, {"volunteer_id": 34}, False),
        (ORGANIZER, Act.VIEW_PEOPLE, {"volunteer_id": 33}, False),
        (LEADER, Act.RUN_ONSITE, {"shift_id": 700}, True),
        (LEADER, Act.RUN_ONSITE, {"shift_id": 701}, False),
        (LEADER, Act.RUN_ONSITE, {"unit_id": 50}, False),
        (LEADER, Act.SETTLE, {"shift_id": 700}, False),
        (LEADER, Act.VIEW_PEOPLE, {}, False),
        (VOLUNTEER, Act.OWN_STAMPS, {"volunteer_id": 55}, True),
        (VOLUNTEER, Act.OWN_STAMPS, {"volunteer_id": 56}, False),
        (VOLUNTEER, Act.VIEW_HOURS, {"volunteer_id": 55}, False),
        (VOLUNTEER, Act.RUN_ONSITE, {"shift_id": 700}, False),
        (VOLUNTEER, Act.VIEW_PLACES, {"district_id": 3}, True),
        (AUDITOR, Act.SETTLE, {"unit_id": 50}, False),
        (NOBODY, Act.VIEW_PLACES, {}, False),
        (NOBODY, Act.OWN_ACCOUNT, {}, True),
        (NOBODY, Act.OWN_HOURS, {}, False),
    ],
)
def test_who_may(actor, act, owner, allowed):
    assert may(actor, act, **owner) is allowed


def test_another_units_object_does_not_exist():
    with pytest.raises(Refused) as no:
        require(ORGANIZER, Act.MANAGE_SHIFTS, unit_id=52)
    assert (no.value.code, no.value.status) == ("not_yours", 404)


def test_a_missing_right_is_named():
    with pytest.raises(Refused) as no:
        require(VOLUNTEER, Act.SETTLE, unit_id=50)
    assert (no.value.code, no.value.status) == ("not_allowed", 403)
    assert "结算时长" in no.value.sentence


def test_require_and_may_agree_everywhere():
    owners = [{}, {"unit_id": 50}, {"unit_id": 9}, {"shift_id": 700}, {"volunteer_id": 55}]
    for actor in EVERYONE:
        for act in Act:
            for owner in owners:
                if may(actor, act, **owner):
                    require(actor, act, **owner)
                else:
                    with pytest.raises(Refused):
                        require(actor, act, **owner)


def test_scope_is_the_union_of_roles():
    both = Actor(
        8, "兼任", volunteer_id=88,
        grants=(Grant(Role.ORGANIZER, unit_id=50), Grant(Role.DISTRICT_ADMIN, district_id=6)),
        led_shift_ids=frozenset({700}),
    )  # fmt: skip
    assert scope_of(both, Act.RUN_ONSITE) == Scope(
        district_ids=frozenset({6}), unit_ids=frozenset({50}), shift_ids=frozenset({700})
    )
    assert scope_of(both, Act.MANAGE_SETTINGS).is_empty
    assert scope_of(VOLUNTEER, Act.OWN_HOURS) == Scope(volunteer_id=55)
    assert scope_of(AUDITOR, Act.VIEW_HOURS).everything


def test_an_act_is_held_exactly_when_its_scope_is_not_empty():
    for actor in EVERYONE:
        for act in set(Act) - {Act.OWN_ACCOUNT, Act.OWN_MESSAGES}:
            assert holds(actor, act) is not scope_of(actor, act).is_empty


def test_common_ground_is_seen_by_all_who_hold_it():
    for act in COMMON:
        assert scope_of(VOLUNTEER, act).everything


def test_a_district_office_without_district_reaches_nothing():
    lost = Actor(9, "未配置", grants=(Grant(Role.DISTRICT_ADMIN),))
    assert scope_of(lost, Act.VIEW_PEOPLE).is_empty


def test_nobody_decides_on_the_own_hours():
    require_other(ORGANIZER, 34)
    require_other(SYSTEM, 34)
    with pytest.raises(Refused) as no:
        require_other(ORGANIZER, 33)
    assert no.value.code == "own_case"
